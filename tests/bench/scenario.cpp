#include "scenario.hpp"

#include "delivery_checker.hpp"
#include "histogram.hpp"
#include "process.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <unistd.h>

namespace bench {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t timeout = 10 * second;
constexpr std::uint64_t settling = 6 * second / 5; // covers what servers do by a timer of a second
constexpr std::uint64_t repeat_window =
    second / 10; // in which a repeat of the last message would come

std::uint64_t length(double seconds) {
  return static_cast<std::uint64_t>(seconds * second);
}

void report(const char* name, double value) {
  std::printf("%s\t%.6g\n", name, value);
}

void idle_until(client_pool& clients, std::uint64_t end) {
  for (auto t = now(); t < end; t = now()) {
    clients.poll(static_cast<int>((end - t) / 1'000'000 + 1));
    clients.flush();
  }
}

std::array<std::uint64_t, counters> read(const counts* counted) {
  std::array<std::uint64_t, counters> values{};
  if (counted)
    std::copy(counted->begin(), counted->end(), values.begin());
  return values;
}

class conversation {
public:
  conversation(const plan& p, protocol& protocol)
      : plan_(p), protocol_(protocol), senders_(p.senders == 0 ? p.connections : p.senders),
        clients_(p.where, protocol,
                 [this](std::size_t client, const received& m, std::uint64_t at) {
                   on_message(client, m, at);
                 }) {
    const auto rooms = p.where.rooms;
    for (std::size_t r = 0; r < rooms; ++r)
      checkers_.emplace_back((p.connections + rooms - 1 - r) / rooms, memory / rooms);
    clients_.open(p.connections);
  }

  client_pool& clients() { return clients_; }
  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return clients_.received_bytes() - bytes_before_; }
  const histogram& latency() const { return latency_; }
  const histogram& across() const { return across_; }

  void forget() {
    deliveries_ = messages_ = 0;
    bytes_before_ = clients_.received_bytes();
    latency_.clear();
    across_.clear();
  }

  void run_until(std::uint64_t end) {
    for (auto t = now(); t < end; t = now())
      turn(t, end, true);
  }

  /// Every sender sends one message.
  void send_once() {
    limit_ = sent_ + senders_;
    while (sent_ < limit_)
      turn(now(), now() + second, true);
  }

  /// Sends no more, and returns when every message has reached every receiver. Throws a fault if a
  /// message comes twice.
  void finish() {
    while (in_flight_ > 0)
      turn(now(), now() + second, false);
    idle_until(clients_, now() + repeat_window);
    expect_all_delivered();
  }

private:
  static constexpr std::size_t memory =
      1 << 16; // The most messages in flight, in all rooms together.

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
    clients_.poll(static_cast<int>((wake - t) / 1'000'000 + 1));
    if (in_flight_ == 0)
      progress_ = t;
    else if (t > progress_ + timeout)
      expect_all_delivered();
  }

  void post(std::uint64_t t) {
    const auto sender = sent_++ % senders_;
    const auto rooms = checkers_.size();
    clients_.queue(sender, protocol_.write(checkers_[sender % rooms].register_sent(sender, t)));
    ++in_flight_;
  }

  void expect_all_delivered() const {
    for (const auto& w : checkers_)
      w.expect_all_delivered();
  }

  void on_message(std::size_t client, const received& m, std::uint64_t at) {
    const auto rooms = checkers_.size();
    const auto delivery = checkers_[client % rooms].check(client / rooms, m.sequence, m.id);
    ++deliveries_;
    if (plan_.where.server(client) != plan_.where.server(delivery.sender))
      across_.add(at - delivery.sent_at);
    else if (client != delivery.sender)
      latency_.add(at - delivery.sent_at);
    if (delivery.last) {
      --in_flight_;
      ++messages_;
      progress_ = at;
    }
  }

  const plan& plan_;
  protocol& protocol_;
  std::vector<delivery_checker> checkers_; // One for each room.
  histogram latency_, across_;
  std::size_t senders_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_before_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t limit_ = ~std::uint64_t{0};
  std::uint64_t progress_ = now();
  std::uint64_t due_ = 0;
  client_pool clients_;
};

} // namespace

void traffic(const plan& p, protocol& protocol) {
  const processes server(p.servers);
  conversation chat(p, protocol);
  idle_until(chat.clients(), now() + settling);
  const auto database = processes::family(p.database);
  chat.run_until(now() + length(p.seconds / 4));
  chat.forget();
  const auto start = now();
  const auto cpu = server.cpu();
  const auto database_cpu = database.cpu();
  const auto own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  const auto time = server.time();
  const auto counted = read(p.counted);
  chat.run_until(start + length(p.seconds));
  const auto took = static_cast<double>(now() - start) / second;
  const auto spent = static_cast<double>(server.cpu() - cpu);
  const auto database_spent = static_cast<double>(database.cpu() - database_cpu);
  const auto own_spent = static_cast<double>(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - own);
  const auto [user, kernel] = server.time();
  const auto counted_then = read(p.counted);
  const auto bytes = static_cast<double>(chat.bytes());
  const auto deliveries = static_cast<double>(chat.deliveries());
  const auto messages = static_cast<double>(chat.messages());
  const auto latency = chat.latency(), across = chat.across();
  chat.finish();
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

void visit(const plan& p, protocol& protocol) {
  const processes server(p.servers);
  const auto files = server.open_files() + 16; // the server may open a few files of its own
  {
    const auto cpu = server.cpu();
    conversation chat(p, protocol);
    report("CPU us/open",
           static_cast<double>(server.cpu() - cpu) / static_cast<double>(p.connections) / 1000);
    chat.send_once();
    chat.finish();
    report("own MB, open", static_cast<double>(server.memory()) / 1e6);
  }
  for (const auto deadline = now() + timeout; server.open_files() > files; usleep(10'000))
    if (now() > deadline)
      throw fault("the server keeps connections open that the clients closed");
  report("own MB, closed", static_cast<double>(server.memory()) / 1e6);
}

void silence(const plan& p, protocol& protocol) {
  const processes server(p.servers);
  const auto memory = server.memory();
  const auto cpu = server.cpu();
  client_pool clients(p.where, protocol, [](std::size_t, const received&, std::uint64_t) {
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
