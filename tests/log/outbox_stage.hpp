// A database with a log, an application that publishes by SQL, and the hub that moves.
#pragma once

#include "tests/log/one_hub.hpp"

namespace test {

using strings = std::vector<std::string>;

/// A database with a log, and the hub that moves.
struct outbox_stage {
  postgres db;
  one_hub hub{db};
  outbox_stage() { hub.writes->open(); }

  /// Moves once. A search that was put off, because the machine is slow, is waited for.
  hubbub::outbox_progress move(const hubbub::outbox_limits& most = {}) {
    auto done = hub.writes->move_outbox(most);
    while (done.stored + done.repeated + done.aside == 0 && done.look_again.count() > 0)
      done = hub.writes->move_outbox(most);
    return done;
  }

  void publish(const std::string& arguments) { db.sql("select hubbub_publish(" + arguments + ")"); }

  strings stored() { return texts(hub.reads->after(0, hubbub::no_end, 1000)); }

  rows failed() { return db.sql("select text, why from hubbub_outbox_failed order by number"); }

  std::string waiting() { return db.value("select count(*) from hubbub_outbox"); }
};

} // namespace test
