#include "actors/publisher.hpp"

#include "actors/code_points.hpp"
#include "actors/connection.hpp"
#include "actors/outcome_text.hpp"
#include "actors/wire_publication.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

/// The name of a request in the registry of its hub, for as long as the object lives.
class held_name {
public:
  held_name(std::shared_ptr<name_registry> names, name_bearer who,
            const std::vector<wire::message_command>& messages)
      : names_(std::move(names)), who_(std::move(who)) {
    for (const auto& m : messages)
      rooms_.insert(*m.room);
    held_ = names_->rename(nullptr, who_, views());
  }
  ~held_name() {
    if (held_)
      names_->remove(who_, views());
  }
  held_name(const held_name&) = delete;

  /// Returns false if another person has a confusable name in one of the rooms.
  bool is_held() const { return held_; }

private:
  std::vector<std::string_view> views() const { return {rooms_.begin(), rooms_.end()}; }

  const std::shared_ptr<name_registry> names_;
  const name_bearer who_;
  std::set<std::string> rooms_;
  bool held_ = false;
};

std::optional<publish_refusal> read_profile(publish_request& request) {
  if (!request.name && !request.secret)
    return {};
  if (request.by && request.by->verified)
    return publish_refusal{refusal_code::verified_name, "the token says whose message this is"};
  const auto field = [](std::optional<std::string>& given) {
    using kind = wire::hello_field::kind;
    return given ? wire::hello_field{kind::text, &*given} : wire::hello_field{};
  };
  auto read = wire::read_hello(field(request.name), field(request.secret));
  if (read.wrong)
    return publish_refusal{read.code, read.wrong};
  request.by = std::make_shared<const author_profile>(
      author_profile{std::move(read.name).value_or(""), std::move(read.person).value_or("")});
  return {};
}

/// Gives the single message the key of the request.
std::optional<publish_refusal> set_key(const publish_request& request, wire::publication& what) {
  if (!request.key)
    return {};
  if (!what.single)
    return publish_refusal{refusal_code::bad_key,
                           "Idempotency-Key is for a single message, and the "
                           "messages of an array have keys of their own"};
  const auto& key = *request.key;
  if (key.empty() || key.size() > wire::max_key ||
      !std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; }))
    return publish_refusal{refusal_code::bad_key,
                           "Idempotency-Key has 1 to 64 visible ASCII characters or spaces", 0};
  auto& own = what.messages.front().key;
  if (!own.empty() && own != key)
    return publish_refusal{refusal_code::bad_key,
                           "the message has another key than Idempotency-Key", 0};
  own = key;
  return {};
}

/// Names the room of each message.
std::optional<publish_refusal> set_rooms(const publish_request& request, wire::publication& what) {
  for (std::size_t i = 0; i < what.messages.size(); ++i) {
    auto& room = what.messages[i].room;
    if (!room)
      room = request.room;
    if (!allows(request.rooms, *room))
      return publish_refusal{refusal_code::forbidden, "the token does not allow this room", i};
  }
  return {};
}

publish_refusal too_fast(std::chrono::seconds wait) {
  return {refusal_code::too_fast, publishes_too_fast, {}, wait};
}

/// Returns why the hub can take no messages now.
std::optional<publish_refusal> find_obstacle(const hub_context& hub,
                                             const publish_request& request) {
  if (hub.ingress->has_space(*request.quota))
    return {};
  return publish_refusal{refusal_code::busy,
                         hub.ingress->log().available()
                             ? "too many messages wait to be stored; send it again later"
                             : "the database is away and no more can wait; send it again later",
                         {},
                         1s};
}

/// Returns why the hub cannot take these messages now.
std::optional<publish_refusal> find_obstacle(const hub_context& hub, const publish_request& request,
                                             const wire::publication& what) {
  const bool has_data = std::any_of(what.messages.begin(), what.messages.end(),
                                    [](const auto& m) { return !m.data.empty(); });
  if (has_data && hub.ingress->log().older_hub_lives())
    return publish_refusal{refusal_code::upgrading, upgrading_text, {}, 5s};
  return find_obstacle(hub, request);
}

draft_unit make_unit(const hub_context& hub, const publish_request& request,
                     std::vector<wire::message_command> messages) {
  draft_unit out{{}, request.quota, {}};
  const auto from = std::make_shared<author>(new_uuid(), std::uint32_t(messages.size()));
  out.drafts.reserve(messages.size());
  for (auto& m : messages) {
    draft d{from, std::move(*m.room), std::move(m.text), std::move(m.key),
            0,    request.by,         std::move(m.data)};
    hub.ingress->take(weight(d), *request.quota);
    out.drafts.push_back(std::move(d));
  }
  return out;
}

publish_result result_of(unit_outcome outcome) {
  if (!outcome.refused)
    return published{std::move(outcome.log), std::move(outcome.messages)};
  const auto why = *outcome.refused;
  const auto retry_after = why == refusal_code::upgrading ? 5s
                           : why == refusal_code::busy    ? 1s
                                                          : 0s;
  return publish_refusal{why, outcome_text(why), outcome.index, retry_after};
}

} // namespace

void publish(const hub_context& hub, publish_request request) {
  if (const auto wait = request.rate ? request.rate->wait() : 0s; wait > 0s)
    return request.answer(too_fast(wait));
  if (auto busy = find_obstacle(hub, request)) // before the body is parsed for nothing
    return request.answer(std::move(*busy));
  const auto cost = refused_body_tokens(request.body.size());
  const auto refuse = [&request, cost](publish_refusal why) {
    if (request.rate)
      request.rate->charge(cost);
    request.answer(std::move(why));
  };
  auto read = wire::read_publication(request.body, hub.max_data);
  request.body = {};
  if (auto* why = std::get_if<wire::publication_refusal>(&read))
    return refuse({why->code, std::move(why->message), why->index});
  auto& what = std::get<wire::publication>(read);
  auto fault = read_profile(request);
  if (!fault)
    fault = set_key(request, what);
  if (!fault)
    fault = set_rooms(request, what);
  if (fault)
    return refuse(std::move(*fault));
  if (auto obstacle = find_obstacle(hub, request, what))
    return request.answer(std::move(*obstacle));
  std::shared_ptr<held_name> name;
  if (request.by && !request.by->verified && !request.by->name.empty()) {
    const auto& by = *request.by;
    name = std::make_shared<held_name>(
        hub.names,
        name_bearer{skeletons_of(by.name), by.person.empty() ? to_string(new_uuid()) : by.person},
        what.messages);
    if (!name->is_held())
      return refuse({refusal_code::name_taken, "another person in one of the rooms has this "
                                               "name or one that looks alike"});
  }
  // The last check, so that a request that is refused for another reason does not pay for messages.
  if (const auto wait = request.rate ? request.rate->take(what.messages.size(), cost) : 0s;
      wait > 0s)
    return request.answer(too_fast(wait));
  const auto count = what.messages.size();
  auto unit = make_unit(hub, request, std::move(what.messages));
  hub.counters->add(counter::accepted, count);
  spdlog::debug("connection {} publishes {} messages", to_string(unit.drafts.front().from->id),
                count);
  unit.answer = std::make_shared<const std::function<void(unit_outcome)>>(
      [answer = std::move(request.answer), name](unit_outcome outcome) {
        answer(result_of(std::move(outcome)));
      });
  caf::anon_send(hub.persistence, std::move(unit));
}

} // namespace hubbub
