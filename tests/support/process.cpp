// Starts children with fork and exec and waits for them through a pidfd. A separate thread collects
// their output, because a child that writes to a full pipe would block.
#include "tests/support/process.hpp"

#include "tests/support/checked.hpp"
#include "tests/support/environment.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

namespace {

std::array<descriptor, 2> make_pipe() {
  int ends[2];
  checked(::pipe2(ends, O_CLOEXEC), "pipe2");
  return {descriptor{ends[0]}, descriptor{ends[1]}};
}

std::vector<std::string> environment_of(const command& what) {
  auto all = what.environment;
  all.emplace("HOME", "/nonexistent");
  all.emplace("LC_ALL", "C.UTF-8");
  for (auto name :
       {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const auto value = variable(name))
      all.emplace(name, *value);
  std::vector<std::string> lines;
  lines.reserve(all.size());
  for (auto& [name, value] : all)
    lines.emplace_back(name).append("=").append(value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (auto& word : words)
    result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

/// Runs in the child after fork, so it calls only async-signal-safe functions.
[[noreturn]] void become(const command& what, char** arguments, char** environment, int out,
                         int err, pid_t parent) {
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  bool ok = ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2 && ::chdir(what.folder.c_str()) == 0;
  if (ok && what.processes) {
    const rlimit limit{*what.processes, *what.processes};
    ok = ::setrlimit(RLIMIT_NPROC, &limit) == 0;
  }
  if (ok && what.user)
    ok = ::setgroups(0, nullptr) == 0 && ::setgid(what.user->second) == 0 &&
         ::setuid(what.user->first) == 0;
  // The change of user clears the parent-death signal, so it is set afterwards. The parent may have
  // ended before that.
  ok = ok && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
  if (ok)
    ::execve(what.program.c_str(), arguments, environment);
  const char* why = ::strerrordesc_np(errno);
  for (auto part : {"cannot start ", what.program.c_str(), ": ", why, "\n"})
    if (::write(2, part, std::strlen(part)) < 0)
      break;
  ::_exit(127);
}

} // namespace

process::process(const command& what) {
  auto [out_read, out_write] = make_pipe();
  auto [err_read, err_write] = make_pipe();
  auto words = what.arguments;
  words.insert(words.begin(), what.program);
  auto environment = environment_of(what);
  auto argv = pointers(words), envp = pointers(environment);
  stop_ = descriptor{checked(::eventfd(0, EFD_CLOEXEC), "eventfd")};
  auto parent = ::getpid();
  pid_ = checked(::fork(), "fork");
  if (pid_ == 0)
    become(what, argv.data(), envp.data(), what.out.value_or(out_write.get()),
           what.err.value_or(err_write.get()), parent);
  pidfd_ = descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
  collector_ =
      std::thread{&process::collect, this, std::array{std::move(out_read), std::move(err_read)}};
}

process::~process() {
  if (!code_) {
    signal(SIGKILL);
    int status;
    ::waitpid(pid_, &status, 0);
  }
  // A grandchild may hold the pipes open for ever, so the collector does not wait for their end.
  ::eventfd_write(stop_.get(), 1);
  collector_.join();
}

void process::collect(std::array<descriptor, 2> pipes) {
  std::string chunk(65536, '\0');
  while (pipes[0].get() >= 0 || pipes[1].get() >= 0) {
    std::array<pollfd, 3> waited{
        {{pipes[0].get(), POLLIN, 0}, {pipes[1].get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR)
      return;
    if (waited[2].revents != 0)
      return;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (waited[i].revents == 0)
        continue;
      auto size = ::read(pipes[i].get(), chunk.data(), chunk.size());
      std::lock_guard guard{mutex_};
      if (size > 0)
        texts_[i].all.append(chunk, 0, static_cast<std::size_t>(size));
      else
        texts_[i].ended = true, pipes[i].close();
      grown_.notify_all();
    }
  }
}

bool process::running() const {
  if (code_)
    return false;
  pollfd waited{pidfd_.get(), POLLIN, 0};
  return ::poll(&waited, 1, 0) == 0;
}

void process::signal(int number) const {
  if (!code_)
    ::kill(pid_, number);
}

std::string process::line(stream from, deadline until) {
  auto& text = texts_[static_cast<std::size_t>(from)];
  std::unique_lock lock{mutex_};
  auto end = std::string::npos;
  auto whole = [&] {
    end = text.all.find('\n', text.read);
    return end != std::string::npos;
  };
  if (!grown_.wait_until(lock, until.at(), [&] { return whole() || text.ended; }))
    throw timeout{"timed out waiting for a line of output"};
  if (!whole())
    throw std::runtime_error{"the output ended: " + texts_[0].all + texts_[1].all};
  auto begin = std::exchange(text.read, end + 1);
  return text.all.substr(begin, end - begin);
}

std::string process::output(stream from, deadline until) {
  auto& text = texts_[static_cast<std::size_t>(from)];
  std::unique_lock lock{mutex_};
  if (!grown_.wait_until(lock, until.at(), [&] { return text.ended; }))
    throw timeout{"timed out waiting for the end of the output"};
  return text.all;
}

std::string process::log() const {
  std::lock_guard guard{mutex_};
  return texts_[0].all + texts_[1].all;
}

int process::wait(deadline until) {
  if (code_)
    return *code_;
  wait_for(pidfd_.get(), POLLIN, until, "the end of process " + std::to_string(pid_));
  int status = 0;
  checked(::waitpid(pid_, &status, 0), "waitpid");
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return *code_;
}

outcome run(const command& what, deadline until) {
  process child{what};
  auto code = child.wait(until);
  return {code, child.output(stream::out, until), child.output(stream::err, until)};
}

} // namespace test
