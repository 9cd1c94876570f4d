#include "scenario.hpp"

#include "conversation.hpp"
#include "process.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <unistd.h>

namespace bench {
namespace {

constexpr std::uint64_t timeout = 10 * second;
constexpr std::uint64_t settling = 6 * second / 5; // covers what servers do by a timer of a second

void report(const char* name, double value) {
  std::printf("%s\t%.6g\n", name, value);
}

std::array<std::uint64_t, counters> read(const counts* counted) {
  std::array<std::uint64_t, counters> values{};
  if (counted)
    std::copy(counted->begin(), counted->end(), values.begin());
  return values;
}

void forbid_messages(std::size_t, const received&, std::uint64_t) {
  throw fault("a message that nobody sent");
}

} // namespace

void traffic(const plan& p, protocol& protocol) {
  const processes server(p.servers);
  conversation chat(p, protocol);
  chat.clients().idle_until(now() + settling);
  const auto database = processes::family(p.database);
  chat.run_until(now() + nanoseconds_of(p.seconds / 4));
  chat.forget();
  const auto start = now();
  const auto cpu = server.cpu();
  const auto database_cpu = database.cpu();
  const auto own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  const auto time = server.time();
  const auto counted = read(p.counted);
  chat.run_until(start + nanoseconds_of(p.seconds));
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

void subscribe(const plan& p, protocol& protocol) {
  const processes server(p.servers);
  const auto cpu = server.cpu();
  client_pool clients(p.where, protocol, forbid_messages);
  clients.open(p.connections);
  clients.idle_until(now() + settling);
  const auto opened = server.cpu();
  const auto memory = server.memory();
  clients.subscribe(p.subscriptions - 1);
  const auto subscribed = server.cpu();
  clients.idle_until(now() + settling);
  const auto settled = server.cpu();
  const auto count = static_cast<double>(p.connections * (p.subscriptions - 1));
  const auto growth = static_cast<double>(server.memory()) - static_cast<double>(memory);
  report("CPU us/subscription", static_cast<double>(settled - opened) / count / 1000);
  report("CPU us/answer", static_cast<double>(subscribed - opened) / count / 1000);
  report("CPU s, open all", static_cast<double>(settled - cpu) / second);
  report("own bytes/subscription", growth / count);
}

void silence(const plan& p, protocol& protocol) {
  const processes server(p.servers);
  const auto memory = server.memory();
  const auto cpu = server.cpu();
  client_pool clients(p.where, protocol, forbid_messages);
  clients.open(p.connections);
  const auto opened = server.cpu();
  clients.idle_until(now() + settling);
  const auto count = static_cast<double>(std::max<std::size_t>(p.connections, 1));
  const auto growth = static_cast<double>(server.memory()) - static_cast<double>(memory);
  report("own bytes/connection", growth / count);
  report("CPU us/open", static_cast<double>(opened - cpu) / count / 1000);
  const auto start = now();
  const auto before = server.cpu();
  clients.idle_until(start + nanoseconds_of(p.seconds));
  report("CPU %",
         100 * static_cast<double>(server.cpu() - before) / static_cast<double>(now() - start));
}

} // namespace bench
