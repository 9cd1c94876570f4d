#include "tests/torture/publisher.hpp"

#include "tests/support/http.hpp"

#include <nlohmann/json.hpp>

namespace torture {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const std::vector<std::string> rooms{"lobby", "garden", "attic", "published"};
const std::string prefix = "unit ";

} // namespace

unit_name unit_of(const std::string& text) {
  if (!text.starts_with(prefix))
    return {};
  const auto of = text.find(" of "), end = text.find(' ', prefix.size());
  return {text.substr(prefix.size(), end - prefix.size()), std::stoul(text.substr(of + 4))};
}

publisher::publisher(int index, std::uint64_t seed, shared_state& shared)
    : index_{index}, shared_{shared}, random_{seed, 10'000 + static_cast<std::uint64_t>(index)} {}

void publisher::run() {
  while (shared_.now != phase::over) {
    if (unit_.empty() && shared_.now == phase::storm && !shared_.quiet)
      make_unit();
    if (unit_.empty())
      done_in_ = shared_.now.load();
    if (unit_.empty() || shared_.quiet) {
      shared_.rest(20ms);
      continue;
    }
    try {
      if (!send_unit())
        shared_.rest(random_.pause(150ms));
      else if (random_.chance(0.7))
        shared_.rest(random_.pause(100ms));
    } catch (const json::exception& error) {
      shared_.found.violation(state() + ": " + error.what());
    } catch (const std::exception&) { // the hub has gone, or the answer took too long
      shared_.found.count("publications without an answer");
      shared_.rest(random_.pause(150ms));
    }
  }
}

/// A tenth of the messages repeat earlier ones, which are acknowledged.
void publisher::make_unit() {
  const auto acknowledged = record_.posts.size();
  const auto size = random_.chance(0.1) ? random_.between<std::size_t>(20, 50)
                                        : random_.between<std::size_t>(1, 8);
  const auto name = std::to_string(index_) + '.' + std::to_string(units_++);
  for (std::size_t i = 1; i <= size; ++i) {
    unit_.push_back(record_.posts.size());
    record_.posts.push_back(
        {{random_.pick(rooms)},
         prefix + name + " message " + std::to_string(i) + " of " + std::to_string(size),
         "p " + name + '.' + std::to_string(i),
         {}});
  }
  while (acknowledged > 0 && random_.chance(0.3)) {
    const auto at = unit_.begin() + random_.between<std::ptrdiff_t>(0, std::ssize(unit_));
    unit_.insert(at, random_.between<std::size_t>(0, acknowledged - 1));
    shared_.found.count("repeated keys in publications");
  }
  shared_.found.count("publications");
}

/// Sends the unit once. Returns whether it is acknowledged. Throws if there is no answer in time.
bool publisher::send_unit() {
  auto body = json::array();
  for (const auto i : unit_) {
    const auto& post = record_.posts[i];
    body.push_back({{"room", *post.rooms.begin()}, {"text", post.text}, {"key", post.key}});
  }
  const auto patience = shared_.now == phase::storm
                            ? test::deadline{std::chrono::milliseconds{random_.between(20, 4000)}}
                            : test::deadline{test::patience / 4};
  const auto answer = test::fetch(
      shared_.port, {"POST", "/messages", {{"Content-Type", "application/json"}}, body.dump()},
      patience);
  if (answer.field("Content-Length") != std::to_string(answer.body.size()))
    throw std::runtime_error("the answer was cut"); // and so is lost
  ++answers_;
  if (answer.status == 200 || answer.status == 201) {
    take_answer(answer.body);
    return true;
  }
  const auto code = json::parse(answer.body).at("code").get<std::string>();
  shared_.found.count("publications refused, " + code);
  if (answer.status != 503 || !answer.has("Retry-After"))
    shared_.found.violation(state() + " was answered " + std::to_string(answer.status) + ' ' +
                            answer.body);
  return false;
}

void publisher::take_answer(const std::string& body) {
  const auto answer = json::parse(body);
  if (!shared_.is_log(answer.at("log")))
    shared_.found.violation("the log has another name: " + answer.at("log").dump());
  const auto& messages = answer.at("messages");
  if (messages.size() != unit_.size())
    shared_.found.violation(state() + " was answered with " + std::to_string(messages.size()) +
                            " messages");
  for (std::size_t i = 0; i < unit_.size(); ++i) {
    auto& post = record_.posts[unit_[i]];
    const receipt now{messages.at(i).at("id"), messages.at(i).at("user_message_number")};
    if (post.ack && *post.ack != now)
      post.earlier_acks.push_back(*post.ack); // the log has lost it, as the checker will find
    post.ack = now;
  }
  unit_.clear();
  shared_.found.count("publications acknowledged");
}

std::string publisher::state() const {
  return "publisher " + std::to_string(index_) + " has " + std::to_string(answers_) + " answers";
}

} // namespace torture
