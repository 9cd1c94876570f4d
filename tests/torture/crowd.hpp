// All clients of a run: those of WebSockets, the readers of server-sent events, the publishers over
// HTTP, and their threads.
// Knows: how to wait until all of them have reached a goal. Must not know: what they do.
#pragma once

#include "tests/torture/client.hpp"
#include "tests/torture/event_reader.hpp"
#include "tests/torture/nemesis.hpp"
#include "tests/torture/publisher.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace torture {

/// Threads: all calls on one thread. Lifetime: `shared` outlives it. The destructor ends the
/// threads.
class crowd {
public:
  /// `older`: an older hub runs too, which has neither event streams nor publications.
  crowd(int clients, std::uint64_t seed, bool older, shared_state& shared) : shared_{shared} {
    for (int i = 0; i < clients; ++i)
      clients_.push_back(std::make_unique<client>(i, seed, shared));
    for (int i = 0; i < clients && !older; i += clients_for_each_reader)
      readers_.push_back(std::make_unique<event_reader>(i / clients_for_each_reader, seed, shared));
    for (int i = 0; i < publishers && !older; ++i)
      publishers_.push_back(std::make_unique<publisher>(i, seed, shared));
    for (auto& one : clients_)
      threads_.emplace_back(&client::run, one.get());
    for (auto& one : readers_)
      threads_.emplace_back(&event_reader::run, one.get());
    for (auto& one : publishers_)
      threads_.emplace_back(&publisher::run, one.get());
  }
  ~crowd() { end(); }

  void end() {
    shared_.enter(phase::over);
    for (auto& thread : threads_)
      if (thread.joinable())
        thread.join();
  }

  /// Begins the phase and waits until every client has reached its goal. A client that has not is a
  /// violation, once no client has made progress for `test::patience`: so a slow machine is none.
  void reach(phase next, const std::string& what, nemesis& watcher) {
    shared_.enter(next);
    test::deadline until = test::patience;
    for (std::string before; !late().empty() && !until.passed();
         watcher.watch(std::chrono::milliseconds(20))) {
      std::string now;
      for (const auto& one : clients_)
        now += one->state();
      for (const auto& one : readers_)
        now += one->state();
      for (const auto& one : publishers_)
        now += one->state();
      if (std::exchange(before, now) != now)
        until = test::patience;
    }
    for (const auto& state : late())
      shared_.found.violation("timed out waiting for " + what + ": " + state);
  }

  std::vector<const client_record*> records() const {
    std::vector<const client_record*> all;
    for (auto& one : clients_)
      all.push_back(&one->record());
    for (auto& one : readers_)
      all.push_back(&one->record());
    for (auto& one : publishers_)
      all.push_back(&one->record());
    return all;
  }

private:
  static constexpr int clients_for_each_reader = 4, publishers = 4;

  /// The states of those that have not reached the goal of the phase.
  std::vector<std::string> late() const {
    std::vector<std::string> out;
    const auto add = [&out](const auto& all) {
      for (const auto& one : all)
        if (!one->done())
          out.push_back(one->state());
    };
    add(clients_);
    add(readers_);
    add(publishers_);
    return out;
  }

  shared_state& shared_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<std::unique_ptr<event_reader>> readers_;
  std::vector<std::unique_ptr<publisher>> publishers_;
  std::vector<std::thread> threads_;
};

} // namespace torture
