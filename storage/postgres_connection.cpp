#include "storage/postgres_connection.hpp"

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

constexpr std::chrono::seconds answer_timeout{5};

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

// -- the connection -------------------------------------------------------------------------------

postgres_connection::postgres_connection(const database& where, const std::string& address,
                                         const signal_flag& end)
    : connection_(PQconnectdb(address.c_str()), &PQfinish), end_(end) {
  expect(connection_ && PQstatus(connection_.get()) == CONNECTION_OK);
  forward_notices(connection_.get(), where);
  expect(PQsetnonblocking(connection_.get(), 1) == 0);
  backend_pid_ = PQbackendPID(connection_.get());
}

postgres_connection::rows
postgres_connection::query(const std::string& statement,
                           std::initializer_list<std::string> parameters) {
  std::vector<const char*> values;
  for (const auto& p : parameters)
    values.push_back(p.c_str());
  // libpq takes several statements only without parameters.
  expect(values.empty()
             ? PQsendQuery(connection_.get(), statement.c_str())
             : PQsendQueryParams(connection_.get(), statement.c_str(), int(values.size()), nullptr,
                                 values.data(), nullptr, nullptr, 0));
  const auto until = clock::now() + answer_timeout;
  for (int left = 1; left != 0;) {
    left = PQflush(connection_.get());
    expect(left >= 0);
    if (left == 0)
      break;
    wait_for(POLLIN | POLLOUT, until);
    read();
  }
  rows last{nullptr, &PQclear};
  for (;;) {
    while (PQisBusy(connection_.get())) {
      wait_for(POLLIN, until);
      read();
    }
    rows next{PQgetResult(connection_.get()), &PQclear};
    if (!next)
      return last;
    const auto how = PQresultStatus(next.get());
    expect(how == PGRES_TUPLES_OK || how == PGRES_COMMAND_OK);
    last = std::move(next);
  }
}

void postgres_connection::send(const std::string& statement) {
  expect(PQsendQuery(connection_.get(), statement.c_str()) && PQflush(connection_.get()) == 0);
}

void postgres_connection::cancel() {
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> how{PQgetCancel(connection_.get()),
                                                               &PQfreeCancel};
  char why[256];
  if (how)
    PQcancel(how.get(), why, sizeof why); // if the cancel fails, the statement ends without it
}

bool postgres_connection::query_finished() {
  read();
  while (!PQisBusy(connection_.get())) {
    const rows next{PQgetResult(connection_.get()), &PQclear};
    if (!next)
      return true;
    const auto* state = PQresultErrorField(next.get(), PG_DIAG_SQLSTATE);
    expect(PQresultStatus(next.get()) == PGRES_COMMAND_OK ||
           (state && std::string_view(state) == "57014"));
  }
  return false;
}

std::optional<postgres_connection::notification> postgres_connection::next_notification() {
  read();
  const std::unique_ptr<PGnotify, decltype(&PQfreemem)> one{PQnotifies(connection_.get()),
                                                            &PQfreemem};
  if (!one)
    return {};
  return notification{one->relname, one->extra, one->be_pid == backend_pid_};
}

int postgres_connection::backend_pid() {
  return backend_pid_ = std::atoi(PQgetvalue(query("select pg_backend_pid()").get(), 0, 0));
}

void postgres_connection::read() {
  expect(PQconsumeInput(connection_.get()));
}

void postgres_connection::wait_for(short events, clock::time_point until) {
  pollfd both[] = {{socket(), events, 0}, {end_.descriptor(), POLLIN, 0}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
  const int ready = ::poll(both, 2, int(std::max<decltype(left)>(left, 0)));
  if (both[1].revents)
    throw log_shutdown();
  if (ready == 0)
    throw log_unavailable("the database has not answered for five seconds");
}

void postgres_connection::expect(bool good) {
  if (good)
    return;
  const std::string why = connection_ ? PQerrorMessage(connection_.get()) : "out of memory";
  throw log_unavailable(why.substr(0, why.find('\n')));
}

// -- poolers --------------------------------------------------------------------------------------

bool share_backends(postgres_connection& one, postgres_connection& other) {
  const int first = one.backend_pid(), second = other.backend_pid();
  if (!one.pooled() && !other.pooled())
    return false;
  if (first == second)
    return true;
  // A pooler assigns the process that was returned last, or the one that was returned first. The
  // connections return their processes in this order, then in the opposite order, so under either
  // rule they have exchanged processes by the third round.
  for (int round = 0; round < 3; ++round) {
    one.query("begin");
    other.query("begin");
    const bool exchanged = one.backend_pid() != first || other.backend_pid() != second;
    (round == 1 ? other : one).query("commit");
    (round == 1 ? one : other).query("commit");
    if (exchanged)
      return true;
  }
  return false;
}

} // namespace hubbub
