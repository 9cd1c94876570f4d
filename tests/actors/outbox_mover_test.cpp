// When the outbox is moved, and what follows a failure.
#include "actors/outbox_mover.hpp"
#include "tests/actors/stage.hpp"

#include <deque>

using namespace test;
using status = outbox_progress::status;

namespace {

/// What the log answers to the next moves, and what it was asked.
struct outbox_script {
  std::deque<outbox_progress> answers; ///< After the last one: nothing is in the outbox.
  std::vector<outbox_limits> asked;
  int unavailable = 0; ///< The number of next moves that fail.
  int checks = 0;      ///< Calls of `check`, so far.
};

class scripted_log final : public log {
public:
  explicit scripted_log(std::shared_ptr<outbox_script> script) : script_(std::move(script)) {}

  outbox_progress move_outbox(const outbox_limits& most) override {
    script_->asked.push_back(most);
    if (script_->unavailable-- > 0)
      throw log_unavailable("the test says so");
    if (script_->answers.empty())
      return {};
    auto next = script_->answers.front();
    script_->answers.pop_front();
    return next;
  }
  void check() override { ++script_->checks; }

  opened_log open() override { return {}; }
  appended append(std::span<draft>) override { return {}; }
  std::optional<std::size_t> find_refused(std::span<const draft>) override { return 0; }
  log_page after(row_id, row_id, page_limit) override { return {}; }
  log_page after(const std::string&, row_id, page_limit) override { return {}; }
  log_page before(const std::string&, row_id, page_limit) override { return {}; }
  row_id cursor_at(const std::string&, instant) override { return 0; }
  log_page search(const std::string&, const std::string&, row_id, page_limit) override {
    return {};
  }
  std::vector<log_page> newest(const std::vector<std::string>&, row_id, page_limit,
                               std::size_t) override {
    return {};
  }
  std::int64_t count(const std::string&, row_id, row_id, std::int64_t) override { return 0; }
  row_id newest_id() override { return 0; }
  void verify() override {}
  void interrupt() override {}

private:
  std::shared_ptr<outbox_script> script_;
};

struct mover_stage : whole_hub {
  std::shared_ptr<outbox_script> script = std::make_shared<outbox_script>();
  outbox_mover_actor mover;

  mover_stage() {
    run();
    mover = system.spawn(
        hubbub::outbox_mover,
        log_factory([s = script] { return std::make_unique<scripted_log>(s); }),
        outbox_mover_settings{persistence, ingress, counters, std::make_shared<memory_budget>()});
    run();
    script->asked.clear();
  }
  ~mover_stage() { caf::anon_send_exit(mover, caf::exit_reason::kill); }

  void notify() {
    caf::anon_send(mover, outbox_atom_v);
    run();
  }

  std::vector<int> rows_asked() const {
    std::vector<int> out;
    for (const auto& each : script->asked)
      out.push_back(each.rows);
    return out;
  }

  std::uint64_t counted(counter::slot what) const { return counters->sum()[what]; }
};

outbox_progress refused(std::size_t tried, row_id first, bool unclear = false) {
  outbox_progress out;
  out.state = status::refused;
  out.tried = tried;
  out.first = first;
  out.unclear = unclear;
  out.why = "a constraint";
  return out;
}

outbox_progress moved(std::size_t stored, bool more = false) {
  outbox_progress out;
  out.stored = stored;
  out.more = more;
  return out;
}

} // namespace

TEST_CASE("a notification moves, and moves go on while there are more rows") {
  mover_stage on;
  on.script->answers = {moved(3, true), moved(2)};
  on.notify();
  CHECK(on.script->asked.size() == 2);
  CHECK_FALSE(on.script->asked.front().expects_none);
  CHECK(on.counted(counter::outbox_moved) == 5);
}

TEST_CASE("without notifications the mover looks once a second, else twice a minute") {
  mover_stage on;
  for (int i = 0; i < 10; ++i)
    on.pass(1s);
  CHECK(on.script->asked.size() == 10);
  CHECK(on.script->asked.back().expects_none);
  caf::anon_send(on.mover, listen_atom_v, true);
  on.pass(1s);
  on.script->asked.clear();
  for (int i = 0; i < 60; ++i)
    on.pass(1s);
  CHECK(on.script->asked.size() == 2);
}

TEST_CASE("when notifications no longer arrive, the mover looks at once and then once a second") {
  mover_stage on;
  caf::anon_send(on.mover, listen_atom_v, true);
  for (int i = 0; i < 35; ++i)
    on.pass(1s);
  on.script->asked.clear();
  caf::anon_send(on.mover, listen_atom_v, false);
  caf::anon_send(on.mover, listen_atom_v, false); // the listener says so at every try
  on.run();
  CHECK(on.script->asked.size() == 1);
  for (int i = 0; i < 3; ++i)
    on.pass(1s);
  CHECK(on.script->asked.size() == 4);
}

TEST_CASE("when the last older hub has gone, rows with data are moved within a second") {
  mover_stage on;
  caf::anon_send(on.mover, listen_atom_v, true);
  on.ingress->log().set_older_hub_lives(true);
  on.notify();
  CHECK_FALSE(on.script->asked.back().with_data);
  on.ingress->log().set_older_hub_lives(false);
  on.pass(1s);
  CHECK(on.script->asked.back().with_data);
}

TEST_CASE("a row that the log refuses is found by halving, and set aside") {
  mover_stage on;
  on.script->answers = {refused(8, 1), refused(4, 1), moved(2, true),
                        refused(2, 3), refused(1, 3), moved(1)};
  on.script->answers.back().aside = 1;
  on.notify();
  CHECK(on.rows_asked() == std::vector<int>{1000, 4, 2, 4, 1, 1});
  CHECK(on.script->asked.back().unstorable == 3);
  CHECK(on.script->checks == 0);
  CHECK(on.counted(counter::outbox_failed) == 1);
}

TEST_CASE("where the log may be the cause, it is checked, and a row is set aside the second time") {
  mover_stage on;
  on.script->answers = {refused(1, 5, true), refused(1, 5, true), moved(0)};
  on.notify();
  CHECK(on.script->checks == 2);
  REQUIRE(on.script->asked.size() == 3);
  CHECK(on.script->asked[1].unstorable == 0);
  CHECK(on.script->asked[2].unstorable == 5);
}

TEST_CASE("where rows cannot be set aside, the move is tried again after a pause") {
  mover_stage on;
  on.script->answers = {refused(0, 0), refused(0, 0), moved(1)};
  on.notify();
  CHECK(on.script->asked.size() == 1);
  on.pass(20ms);
  CHECK(on.script->asked.size() == 2);
  on.pass(40ms);
  CHECK(on.counted(counter::outbox_moved) == 1);
}

TEST_CASE("where the log refuses one row after another, ten are set aside and the others wait") {
  mover_stage on;
  auto aside = moved(0, true);
  aside.aside = 1;
  for (row_id row = 1; row <= 10; ++row)
    for (const auto& each : {refused(1, row, true), refused(1, row, true), aside})
      on.script->answers.push_back(each);
  for (int tries = 0; tries < 4; ++tries)
    on.script->answers.push_back(refused(1, 11, true));
  on.script->answers.push_back(moved(1)); // the operator has removed the cause
  on.notify();
  CHECK(on.counted(counter::outbox_failed) == 10);
  CHECK(on.script->asked.size() == 32);
  for (int pause = 0; pause < 3; ++pause) {
    on.pass(500ms);
    CHECK(on.script->asked.back().unstorable == 0);
  }
  CHECK(on.counted(counter::outbox_failed) == 10);
  CHECK(on.counted(counter::outbox_moved) == 1);
}

TEST_CASE("a move that fails is tried again after a pause, and nothing is set aside") {
  mover_stage on;
  on.script->unavailable = 2;
  on.script->answers = {moved(1)};
  on.notify();
  CHECK(on.script->asked.size() == 1);
  on.notify(); // does not shorten the pause
  CHECK(on.script->asked.size() == 1);
  on.pass(20ms);
  CHECK(on.script->asked.size() == 2);
  on.pass(40ms);
  CHECK(on.script->asked.size() == 3);
  CHECK(on.counted(counter::outbox_moved) == 1);
}

TEST_CASE("while another hub moves, the mover waits, and while the log is away it asks nothing") {
  mover_stage on;
  outbox_progress busy;
  busy.state = status::busy;
  on.script->answers = {busy};
  on.notify();
  on.notify();
  CHECK(on.script->asked.size() == 1);
  on.pass(50ms);
  CHECK(on.script->asked.size() == 2);
  on.ingress->log().set_available(false);
  on.notify();
  CHECK(on.script->asked.size() == 2);
  on.ingress->log().set_available(true);
  on.pass(500ms);
  CHECK(on.script->asked.size() >= 3);
}

TEST_CASE("while an older hub lives, rows with data are left where they are") {
  mover_stage on;
  on.ingress->log().set_older_hub_lives(true);
  on.notify();
  CHECK_FALSE(on.script->asked.back().with_data);
  on.ingress->log().set_older_hub_lives(false);
  on.notify();
  CHECK(on.script->asked.back().with_data);
}
