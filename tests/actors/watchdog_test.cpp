#include "actors/watchdog.hpp"

#include "tests/actors/stage.hpp"

#include <future>

using namespace test;

namespace {

/// The log of a database that never answers: a call ends only when it is interrupted.
struct silent_log final : hubbub::log {
  explicit silent_log(std::shared_ptr<std::promise<void>> c) : cut(std::move(c)) {}
  opened_log open() override { return {}; }
  std::optional<std::size_t> find_refused(std::span<const draft>) override { return 0; }
  appended append(std::span<draft>) override {
    cut->get_future().wait();
    throw log_unavailable("interrupted");
  }
  log_page after(row_id, row_id, page_limit) override { return {}; }
  log_page after(const std::string&, row_id, page_limit) override { return {}; }
  row_id cursor_at(const std::string&, instant) override { return 0; }
  log_page search(const std::string&, const std::string&, row_id, page_limit) override {
    return {};
  }
  log_page before(const std::string&, row_id, page_limit) override { return {}; }
  std::vector<log_page> newest(const std::vector<std::string>&, row_id, page_limit,
                               std::size_t) override {
    return {};
  }
  std::int64_t count(const std::string&, row_id, row_id, std::int64_t) override { return 0; }
  row_id newest_id() override { return 0; }
  void check() override {}
  void verify() override {}
  void interrupt() override { cut->set_value(); }
  std::shared_ptr<std::promise<void>> cut;
};

} // namespace

TEST_CASE("a call that takes too long is interrupted, and a shorter one is not") {
  stage s;
  const auto calls = std::make_shared<inflight_calls>();
  calls->set_watchdog(s.system.spawn(watchdog, calls));
  const auto log =
      with_deadlines(std::make_unique<silent_log>(std::make_shared<std::promise<void>>()), calls);
  auto call = std::async(std::launch::async, [&] {
    std::vector<draft> none;
    CHECK_THROWS_AS(log->append(none), log_unavailable);
  });
  while (!calls->check(1h)) // until the call has begun
    std::this_thread::yield();
  CHECK(call.wait_for(0s) == std::future_status::timeout);
  calls->check(0s);
  call.get();
  CHECK_FALSE(calls->check(0s)); // no call is in flight
  calls->set_watchdog({});
  s.run();
}
