// Publishes messages by SQL in transactions that commit, roll back or lose their connection, and
// remembers which messages must be stored.
// Knows hubbub_publish; must not know hubs, nor how rows are moved.
#pragma once

#include "tests/support/database.hpp"
#include "tests/torture/random_source.hpp"
#include "tests/torture/shared_state.hpp"

#include <thread>

namespace torture {

/// One application with a session of its own. It begins in the constructor and ends after the
/// storm. Some transactions stay open for long. Threads: the thread that made it calls all
/// functions.
class sql_publisher {
public:
  sql_publisher(int number, std::uint64_t seed, std::string url, shared_state& shared);
  ~sql_publisher() { end(); }
  sql_publisher(const sql_publisher&) = delete;

  /// Waits for the end of its last transaction.
  void end();

  /// The messages that may be stored, after `end`. Messages that were rolled back are not among
  /// them.
  const client_record& record() const { return record_; }

  /// Reports each committed message that is not stored. `all` is that of `final_log`.
  void check(const std::vector<shown>& all) const;

private:
  /// A message of a transaction that has not ended.
  struct message {
    std::string room, text, key;
  };

  void run();
  void transaction();
  std::vector<message> publish_some();
  void publish(const message& what);
  message next();

  const int number_;
  random_source random_;
  const std::string url_;
  shared_state& shared_;
  std::unique_ptr<test::sql_session> session_;
  long texts_ = 0;
  std::vector<message> repeatable_; ///< Committed messages with keys.
  client_record record_;
  std::vector<std::string> committed_; ///< Texts.
  std::thread thread_;                 ///< After all that it uses.
};

} // namespace torture
