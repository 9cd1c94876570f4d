// What the parts of the broadcaster get of the actor: requests to history, and delayed messages.
// Knows: CAF, and which part calls back when. Must not know: what the parts do.
#include "actors/broadcaster.hpp"

namespace hubbub {

namespace {

constexpr std::chrono::milliseconds retry_after{250}; ///< After history has failed.

/// The time between two announcements of the number of people: to a room, and to the other hubs.
constexpr std::chrono::seconds announce_every{1};

/// Asks history, and calls back with its result, or with a value that is empty after an error.
template<class Result, class Request, class Given>
void ask(broadcaster_state::pointer self, const history_actor& history, Request what,
         std::function<void(Given)> answer) {
  const auto back = std::make_shared<std::function<void(Given)>>(std::move(answer));
  self->request(history, caf::infinite, std::move(what))
      .then([back](const Result& result) { (*back)(result); },
            [back](const caf::error&) { (*back)({}); });
}

} // namespace

void broadcaster_state::make_parts(const broadcaster_settings& settings) {
  fanout_.emplace(settings.chunk_bytes, settings.memory);
  tails_.emplace(log_, tail_cache::sizes{settings.tail_bytes, settings.chunk_bytes},
                 settings.memory, tails_port());
  catch_up_.emplace(log_, settings.delivery_bytes, settings.memory, settings.counters,
                    catch_up_port());
  presence_.emplace(settings.peers, presence_port());
}

tail_cache::port broadcaster_state::tails_port() {
  return {
      [this](rooms_request what, std::function<void(const first_pages&)> answer) {
        ask<first_pages>(self_, history_, std::move(what), std::move(answer));
      },
      [this] { self_->delayed_send(self_, retry_after, load_tails_atom_v); },
      [this](const std::string& name, std::vector<attach> waiting) {
        auto& room = rooms_.at(name);
        for (auto& a : waiting)
          answer_attach(name, room, std::move(a));
      },
  };
}

catch_up_queue::port broadcaster_state::catch_up_port() {
  return {
      [this](page_request what, std::function<void(const page&)> answer) {
        ask<page>(self_, history_, std::move(what), std::move(answer));
      },
      [this](std::function<void(std::optional<row_id>)> answer) {
        ask<row_id>(self_, history_, newest_atom_v, std::move(answer));
      },
      [this](count_request what, std::function<void(std::optional<std::int64_t>)> answer) {
        ask<std::int64_t>(self_, history_, std::move(what), std::move(answer));
      },
      [this](const std::string& name) {
        const auto at = rooms_.find(name);
        return at == rooms_.end() ? 0 : at->second.members.room;
      },
      [this](attach a) { attach_session(std::move(a)); },
      [this](attach a) { self_->delayed_send(self_, retry_after, std::move(a)); },
  };
}

presence::port broadcaster_state::presence_port() {
  return {
      [this](const std::string& name, room_ref ref) {
        self_->delayed_send(self_, announce_every, announce_presence{name, ref});
      },
      [this] { self_->delayed_send(self_, announce_every, report_atom_v); },
      [this](const std::string& name) {
        const auto at = rooms_.find(name);
        return at == rooms_.end() ? nullptr : &at->second.people;
      },
  };
}

} // namespace hubbub
