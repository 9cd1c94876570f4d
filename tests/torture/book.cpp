// One mutex over all of it: some ten thousand calls a second are nothing to it.
#include "tests/torture/book.hpp"

#include <cstdio>

namespace torture {

namespace {

constexpr std::size_t most_violations = 30;

} // namespace

std::string describe(const shown& what) {
  return "id " + std::to_string(what.id) + " in " + what.room + ", number " +
         std::to_string(what.number) + " of " + what.connection + " at " + what.created_at +
         ", \"" + what.text.substr(0, 40) + '"';
}

void book::see(const shown& what) {
  std::unique_lock lock{mutex_};
  auto [at, first] = seen_.try_emplace(what.id, what);
  if (first) {
    last_news_ = clock::now();
  } else if (auto earlier = at->second; earlier != what) {
    lock.unlock();
    violation("a message looked different to two: " + describe(earlier) + "; and " +
              describe(what));
  }
}

void book::violation(const std::string& what) {
  std::lock_guard guard{mutex_};
  if (++violation_count_; violations_.size() < most_violations)
    violations_.push_back(time() + "  " + what);
}

void book::count(const std::string& what, long n) {
  std::lock_guard guard{mutex_};
  counts_[what] += n;
}

clock::time_point book::last_news() const {
  std::lock_guard guard{mutex_};
  return last_news_;
}

std::unordered_map<row_id, shown> book::all_seen() const {
  std::lock_guard guard{mutex_};
  return seen_;
}

std::map<std::string, long> book::counts() const {
  std::lock_guard guard{mutex_};
  return counts_;
}

std::vector<std::string> book::violations() const {
  std::lock_guard guard{mutex_};
  return violations_;
}

std::string book::time(clock::time_point at) const {
  char text[16];
  std::snprintf(text, sizeof text, "%7.2f s", std::chrono::duration<double>(at - began_).count());
  return text;
}

} // namespace torture
