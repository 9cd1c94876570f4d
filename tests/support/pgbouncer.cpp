#include "tests/support/pgbouncer.hpp"

#include "tests/support/connection.hpp"

#include <csignal>
#include <pwd.h>
#include <unistd.h>

namespace test {

pgbouncer::pgbouncer(const postgres_cluster& behind, pooling how) {
  folder_.write("users", "\"hubbub\" \"secret\"\n");
  folder_.write("pgbouncer.ini",
                "[databases]\n* = host=127.0.0.1 port=" + std::to_string(behind.port()) +
                    "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " +
                    std::to_string(port_.number()) +
                    "\nunix_socket_dir =\nauth_type = scram-sha-256\n" +
                    "auth_file = users\ndefault_pool_size = 40\npool_mode = " +
                    (how == pooling::session ? "session" : "transaction") + '\n');
  start();
}

void pgbouncer::restart() {
  server_->signal(SIGKILL);
  server_->wait();
  start();
}

std::string pgbouncer::url(const std::string& database) const {
  return "postgresql://hubbub:secret@127.0.0.1:" + std::to_string(port_.number()) + '/' + database;
}

void pgbouncer::start() {
  command what{"/usr/sbin/pgbouncer", {"pgbouncer.ini"}, {}, folder_.path()};
  if (::geteuid() == 0) {               // PgBouncer refuses to run as root
    auto user = ::getpwnam("postgres"); // NOLINT(concurrency-mt-unsafe): one thread calls it
    if (user == nullptr)
      throw std::runtime_error{"root cannot run PgBouncer, and there is no user postgres"};
    what.user = {user->pw_uid, user->pw_gid};
    for (const auto& name : {".", "users", "pgbouncer.ini"})
      if (::chown((folder_.path() / name).c_str(), user->pw_uid, user->pw_gid) != 0)
        throw std::system_error{errno, std::generic_category(), "chown"};
  }
  server_ = std::make_unique<process>(what);
  deadline until = patience;
  while (server_->line(stream::err, until).find("process up") == std::string::npos) {
  }
}

} // namespace test
