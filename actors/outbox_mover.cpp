#include "actors/outbox_mover.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

constexpr int max_rows = 1000;
constexpr std::size_t max_bytes = 4 << 20;

constexpr std::chrono::milliseconds first_pause{20}, longest_pause{500};

/// How long to wait while another hub moves rows. That hub looks again at every notification, so
/// the wait matters only if it crashes.
constexpr std::chrono::milliseconds busy_pause{50};

/// So many rows one after another, of which none is stored, are not the fault of the rows.
constexpr int most_unclear_rows = 10;

/// How often the actor may look by itself, and how many times it does not while notifications
/// arrive. A look is one statement.
constexpr std::chrono::seconds look_every{1};
constexpr int looks_skipped = 29;

} // namespace

outbox_mover_actor::behavior_type outbox_mover_state::start(pointer self, const log_factory& make,
                                                            outbox_mover_settings settings) {
  self_ = self;
  log_ = make();
  settings_ = std::move(settings);
  limits_.rows = max_rows;
  limits_.bytes = settings_.memory->share(max_bytes, 64);
  limits_.max_data = settings_.max_data;
  pause_ = first_pause;
  notified_ = true;
  move_soon();
  self_->delayed_send(self_, look_every, probe_atom_v);
  return {
      [this](outbox_atom) {
        notified_ = true;
        move_soon();
      },
      [this](listen_atom, bool listening) {
        if (std::exchange(listening_, listening) && !listening)
          move_soon(); // a notification may have been lost with the connection
      },
      [this](flush_batch_atom) {
        phase_ = phase::idle;
        move();
      },
      [this](retry_atom) {
        phase_ = phase::idle;
        move();
      },
      [this](probe_atom) {
        look();
        self_->delayed_send(self_, look_every, probe_atom_v);
      },
  };
}

/// Moves without a notification, if it is time. Rows with data have waited for the last older hub.
void outbox_mover_state::look() {
  const bool older_hub_gone = !limits_.with_data && !settings_.ingress->log().older_hub_lives();
  if (listening_ && !older_hub_gone && ++skipped_ <= looks_skipped)
    return;
  skipped_ = 0;
  move_soon();
}

void outbox_mover_state::move_soon() {
  if (phase_ != phase::idle)
    return;
  phase_ = phase::move_sent;
  self_->send(self_, flush_batch_atom_v);
}

/// Moves after the pause, and not before. To be called by a move.
void outbox_mover_state::move_after(std::chrono::milliseconds pause) {
  phase_ = phase::paused;
  self_->delayed_send(self_, pause, retry_atom_v);
}

void outbox_mover_state::move() {
  if (!settings_.ingress->log().available()) { // the persistence actor says why, and opens the log
    notified_ = true;
    move_after(longest_pause);
    return;
  }
  limits_.with_data = !settings_.ingress->log().older_hub_lives();
  limits_.expects_none = !std::exchange(notified_, false);
  try {
    handle(log_->move_outbox(limits_));
  } catch (const log_too_slow& e) {
    limits_.rows = std::max(limits_.rows / 2, 1);
    wait(e.what());
  } catch (const log_forked& e) {
    self_->send(settings_.persistence, log_advanced{0, true});
    wait(e.what());
  } catch (const log_replaced& e) {
    self_->send(settings_.persistence, log_advanced{0, true});
    wait(e.what());
  } catch (const std::exception& e) {
    wait(e.what());
  }
}

/// Tries again after a failure that is not the fault of a row. Nothing was moved, or all of it.
void outbox_mover_state::wait(const std::string& why) {
  if (reason_.is_new(why))
    spdlog::warn("messages of the outbox cannot be moved for now: {}", why);
  notified_ = true;
  move_after(pause_);
  pause_ = std::min(2 * pause_, longest_pause);
}

void outbox_mover_state::handle(const outbox_progress& done) {
  switch (done.state) {
  case outbox_progress::status::absent:
    if (!done.why.empty() && reason_.is_new(done.why))
      spdlog::warn("messages that are published by SQL are not moved by this hub: {}", done.why);
    return; // the next look by itself asks again
  case outbox_progress::status::busy:
    notified_ = true;
    move_after(busy_pause);
    return;
  case outbox_progress::status::refused:
    handle_refusal(done);
    return;
  case outbox_progress::status::done:
    break;
  }
  if (reason_.clear())
    spdlog::info("messages of the outbox are moved again");
  pause_ = first_pause;
  suspect_ = limits_.unstorable = 0;
  if (done.stored || done.repeated || !done.aside)
    unclear_rows_ = 0;
  if (done.stored || done.repeated || done.aside) {
    limits_.rows = std::min(2 * limits_.rows, max_rows);
    settings_.counters->add(counter::outbox_moved, done.stored);
    settings_.counters->add(counter::outbox_repeated, done.repeated);
    settings_.counters->add(counter::outbox_failed, done.aside);
    spdlog::debug("moved {} messages from the outbox up to id {}", done.stored, done.newest);
  }
  if (done.aside)
    spdlog::warn("{} messages of the outbox cannot be stored: they are in hubbub_outbox_failed, "
                 "with the reason",
                 done.aside);
  if (done.newest)
    self_->send(settings_.persistence, log_advanced{done.newest, false});
  if (done.more) {
    notified_ = true;
    move_soon();
  } else if (const auto now = clock::now(); done.look_again > 0ms && now >= next_look_) {
    next_look_ = now + done.look_again;
    self_->delayed_send(self_, done.look_again, outbox_atom_v);
  }
}

/// Finds a row that the log refuses, and lets the next move set it aside.
void outbox_mover_state::handle_refusal(const outbox_progress& refused) {
  notified_ = true;
  if (refused.tried == 0) { // all rows of the move are set aside, and the database refuses that
    wait(refused.why);
    return;
  }
  if (refused.tried > 1) {
    limits_.rows = int(refused.tried / 2);
    move_soon();
    return;
  }
  if (refused.unclear) {
    log_->check(); // throws if the log is the cause
    if (std::exchange(suspect_, refused.first) != refused.first) {
      move_soon();
      return;
    }
    if (unclear_rows_ == most_unclear_rows) {
      wait("the database refuses one message after another: " + refused.why);
      return;
    }
    ++unclear_rows_;
  }
  spdlog::warn("the database refuses a message of the outbox: {}", refused.why);
  limits_.unstorable = refused.first;
  move_soon();
}

} // namespace hubbub
