// The command line of the load generator: load traffic|visit|subscribe|silence --port P …
// Exit codes: 0 measured, 1 the server broke a promise, 2 wrong usage.
// Knows: options. Must not know: how anything is measured.

#include "delivery_checker.hpp"
#include "protocol.hpp"
#include "scenario.hpp"

#include <charconv>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>

namespace {

constexpr auto usage =
    R"(load traffic|visit|subscribe|silence --port P,… --server PID,… [--database PID] [--protocol hub|plain|socket.io|nats]
     [--connections N] [--rooms N] [--first-room N | --subscriptions N] [--seconds S] [--senders N]
     [--in-flight N | --rate N] [--deflate 0|1] [--first-event-stream N] [--counts FILE])";

template<class Number>
void read(Number& to, std::string_view text) {
  const auto end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, to);
      error != std::errc{} || at != end)
    throw std::invalid_argument("not a number: " + std::string(text));
}

template<class Number>
void read(std::vector<Number>& to, std::string_view text) {
  for (auto end = text.find(','); end != text.npos; end = text.find(',')) {
    read(to.emplace_back(), text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  read(to.emplace_back(), text);
}

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int argc, char** argv) {
  bench::plan p;
  std::string protocol = "hub";
  if (argc % 2 != 0)
    throw std::invalid_argument(usage);
  for (int i = 2; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    if (name == "--port")
      read(p.where.ports, value);
    else if (name == "--server")
      read(p.servers, value);
    else if (name == "--database")
      read(p.database, value);
    else if (name == "--connections")
      read(p.connections, value);
    else if (name == "--seconds")
      read(p.seconds, value);
    else if (name == "--senders")
      read(p.senders, value);
    else if (name == "--in-flight")
      read(p.in_flight, value);
    else if (name == "--rate")
      read(p.rate, value);
    else if (name == "--rooms")
      read(p.where.rooms, value);
    else if (name == "--subscriptions")
      read(p.subscriptions, value);
    else if (name == "--first-room")
      read(p.where.first_room, value);
    else if (name == "--deflate")
      p.where.deflate = value == "1";
    else if (name == "--first-event-stream")
      read(p.where.first_event_stream, value);
    else if (name == "--counts")
      p.counted = bench::map_counts(open(argv[i + 1], O_RDWR | O_CLOEXEC));
    else if (name == "--protocol")
      protocol = value;
    else
      throw std::invalid_argument(usage);
  }
  if (p.where.ports.empty())
    throw std::invalid_argument(usage);
  const bool many_rooms = p.subscriptions > 1;
  const bool streams = p.where.first_event_stream < p.connections;
  if (streams &&
      (protocol != "hub" || many_rooms || p.senders == 0 || p.senders > p.where.first_event_stream))
    throw std::invalid_argument(usage);
  if (p.subscriptions == 0 || (many_rooms && (p.where.rooms != 1 || p.where.first_room != 0)))
    throw std::invalid_argument(usage);
  const auto spoken = bench::make_protocol(protocol, many_rooms);
  raise_file_limit();
  const std::string_view scenario = argv[1];
  const bool crowd = p.where.rooms > 0 && p.connections >= p.where.rooms;
  if (scenario == "traffic" && (p.in_flight > 0) != (p.rate > 0) && crowd)
    bench::traffic(p, *spoken);
  else if (scenario == "visit" && p.in_flight > 0 && crowd)
    bench::visit(p, *spoken);
  else if (scenario == "subscribe" && p.connections > 0 && many_rooms)
    bench::subscribe(p, *spoken);
  else if (scenario == "silence")
    bench::silence(p, *spoken);
  else
    throw std::invalid_argument(usage);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "load: %s\n", e.what());
    return 1;
  }
}
