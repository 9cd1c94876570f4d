#include "net/api/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace hubbub {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// No room's name has brackets.
constexpr auto other_rooms = "(other)";

class exposition {
public:
  exposition& counter(const char* name, const char* help) {
    all_.push_back({name, help, MetricType::Counter, {}});
    return *this;
  }
  exposition& gauge(const char* name, const char* help) {
    all_.push_back({name, help, MetricType::Gauge, {}});
    return *this;
  }
  exposition& value(double number, labels of = {}) {
    auto& one = all_.back().metric.emplace_back();
    one.label = std::move(of);
    (all_.back().type == MetricType::Counter ? one.counter.value : one.gauge.value) = number;
    return *this;
  }

  void histogram(const char* name, const char* help, const counter_values& ever,
                 counter::slot what) {
    all_.push_back({name, help, MetricType::Histogram, {}});
    auto& out = all_.back().metric.emplace_back().histogram;
    for (std::size_t i = 0; i < counter::time_bounds; ++i) {
      out.sample_count += ever[what + i];
      out.bucket.push_back({out.sample_count, counter::bound(i)});
    }
    out.sample_count = ever.times(what);
    out.bucket.push_back({out.sample_count, std::numeric_limits<double>::infinity()});
    out.sample_sum = double(ever[what + counter::time_bounds + 1]) / 1e9;
  }

  std::string text() const { return prometheus::TextSerializer().Serialize(all_); }

private:
  std::vector<prometheus::MetricFamily> all_;
};

std::string close_code_label(std::uint16_t close) {
  return close ? std::to_string(close) : "other";
}

void add_flow(exposition& out, const stats_snapshot& now) {
  const auto& ever = now.ever;
  out.counter("hubbub_messages_accepted_total", "Messages taken from clients")
      .value(double(ever[counter::accepted]));
  out.counter("hubbub_messages_stored_total", "Messages stored by this hub")
      .value(double(ever[counter::stored]));
  out.counter("hubbub_messages_found_total",
              "Accepted messages that were in the log already: a repeated key, or a commit whose "
              "answer was lost")
      .value(double(ever[counter::found]));
  out.counter("hubbub_messages_delivered_total",
              "Messages written to sockets, once for each reader; not those in the history of "
              "init")
      .value(double(ever[counter::delivered]));
  out.counter("hubbub_sent_bytes_total", "Bytes written to WebSockets")
      .value(double(ever[counter::sent_bytes]));
  out.counter("hubbub_frames_refused_total", "Frames answered by an error, by its code");
  for (std::size_t i = 0; i < refusal_code_names.size(); ++i)
    out.value(double(ever[counter::refused + i]), {{"code", std::string(refusal_code_names[i])}});
  out.counter(
      "hubbub_address_excess_total",
      "What was refused because there was too much of it from one address: opens (requests, "
      "upgrades and TLS handshakes), connections, or other sockets at once, in all too");
  for (std::size_t i = 0; i < address_limit_names.size(); ++i)
    out.value(double(ever[counter::over_address_limit + i]),
              {{"of", std::string(address_limit_names[i])}});
  out.histogram("hubbub_commit_seconds", "Time that the database took for a batch of messages",
                ever, counter::commit);
  out.histogram(
      "hubbub_delivery_seconds",
      "Time from the publication of a message to the end of its writing, once for each reader "
      "that keeps up",
      ever, counter::delivery);
  out.gauge("hubbub_newest_message_id", "The last message that was shown")
      .value(double(now.newest));
}

void add_connections(exposition& out, const stats_snapshot& now) {
  out.gauge("hubbub_connections", "WebSockets that are open").value(double(now.connections));
  out.counter("hubbub_connections_opened_total", "WebSockets that were opened")
      .value(double(now.opened));
  out.counter("hubbub_connections_closed_total",
              "WebSockets that ended, by close code; 1006 is without a close, 1005 one without a "
              "code");
  for (std::size_t i = 0; i < counter::close_codes.size(); ++i)
    out.value(double(now.ever[counter::closed + i]),
              {{"code", close_code_label(counter::close_codes[i])}});
  out.gauge("hubbub_rooms", "Rooms with somebody in them, of this hub")
      .value(double(now.people.rooms));
  out.gauge("hubbub_room_members", "Members of the fullest rooms, and of all others together");
  auto others = now.people.members;
  for (const auto& [room, members] : now.people.fullest) {
    out.value(double(members), {{"room", room}});
    others -= members;
  }
  out.value(double(others), {{"room", other_rooms}});
  out.gauge("hubbub_slow_readers", "Readers whose outbox has not been empty for a second, or who "
                                   "left the live fan-out for that")
      .value(double(now.slow.count));
  out.gauge("hubbub_slow_readers_lag_bytes", "What waits for slow readers in memory")
      .value(double(now.slow.lag.bytes));
  out.gauge("hubbub_slow_readers_lag_messages",
            "Messages that slow readers have not been sent; at most, as those after a cursor may "
            "be in other rooms")
      .value(double(now.slow.lag.messages));
}

void add_storage(exposition& out, const stats_snapshot& now) {
  out.gauge("hubbub_database_up", "Whether the log takes messages")
      .value(now.database_well ? 1 : 0);
  out.counter("hubbub_database_failures_total", "Batches and looks for news that failed")
      .value(double(now.ever[counter::log_failures]));
  out.counter("hubbub_database_retries_total", "Tries after such a failure")
      .value(double(now.ever[counter::retries]));
  out.gauge("hubbub_backlog_bytes", "What is accepted and not yet shown")
      .value(double(now.backlog_bytes));
  out.gauge("hubbub_backlog_limit_bytes", "The most that may be accepted and not yet shown")
      .value(double(now.backlog_limit_bytes));
  out.counter("hubbub_past_pages_read_total",
              "Pages of the log that were read for those who are behind the hot tail")
      .value(double(now.ever[counter::history_pages]));
  out.counter("hubbub_past_messages_read_total", "Messages in those pages")
      .value(double(now.ever[counter::history_rows]));
}

void add_memory(exposition& out, const stats_snapshot& now) {
  out.gauge("hubbub_memory_limit_bytes", "MEMORY_LIMIT; 0: none").value(double(now.memory.limit));
  out.gauge(
         "hubbub_memory_pressure",
         "0: calm; 1: hot tails are shed; 2: slow readers leave the live fan-out; 3: nobody more "
         "is let in")
      .value(double(now.memory.level));
  out.gauge("hubbub_memory_part_bytes",
            "What the hot tails of rooms take, what was read from the log for readers who are "
            "behind, and what waits in outboxes, where a message that waits for many counts for "
            "each")
      .value(double(now.memory.tails), {{"part", "tails"}})
      .value(double(now.memory.history), {{"part", "past"}})
      .value(double(now.memory.outboxes), {{"part", "outboxes"}});
}

void add_process(exposition& out, const stats_snapshot& now) {
  const auto& own = now.process;
  out.counter("process_cpu_seconds_total", "CPU time, user and system").value(own.cpu_seconds);
  out.gauge("process_open_fds", "Open file descriptors, counted every few seconds")
      .value(double(own.open_files));
  out.gauge("process_max_fds", "The most file descriptors").value(double(own.most_files));
  out.gauge("process_virtual_memory_bytes", "Virtual memory").value(double(own.virtual_bytes));
  out.gauge("process_resident_memory_bytes", "Resident memory").value(double(own.resident_bytes));
  out.counter("hubbub_log_lines_lost_total",
              "Lines of the hub's own log that standard output did not take in time")
      .value(double(now.ever[counter::lost_log_lines]));
  if (now.certificate_ends)
    out.gauge("hubbub_certificate_ends_seconds", "When the certificate ends, since 1970")
        .value(std::chrono::duration<double>(now.certificate_ends->time_since_epoch()).count());
  out.gauge("process_start_time_seconds", "When the hub began, since 1970")
      .value(std::chrono::duration<double>(now.started.time_since_epoch()).count());
}

} // namespace

std::string render_metrics(const stats_snapshot& now) {
  exposition out;
  out.gauge("hubbub_build_info", "What runs here, and on what database")
      .value(1, {{"version", HUBBUB_VERSION},
                 {"database", now.database == database_kind::sqlite ? "sqlite" : "postgresql"}});
  add_flow(out, now);
  add_connections(out, now);
  add_storage(out, now);
  add_memory(out, now);
  add_process(out, now);
  return out.text();
}

} // namespace hubbub
