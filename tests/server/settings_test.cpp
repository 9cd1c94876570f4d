// Settings from the environment and from flags. A wrong setting ends the start with one clear line.
#include "tests/support/postgres.hpp"
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("settings");

namespace {

std::string flag_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return "--" + name;
}

void check_refused(const outcome& end, const std::string& name) {
  CAPTURE(end.err);
  CHECK(end.code == 2);
  CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
  auto upper = end.err;
  for (auto& c : upper)
    c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  CHECK(upper.find(name) != std::string::npos);
}

/// The port that a running hub names in its first line.
std::uint16_t port_of(process& hub) {
  auto line = hub.line(stream::out);
  auto mark = std::string{"http://127.0.0.1:"};
  auto at = line.find(mark);
  REQUIRE(at != line.npos);
  return static_cast<std::uint16_t>(std::stoi(line.substr(at + mark.size())));
}

} // namespace

TEST_CASE("a wrong setting causes one line on standard error and exit code 2") {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"PORT", "abc"},
      {"PORT", "70000"},
      {"PORT", "-1"},
      {"PORT", "8080x"},
      {"DATABASE_URL", "mysql://x"},
      {"DATABASE_URL", "nonsense"},
      {"THREADS", "0"},
      {"THREADS", "-2"},
      {"THREADS", "many"},
      {"OUTBOX_LIMIT", "-1"},
      {"OUTBOX_LIMIT", "lots"},
      {"RATE_LIMIT", "-1"},
      {"RATE_LIMIT", "fast"},
      {"RATE_LIMIT", "nan"},
      {"RATE_LIMIT_PER_IP", "-1"},
      {"RATE_LIMIT_PER_IP", "nan"},
      {"OPENS_PER_IP", "fast"},
      {"ALLOWED_ORIGINS", "*.example.com"},
      {"ALLOWED_ORIGINS", "https://a.example/app"},
      {"ALLOWED_ORIGINS", "https://a.example https://b.example"},
      {"ALLOWED_ORIGINS", "https://a.example,b.example"},
      {"ALLOWED_ORIGINS", "wss://a.example"},
      {"TRUSTED_PROXIES", "localhost"},
      {"TRUSTED_PROXIES", "10.0.0.0/33"},
      {"TRUSTED_PROXIES", "::1,10.0.0"},
      {"KEEPALIVE_TIMEOUT", "0"},
      {"KEEPALIVE_TIMEOUT", "1.5"},
      {"MAX_ROOMS", "0"},
      {"MAX_ROOMS", "10001"},
      {"MAX_ROOMS", "-1"},
      {"MAX_ROOMS", "1.5"},
      {"MAX_DATA", "257K"},
      {"MAX_CONNECTIONS", "-1"},
      {"MAX_CONNECTIONS", "x"},
      {"MAX_CONNECTIONS_PER_IP", "-1"},
      {"DEBUG", "banana"},
      {"PUBLIC_DIR", "/nonexistent"},
      {"HOST", "not an address"}};
  sqlite db;
  for (auto& [name, value] : wrong) {
    CAPTURE(name);
    CAPTURE(value);
    settings all{{"HOST", "127.0.0.1"}, {"PORT", "0"}, {"DATABASE_URL", db.url()}};
    auto by_flag = all;
    by_flag.erase(name);
    check_refused(run(hub_command(by_flag, {flag_of(name) + '=' + value})), name);
    all[name] = value;
    check_refused(run(hub_command(all)), name);
  }
}

TEST_CASE("an unknown flag causes one line on standard error and exit code 2") {
  check_refused(run(hub_command({}, {"--frobnicate"})), "FROBNICATE");
}

TEST_CASE("--help lists every setting") {
  auto help = run(hub_command({}, {"--help"}));
  CHECK(help.code == 0);
  for (auto name :
       {"--host", "--port", "--database-url", "--public-dir", "--rate-limit", "--threads",
        "--max-connections", "--outbox-limit", "--allowed-origins", "--rate-limit-per-ip",
        "--opens-per-ip", "--trusted-proxies", "--max-rooms", "--max-data"})
    CHECK(help.out.find(name) != std::string::npos);
}

TEST_CASE("a flag overrides the environment, and port 0 means any free port") {
  sqlite db;
  process hub{hub_command({{"HOST", "127.0.0.1"}, {"PORT", "1"}, {"DATABASE_URL", "mysql://x"}},
                          {"--port", "0", "--database-url", db.url(), "--rate-limit", "0"})};
  auto port = port_of(hub);
  CHECK(port > 1);
  eventually("/health to answer 200", [&] { return fetch(port, "/health").status == 200; });
}

TEST_CASE("without DATABASE_URL the database is a file in the working folder") {
  temp_dir folder;
  auto command = hub_command({{"HOST", "127.0.0.1"}, {"PORT", "0"}});
  command.folder = folder.path();
  process hub{command};
  ws_client{port_of(hub)}.next();
  CHECK(std::filesystem::exists(folder.path() / "hubbub.db"));
}

TEST_CASE("a relative SQLite path is relative to the working folder") {
  temp_dir folder;
  auto command =
      hub_command({{"HOST", "127.0.0.1"}, {"PORT", "0"}, {"DATABASE_URL", "sqlite:///here.db"}});
  command.folder = folder.path();
  process hub{command};
  ws_client{port_of(hub)}.next();
  CHECK(std::filesystem::exists(folder.path() / "here.db"));
}

TEST_CASE("the hub understands every URL scheme of PostgreSQL that the old chat understood") {
  postgres db;
  auto rest = db.url().substr(db.url().find("://"));
  for (std::string scheme : {"postgresql", "postgres", "postgresql+asyncpg"}) {
    CAPTURE(scheme);
    hub hub{settings{{"DATABASE_URL", scheme + rest}}};
    visitor alice{hub};
    alice.say("hello");
    CHECK(alice.hears()["text"] == "hello");
  }
}

TEST_CASE("a password may contain characters that a URL has to escape") {
  postgres db;
  db.sql(
      R"(create role odd login password 'p@ss:w/r d?#%''\é'; grant create on schema public to odd;
            alter schema public owner to odd)");
  auto at = db.url().find("hubbub:secret");
  hub hub{settings{
      {"DATABASE_URL", db.url().replace(at, 13, "odd:p%40ss%3Aw%2Fr%20d%3F%23%25%27%5C%C3%A9")}}};
  visitor alice{hub};
  alice.say("hello");
  CHECK(alice.hears()["text"] == "hello");
}

TEST_SUITE_END();
