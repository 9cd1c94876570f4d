#include "tests/torture/sql_publisher.hpp"

#include "tests/support/postgres.hpp"

#include <array>
#include <unordered_set>

namespace torture {

using namespace std::chrono_literals;

namespace {

constexpr std::array rooms{"lobby", "room-1", "room-2"};

} // namespace

sql_publisher::sql_publisher(int number, std::uint64_t seed, std::string url, shared_state& shared)
    : number_{number}, random_{seed, 5'000'000 + std::uint64_t(number)}, url_{std::move(url)},
      shared_{shared}, thread_{&sql_publisher::run, this} {}

void sql_publisher::end() {
  if (thread_.joinable())
    thread_.join();
}

void sql_publisher::run() {
  while (shared_.now == phase::storm)
    try {
      if (!session_)
        session_ = test::sql_at(url_);
      if (!shared_.quiet)
        transaction();
      shared_.rest(random_.pause(40ms));
    } catch (const std::exception&) { // the database is away, or has no hub yet
      session_.reset();
      shared_.rest(100ms);
    }
  session_.reset();
}

void sql_publisher::transaction() {
  session_->sql("begin");
  auto said = publish_some();
  const bool is_long = random_.chance(0.02);
  if (is_long)
    shared_.rest(std::chrono::milliseconds{random_.between(2'000, 60'000)});
  if (random_.chance(0.3)) {
    session_->sql("rollback");
    shared_.found.count("SQL transactions rolled back");
    return;
  }
  bool certain = true;
  try {
    session_->sql("commit");
  } catch (const std::exception&) {
    certain = false;
  }
  for (auto& one : said) {
    if (certain)
      committed_.push_back(one.text);
    record_.posts.push_back({{one.room}, one.text, one.key, {}});
    if (certain && !one.key.empty())
      repeatable_.push_back(std::move(one));
  }
  shared_.found.count(certain ? "SQL transactions committed" : "SQL transactions in doubt");
  if (is_long && certain)
    shared_.found.count("SQL transactions that were open for long");
  if (!certain)
    session_.reset();
}

/// Returns what the transaction has published and not rolled back to a savepoint.
std::vector<sql_publisher::message> sql_publisher::publish_some() {
  std::vector<message> kept;
  for (int left = random_.between(1, 4); left > 0; --left) {
    const bool undone = random_.chance(0.2);
    auto one = next();
    if (undone)
      session_->sql("savepoint s");
    publish(one);
    if (undone)
      session_->sql("rollback to s");
    else
      kept.push_back(std::move(one));
  }
  if (!repeatable_.empty() && random_.chance(0.2))
    publish(random_.pick(repeatable_)); // has the key of a message that is published already
  return kept;
}

void sql_publisher::publish(const message& what) {
  session_->sql("select hubbub_publish('" + what.room + "', '" + what.text + "', key => " +
                (what.key.empty() ? "null" : "'" + what.key + "'") + ")");
}

sql_publisher::message sql_publisher::next() {
  const auto text = "sql " + std::to_string(number_) + " message " + std::to_string(++texts_);
  return {random_.pick(rooms), text, random_.chance(0.5) ? text : ""};
}

void sql_publisher::check(const std::vector<shown>& all) const {
  std::unordered_set<std::string> stored;
  for (const auto& row : all)
    stored.insert(row.text);
  for (const auto& text : committed_)
    if (!stored.contains(text))
      shared_.found.violation("was committed by SQL and is not stored: " + text);
  shared_.found.count("messages committed by SQL", std::ssize(committed_));
}

} // namespace torture
