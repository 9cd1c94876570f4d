#include "actors/health.hpp"

#include "tests/actors/stage.hpp"
#include "tests/support/deadline.hpp"

#include <future>

using namespace test;

namespace {

/// A database that hangs until it is told to go on.
struct hanging_log final : hubbub::log {
  explicit hanging_log(std::shared_future<void> f) : free(std::move(f)) {}
  std::string open() override { return ""; }
  appended append(std::span<draft>) override { return {}; }
  std::vector<message> after(row_id, row_id, int) override { return {}; }
  std::vector<message> after(const std::string&, row_id, int) override { return {}; }
  std::vector<message> before(const std::string&, row_id, int) override { return {}; }
  std::vector<message> newest(const std::vector<std::string>&, row_id, int) override { return {}; }
  row_id newest() override { return 0; }
  void check() override { free.wait(); }
  void interrupt() override {}
  std::shared_future<void> free;
};

} // namespace

TEST_CASE(
    "a database that hangs is reported within a second, to all who ask, and its return as well") {
  stage s;
  std::promise<void> hang;
  auto prober = s.system.spawn<caf::detached>(
      hubbub::prober,
      log_factory([free = hang.get_future().share()]() -> std::unique_ptr<hubbub::log> {
        return std::make_unique<hanging_log>(free);
      }));
  s.accepted->log_well(true);
  auto actor =
      s.system.spawn(health, prober, std::shared_ptr<const intake>(s.accepted),
                     std::vector<patient>{}, std::vector<std::shared_ptr<const heartbeat>>{});
  std::vector<bool> answers;
  const auto ask = [&] {
    caf::anon_send(actor, health_question{[&answers](const state_of_health& how) {
                     answers.push_back(how.database);
                   }});
    s.run();
  };
  ask();
  ask();
  CHECK(answers.empty());
  s.pass(950ms);
  CHECK(answers == std::vector<bool>{false, false});
  ask(); // still hangs: answered at once
  CHECK(answers.size() == 3);
  hang.set_value();
  eventually("health is good again", [&] {
    answers.clear();
    ask();
    return answers == std::vector<bool>{true};
  });
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(prober, caf::exit_reason::user_shutdown);
  actor = nullptr;
  prober = nullptr;
  s.run();
}
