#include "scenario.hpp"

#include "histogram.hpp"
#include "process.hpp"
#include "witness.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <unistd.h>

namespace bench {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t patience = 10 * second;
constexpr std::uint64_t settling = 6 * second / 5; // a second covers what servers do by a timer
constexpr std::uint64_t afterwards = second / 10;  // time for a double of the last message to show

std::uint64_t length(double seconds) {
  return static_cast<std::uint64_t>(seconds * second);
}

void report(const char* name, double value) {
  std::printf("%s\t%.6g\n", name, value);
}

void idle_until(swarm& clients, std::uint64_t end) {
  for (auto t = now(); t < end; t = now()) {
    clients.turn(static_cast<int>((end - t) / 1'000'000 + 1));
    clients.flush();
  }
}

std::array<std::uint64_t, counters> read(const counts* counted) {
  std::array<std::uint64_t, counters> values{};
  if (counted)
    std::copy(counted->begin(), counted->end(), values.begin());
  return values;
}

class talk {
public:
  talk(const plan& p, dialect& language)
      : plan_(p), dialect_(language), senders_(p.senders == 0 ? p.connections : p.senders),
        clients_(p.where, language, [this](std::size_t client, const heard& m, std::uint64_t at) {
          on_message(client, m, at);
        }) {
    const auto rooms = p.where.rooms;
    for (std::size_t r = 0; r < rooms; ++r)
      witnesses_.emplace_back((p.connections + rooms - 1 - r) / rooms, memory / rooms);
    clients_.open(p.connections);
  }

  swarm& clients() { return clients_; }
  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return clients_.received() - before_; }
  const histogram& latency() const { return latency_; }
  const histogram& across() const { return across_; }

  void forget() {
    deliveries_ = messages_ = 0;
    before_ = clients_.received();
    latency_.clear();
    across_.clear();
  }

  void run_until(std::uint64_t end) {
    for (auto t = now(); t < end; t = now())
      turn(t, end, true);
  }

  /// One message of every sender.
  void say_once() {
    limit_ = sent_ + senders_;
    while (sent_ < limit_)
      turn(now(), now() + second, true);
  }

  /// Sends no more; returns when everything sent has come to everybody and nothing came twice.
  void finish() {
    while (in_flight_ > 0)
      turn(now(), now() + second, false);
    idle_until(clients_, now() + afterwards);
    expect_all_seen();
  }

private:
  static constexpr std::size_t memory = 1 << 16; // messages in flight, in all rooms together

  void turn(std::uint64_t t, std::uint64_t end, bool sending) {
    auto wake = end;
    if (sending && plan_.rate > 0) {
      for (due_ = due_ == 0 ? t : due_; due_ <= t; due_ += length(1 / plan_.rate))
        post(t);
      wake = std::min(due_, end);
    } else if (sending) {
      while (in_flight_ < plan_.in_flight && sent_ < limit_)
        post(t);
    }
    clients_.flush();
    clients_.turn(static_cast<int>((wake - t) / 1'000'000 + 1));
    if (in_flight_ == 0)
      progress_ = t;
    else if (t > progress_ + patience)
      expect_all_seen();
  }

  void post(std::uint64_t t) {
    const auto sender = sent_++ % senders_;
    const auto rooms = witnesses_.size();
    clients_.post(sender, dialect_.write(witnesses_[sender % rooms].book(sender, t)));
    ++in_flight_;
  }

  void expect_all_seen() const {
    for (const auto& w : witnesses_)
      w.expect_all_seen();
  }

  void on_message(std::size_t client, const heard& m, std::uint64_t at) {
    const auto rooms = witnesses_.size();
    const auto sight = witnesses_[client % rooms].see(client / rooms, m.sequence, m.id);
    ++deliveries_;
    if (plan_.where.server(client) != plan_.where.server(sight.sender))
      across_.add(at - sight.sent_at);
    else if (client != sight.sender)
      latency_.add(at - sight.sent_at);
    if (sight.last) {
      --in_flight_;
      ++messages_;
      progress_ = at;
    }
  }

  const plan& plan_;
  dialect& dialect_;
  std::vector<witness> witnesses_; // one a room
  histogram latency_, across_;
  std::size_t senders_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t before_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t limit_ = ~std::uint64_t{0};
  std::uint64_t progress_ = now();
  std::uint64_t due_ = 0;
  swarm clients_;
};

} // namespace

void traffic(const plan& p, dialect& language) {
  const processes server(p.servers);
  talk talk(p, language);
  idle_until(talk.clients(), now() + settling);
  const auto database = processes::family(p.database);
  talk.run_until(now() + length(p.seconds / 4));
  talk.forget();
  const auto start = now();
  const auto cpu = server.cpu();
  const auto database_cpu = database.cpu();
  const auto own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  const auto time = server.time();
  const auto counted = read(p.counted);
  talk.run_until(start + length(p.seconds));
  const auto took = static_cast<double>(now() - start) / second;
  const auto spent = static_cast<double>(server.cpu() - cpu);
  const auto database_spent = static_cast<double>(database.cpu() - database_cpu);
  const auto own_spent = static_cast<double>(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - own);
  const auto [user, kernel] = server.time();
  const auto counted_then = read(p.counted);
  const auto bytes = static_cast<double>(talk.bytes());
  const auto deliveries = static_cast<double>(talk.deliveries());
  const auto messages = static_cast<double>(talk.messages());
  const auto latency = talk.latency(), across = talk.across();
  talk.finish();
  report("messages/s", messages / took);
  report("deliveries/s", deliveries / took);
  report("CPU us/delivery", spent / deliveries / 1000);
  report("bytes/delivery", bytes / deliveries);
  report("latency p50 us", static_cast<double>(latency.quantile(0.5)) / 1000);
  report("latency p99 us", static_cast<double>(latency.quantile(0.99)) / 1000);
  if (p.where.ports.size() > 1) {
    report("across p50 us", static_cast<double>(across.quantile(0.5)) / 1000);
    report("across p99 us", static_cast<double>(across.quantile(0.99)) / 1000);
    report("across p99 / here", static_cast<double>(across.quantile(0.99)) /
                                    static_cast<double>(latency.quantile(0.99)));
  }
  report("CPU us/message", spent / messages / 1000);
  if (p.database != 0)
    report("database CPU us/message", database_spent / messages / 1000);
  report("CPU %", 100 * spent / took / second);
  report("in kernel %", 100 * (kernel - time.kernel) / (kernel - time.kernel + user - time.user));
  report("load CPU %", 100 * own_spent / took / second);
  if (p.counted)
    for (std::size_t i = 0; i < counters; ++i)
      report((std::string(counter_names[i]) + "/delivery").c_str(),
             static_cast<double>(counted_then[i] - counted[i]) / deliveries);
}

void visit(const plan& p, dialect& language) {
  const processes server(p.servers);
  const auto files = server.open_files() + 16; // it may have opened a few of its own meanwhile
  {
    const auto cpu = server.cpu();
    talk talk(p, language);
    report("CPU us/open",
           static_cast<double>(server.cpu() - cpu) / static_cast<double>(p.connections) / 1000);
    talk.say_once();
    talk.finish();
    report("own MB, open", static_cast<double>(server.memory()) / 1e6);
  }
  for (const auto deadline = now() + patience; server.open_files() > files; usleep(10'000))
    if (now() > deadline)
      throw fault("lines are open that the clients closed");
  report("own MB, closed", static_cast<double>(server.memory()) / 1e6);
}

void silence(const plan& p, dialect& language) {
  const processes server(p.servers);
  const auto memory = server.memory();
  const auto cpu = server.cpu();
  swarm clients(p.where, language, [](std::size_t, const heard&, std::uint64_t) {
    throw fault("a message that nobody sent");
  });
  clients.open(p.connections);
  const auto opened = server.cpu();
  idle_until(clients, now() + settling);
  const auto count = static_cast<double>(std::max<std::size_t>(p.connections, 1));
  const auto growth = static_cast<double>(server.memory()) - static_cast<double>(memory);
  report("own bytes/connection", growth / count);
  report("CPU us/open", static_cast<double>(opened - cpu) / count / 1000);
  const auto start = now();
  const auto before = server.cpu();
  idle_until(clients, start + length(p.seconds));
  report("CPU %",
         100 * static_cast<double>(server.cpu() - before) / static_cast<double>(now() - start));
}

} // namespace bench
