// One mutex guards everything: it carries some ten thousand calls a second easily.
#include "tests/torture/findings.hpp"

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

void findings::see(const shown& what) {
  std::unique_lock lock{mutex_};
  auto [at, first] = seen_.try_emplace(what.id, what);
  if (first) {
    last_news_ = clock::now();
  } else if (auto earlier = at->second; earlier != what) {
    lock.unlock();
    violation("a message was shown in two forms: " + describe(earlier) + "; and " + describe(what));
  }
}

void findings::see_data(row_id id, const std::string& data) {
  std::unique_lock lock{mutex_};
  const auto [at, first] = data_.try_emplace(id, data);
  if (first || at->second == data)
    return;
  const auto earlier = at->second;
  lock.unlock();
  violation("message " + std::to_string(id) + " was shown with two data: " + earlier + "; and " +
            data);
}

std::unordered_map<row_id, std::string> findings::all_data() const {
  std::lock_guard guard{mutex_};
  return data_;
}

void findings::violation(const std::string& what) {
  std::lock_guard guard{mutex_};
  if (++violation_count_; violations_.size() < most_violations)
    violations_.push_back(time() + "  " + what);
}

void findings::told(const log_fork& lost) {
  std::lock_guard guard{mutex_};
  told_.insert(lost);
  ++counts_["forks told to a client"];
}

std::set<log_fork> findings::all_told() const {
  std::lock_guard guard{mutex_};
  return told_;
}

void findings::count(const std::string& what, long n) {
  std::lock_guard guard{mutex_};
  counts_[what] += n;
}

clock::time_point findings::last_news() const {
  std::lock_guard guard{mutex_};
  return last_news_;
}

std::unordered_map<row_id, shown> findings::all_seen() const {
  std::lock_guard guard{mutex_};
  return seen_;
}

std::map<std::string, long> findings::counts() const {
  std::lock_guard guard{mutex_};
  return counts_;
}

std::vector<std::string> findings::violations() const {
  std::lock_guard guard{mutex_};
  return violations_;
}

std::string findings::time(clock::time_point at) const {
  char text[16];
  std::snprintf(text, sizeof text, "%7.2f s", std::chrono::duration<double>(at - began_).count());
  return text;
}

} // namespace torture
