// A program that publishes over HTTP: requests of one to fifty messages, which it sends again with
// the same keys until they are answered. Its requests often end before their answers. Knows POST
// /messages and what it promises; must not know the faults or the table.
#pragma once

#include "tests/torture/shared_state.hpp"

namespace torture {

/// The name of a unit and the number of its messages, with which each of their texts begins.
struct unit_name {
  std::string name; ///< Empty: the text is no publisher's.
  std::size_t size = 0;
};

/// Reads the beginning of a text.
unit_name unit_of(const std::string& text);

/// Threads: `run` has a thread of its own; `done` and `state` may be called by any thread.
class publisher {
public:
  publisher(int index, std::uint64_t seed, shared_state& shared);

  /// Publishes until the phase is `over`.
  void run();

  /// Whether everything that was sent is acknowledged, after the storm.
  bool done() const { return done_in_ == shared_.now; }

  /// May be called once `run` has returned.
  const client_record& record() const { return record_; }

  /// What the publisher waits for, as one line.
  std::string state() const;

private:
  void make_unit();
  bool send_unit();
  void take_answer(const std::string& body);

  const int index_;
  shared_state& shared_;
  random_source random_;
  client_record record_;
  int units_ = 0;
  std::vector<std::size_t> unit_; ///< The indices of its posts. Empty: it is acknowledged.
  std::atomic<phase> done_in_ = phase::storm;
  std::atomic<long> answers_ = 0;
};

} // namespace torture
