#include "storage/postgres_line.hpp"

#include "storage/log.hpp"
#include "storage/notices.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

namespace hubbub {

namespace {

constexpr std::chrono::seconds patience{5};

} // namespace

// -- the flag -------------------------------------------------------------------------------------

signal_flag::signal_flag() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0)
    throw std::system_error(errno, std::generic_category(), "eventfd");
}

signal_flag::~signal_flag() {
  ::close(descriptor_);
}

void signal_flag::raise() {
  ::eventfd_write(descriptor_, 1);
}

void signal_flag::lower() {
  eventfd_t count = 0;
  ::eventfd_read(descriptor_, &count);
}

// -- the line -------------------------------------------------------------------------------------

postgres_line::postgres_line(const database& where, const std::string& address,
                             const signal_flag& end)
    : line_(PQconnectdb(address.c_str()), &PQfinish), end_(end) {
  expect(line_ && PQstatus(line_.get()) == CONNECTION_OK);
  hear_notices(line_.get(), where);
  expect(PQsetnonblocking(line_.get(), 1) == 0);
  backend_ = PQbackendPID(line_.get());
}

postgres_line::rows postgres_line::ask(const std::string& statement,
                                       std::initializer_list<std::string> parameters) {
  std::vector<const char*> values;
  for (const auto& p : parameters)
    values.push_back(p.c_str());
  // Without parameters it may be several statements.
  expect(values.empty() ? PQsendQuery(line_.get(), statement.c_str())
                        : PQsendQueryParams(line_.get(), statement.c_str(), int(values.size()),
                                            nullptr, values.data(), nullptr, nullptr, 0));
  const auto until = clock::now() + patience;
  for (int left = 1; left != 0;) {
    left = PQflush(line_.get());
    expect(left >= 0);
    if (left == 0)
      break;
    wait_for(POLLIN | POLLOUT, until);
    read();
  }
  rows last{nullptr, &PQclear};
  for (;;) {
    while (PQisBusy(line_.get())) {
      wait_for(POLLIN, until);
      read();
    }
    rows next{PQgetResult(line_.get()), &PQclear};
    if (!next)
      return last;
    const auto how = PQresultStatus(next.get());
    expect(how == PGRES_TUPLES_OK || how == PGRES_COMMAND_OK);
    last = std::move(next);
  }
}

void postgres_line::send(const std::string& statement) {
  expect(PQsendQuery(line_.get(), statement.c_str()) && PQflush(line_.get()) == 0);
}

void postgres_line::cancel() {
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> how{PQgetCancel(line_.get()),
                                                               &PQfreeCancel};
  char why[256];
  if (how)
    PQcancel(how.get(), why, sizeof why); // if it fails, the answer comes in its own time
}

bool postgres_line::answered() {
  read();
  while (!PQisBusy(line_.get())) {
    const rows next{PQgetResult(line_.get()), &PQclear};
    if (!next)
      return true;
    const auto* state = PQresultErrorField(next.get(), PG_DIAG_SQLSTATE);
    expect(PQresultStatus(next.get()) == PGRES_COMMAND_OK ||
           (state && std::string_view(state) == "57014"));
  }
  return false;
}

std::optional<postgres_line::notification> postgres_line::heard() {
  read();
  const std::unique_ptr<PGnotify, decltype(&PQfreemem)> one{PQnotifies(line_.get()), &PQfreemem};
  if (!one)
    return {};
  return notification{one->relname, one->extra, one->be_pid == backend_};
}

int postgres_line::backend() {
  return backend_ = std::atoi(PQgetvalue(ask("select pg_backend_pid()").get(), 0, 0));
}

void postgres_line::read() {
  expect(PQconsumeInput(line_.get()));
}

void postgres_line::wait_for(short events, clock::time_point until) {
  pollfd both[] = {{socket(), events, 0}, {end_.descriptor(), POLLIN, 0}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
  const int ready = ::poll(both, 2, int(std::max<decltype(left)>(left, 0)));
  if (both[1].revents)
    throw log_ending();
  if (ready == 0)
    throw log_unavailable("the database has not answered for five seconds");
}

void postgres_line::expect(bool good) {
  if (good)
    return;
  const std::string why = line_ ? PQerrorMessage(line_.get()) : "out of memory";
  throw log_unavailable(why.substr(0, why.find('\n')));
}

// -- poolers --------------------------------------------------------------------------------------

bool share_backends(postgres_line& one, postgres_line& other) {
  const int first = one.backend(), second = other.backend();
  if (!one.pooled() && !other.pooled())
    return false;
  if (first == second)
    return true;
  // A pooler gives out the process that came back last, or the one that came back first. The lines
  // come back in this order, then in the other one, so under either rule they have changed places
  // by the third round.
  for (int round = 0; round < 3; ++round) {
    one.ask("begin");
    other.ask("begin");
    const bool moved = one.backend() != first || other.backend() != second;
    (round == 1 ? other : one).ask("commit");
    (round == 1 ? one : other).ask("commit");
    if (moved)
      return true;
  }
  return false;
}

} // namespace hubbub
