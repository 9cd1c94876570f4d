#include "scenario.hpp"

#include "histogram.hpp"
#include "process.hpp"
#include "swarm.hpp"
#include "witness.hpp"

#include <algorithm>
#include <cstdio>

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

class talk {
public:
  talk(const plan& p, dialect& language)
      : plan_(p), dialect_(language), witness_(p.connections),
        senders_(p.senders == 0 ? p.connections : p.senders),
        clients_(p.port, language, [this](std::size_t client, const heard& m, std::uint64_t at) {
          on_message(client, m, at);
        }) {
    clients_.open(p.connections);
  }

  swarm& clients() { return clients_; }
  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t messages() const { return messages_; }
  const histogram& latency() const { return latency_; }

  void forget() {
    deliveries_ = messages_ = 0;
    latency_.clear();
  }

  void run_until(std::uint64_t end) {
    for (auto t = now(); t < end; t = now())
      turn(t, end, true);
  }

  /// Sends no more; returns when everything sent has come to everybody and nothing came twice.
  void finish() {
    while (witness_.in_flight() > 0)
      turn(now(), now() + second, false);
    idle_until(clients_, now() + afterwards);
    witness_.expect_all_seen();
  }

private:
  void turn(std::uint64_t t, std::uint64_t end, bool sending) {
    auto wake = end;
    if (sending && plan_.rate > 0) {
      for (due_ = due_ == 0 ? t : due_; due_ <= t; due_ += length(1 / plan_.rate))
        post(t);
      wake = std::min(due_, end);
    } else if (sending) {
      while (witness_.in_flight() < plan_.in_flight)
        post(t);
    }
    clients_.flush();
    clients_.turn(static_cast<int>((wake - t) / 1'000'000 + 1));
    if (witness_.in_flight() == 0)
      progress_ = t;
    else if (t > progress_ + patience)
      witness_.expect_all_seen();
  }

  void post(std::uint64_t t) {
    const auto sender = witness_.sent() % senders_;
    clients_.post(sender, dialect_.write(witness_.book(sender, t)));
  }

  void on_message(std::size_t client, const heard& m, std::uint64_t at) {
    const auto sight = witness_.see(client, m.sequence, m.id);
    ++deliveries_;
    if (client != sight.sender)
      latency_.add(at - sight.sent_at);
    if (sight.last) {
      ++messages_;
      progress_ = at;
    }
  }

  const plan& plan_;
  dialect& dialect_;
  witness witness_;
  histogram latency_;
  std::size_t senders_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t progress_ = now();
  std::uint64_t due_ = 0;
  swarm clients_;
};

} // namespace

void traffic(const plan& p, dialect& language) {
  const process server(p.server);
  talk talk(p, language);
  idle_until(talk.clients(), now() + settling);
  talk.run_until(now() + length(p.seconds / 4));
  talk.forget();
  const auto start = now();
  const auto cpu = server.cpu();
  talk.run_until(start + length(p.seconds));
  const auto took = static_cast<double>(now() - start) / second;
  const auto spent = static_cast<double>(server.cpu() - cpu);
  const auto deliveries = static_cast<double>(talk.deliveries());
  const auto messages = static_cast<double>(talk.messages());
  const auto p50 = static_cast<double>(talk.latency().quantile(0.5));
  const auto p99 = static_cast<double>(talk.latency().quantile(0.99));
  talk.finish();
  report("messages/s", messages / took);
  report("deliveries/s", deliveries / took);
  report("CPU us/delivery", spent / deliveries / 1000);
  report("latency p50 us", p50 / 1000);
  report("latency p99 us", p99 / 1000);
  report("CPU %", 100 * spent / took / second);
}

void silence(const plan& p, dialect& language) {
  const process server(p.server);
  const auto rss = server.memory("Rss:");
  const auto pss = server.memory("Pss:");
  const auto cpu = server.cpu();
  swarm clients(p.port, language, [](std::size_t, const heard&, std::uint64_t) {
    throw fault("a message that nobody sent");
  });
  clients.open(p.connections);
  const auto opened = server.cpu();
  idle_until(clients, now() + settling);
  const auto count = static_cast<double>(std::max<std::size_t>(p.connections, 1));
  const auto growth = [&](const char* line, std::uint64_t before) {
    return (static_cast<double>(server.memory(line)) - static_cast<double>(before)) / count;
  };
  report("RSS bytes/connection", growth("Rss:", rss));
  report("PSS bytes/connection", growth("Pss:", pss));
  report("CPU us/open", static_cast<double>(opened - cpu) / count / 1000);
  const auto start = now();
  const auto before = server.cpu();
  idle_until(clients, start + length(p.seconds));
  report("CPU %",
         100 * static_cast<double>(server.cpu() - before) / static_cast<double>(now() - start));
}

} // namespace bench
