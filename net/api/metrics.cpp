#include "net/api/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace hubbub {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// The label of all rooms that have no label of their own. The name of a room has no brackets.
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
  out.counter("hubbub_messages_accepted_total", "Messages that were accepted from clients")
      .value(double(ever[counter::accepted]));
  out.counter("hubbub_messages_stored_total", "Messages that this hub has stored")
      .value(double(ever[counter::stored]));
  out.counter(
         "hubbub_messages_found_total",
         "Accepted messages that were in the log already, because of a repeated key or a commit "
         "whose answer was lost")
      .value(double(ever[counter::found]));
  out.counter("hubbub_messages_delivered_total",
              "Messages that were written to sockets, counted once for each reader, without the "
              "history in init")
      .value(double(ever[counter::delivered]));
  out.counter("hubbub_sent_bytes_total", "Bytes that were written to WebSockets and event streams")
      .value(double(ever[counter::sent_bytes]));
  out.counter("hubbub_frames_refused_total",
              "Frames that were answered by an error, by error code");
  for (std::size_t i = 0; i < refusal_code_names.size(); ++i)
    out.value(double(ever[counter::refused + i]), {{"code", std::string(refusal_code_names[i])}});
  out.counter("hubbub_publish_requests_total",
              "Requests to publish by HTTP with a body that was read, by their answer");
  for (std::size_t i = 0; i < publish_answer_names.size(); ++i)
    out.value(double(ever[counter::published + i]),
              {{"answer", std::string(publish_answer_names[i])}});
  out.counter(
      "hubbub_address_excess_total",
      "Refusals because one address had too many opens (requests, upgrades and TLS handshakes), "
      "connections, or other sockets at once; sockets also because of the limit over all "
      "addresses");
  for (std::size_t i = 0; i < address_limit_names.size(); ++i)
    out.value(double(ever[counter::over_address_limit + i]),
              {{"of", std::string(address_limit_names[i])}});
  out.histogram("hubbub_commit_seconds", "Duration of the commit of a batch of messages", ever,
                counter::commit);
  out.histogram(
      "hubbub_delivery_seconds",
      "Duration from the publication of a message to the end of its writing, once for each "
      "reader that keeps up",
      ever, counter::delivery);
  out.gauge("hubbub_newest_message_id", "Id of the last message that was shown")
      .value(double(now.newest));
}

void add_connections(exposition& out, const stats_snapshot& now) {
  out.gauge("hubbub_connections", "Open WebSockets and event streams")
      .value(double(now.connections));
  out.gauge("hubbub_subscriptions", "Rooms that connections are subscribed to, summed over all")
      .value(double(now.people.members));
  out.counter("hubbub_connections_opened_total", "WebSockets and event streams that were opened")
      .value(double(now.opened));
  out.counter(
      "hubbub_connections_closed_total",
      "WebSockets and event streams that have ended, by close code; 1006: no close frame, or an "
      "event stream that broke; 1005: a close frame without a code, or an event stream that its "
      "client has ended");
  for (std::size_t i = 0; i < counter::close_codes.size(); ++i)
    out.value(double(now.ever[counter::closed + i]),
              {{"code", close_code_label(counter::close_codes[i])}});
  out.gauge("hubbub_rooms", "Rooms that have members in this hub").value(double(now.people.rooms));
  out.gauge("hubbub_room_members",
            "Members of the rooms with the most members, and of all other rooms together");
  auto others = now.people.members;
  for (const auto& [room, members] : now.people.fullest) {
    out.value(double(members), {{"room", room}});
    others -= members;
  }
  out.value(double(others), {{"room", other_rooms}});
  out.gauge("hubbub_slow_readers", "Readers whose outbox has not been empty for a second, or "
                                   "which have left the live fan-out because of it")
      .value(double(now.slow.count));
  out.gauge("hubbub_slow_readers_lag_bytes", "Bytes in memory that wait for slow readers")
      .value(double(now.slow.lag.bytes));
  out.gauge("hubbub_slow_readers_lag_messages",
            "Upper bound of the messages that slow readers have not been sent: rows after a cursor "
            "may be in other rooms")
      .value(double(now.slow.lag.messages));
}

void add_storage(exposition& out, const stats_snapshot& now) {
  out.gauge("hubbub_database_up", "Whether the log is available: 1 or 0")
      .value(now.database_available ? 1 : 0);
  out.counter("hubbub_database_failures_total", "Calls of the log that failed")
      .value(double(now.ever[counter::log_failures]));
  out.gauge("hubbub_older_hub",
            "Whether a hub of an older version runs on the same database, so that messages with "
            "data are refused: 1 or 0")
      .value(now.older_hub_lives ? 1 : 0);
  out.counter("hubbub_database_retries_total", "Attempts after a failed call of the log")
      .value(double(now.ever[counter::retries]));
  out.counter("hubbub_log_forks_total",
              "Forks of the log, which are places where the database has lost messages, that this "
              "hub has found since it started")
      .value(double(now.ever[counter::log_forks]));
  out.counter("hubbub_log_lost_messages_total",
              "Upper bound of the messages that this hub had stored or shown and that the database "
              "has lost")
      .value(double(now.ever[counter::lost_messages]));
  out.counter("hubbub_outbox_moved_total",
              "Messages published by SQL that this hub has moved into the log")
      .value(double(now.ever[counter::outbox_moved]));
  out.counter("hubbub_outbox_repeated_total",
              "Messages published by SQL that were in the log already, by their keys")
      .value(double(now.ever[counter::outbox_repeated]));
  out.counter("hubbub_outbox_failed_total",
              "Messages published by SQL that this hub could not store: they are in the table "
              "hubbub_outbox_failed")
      .value(double(now.ever[counter::outbox_failed]));
  out.gauge("hubbub_backlog_bytes", "Bytes that are accepted and not yet shown")
      .value(double(now.backlog_bytes));
  out.gauge("hubbub_backlog_limit_bytes", "Limit of the bytes that are accepted and not yet shown")
      .value(double(now.backlog_limit_bytes));
  out.counter("hubbub_past_pages_read_total",
              "Pages that were read from the log for cursors behind the hot tail")
      .value(double(now.ever[counter::history_pages]));
  out.counter("hubbub_past_messages_read_total", "Messages in those pages")
      .value(double(now.ever[counter::history_rows]));
}

void add_memory(exposition& out, const stats_snapshot& now) {
  out.gauge("hubbub_memory_limit_bytes", "The setting MEMORY_LIMIT; 0: no limit")
      .value(double(now.memory.limit));
  out.gauge("hubbub_memory_pressure",
            "0: calm; 1: hot tails are dropped; 2: slow readers leave the live fan-out; 3: new "
            "connections are refused")
      .value(double(now.memory.level));
  out.gauge("hubbub_memory_part_bytes",
            "Bytes of the hot tails of rooms, of pages that were read from the log for readers "
            "that are behind, of outboxes, where a message counts once for each reader, and of "
            "incomplete frames over 16 KiB")
      .value(double(now.memory.tails), {{"part", "tails"}})
      .value(double(now.memory.history), {{"part", "past"}})
      .value(double(now.memory.outboxes), {{"part", "outboxes"}})
      .value(double(now.memory.frames), {{"part", "frames"}});
}

void add_process(exposition& out, const stats_snapshot& now) {
  const auto& own = now.process;
  out.counter("process_cpu_seconds_total", "CPU time in seconds, user and system")
      .value(own.cpu_seconds);
  out.gauge("process_open_fds", "Open file descriptors, counted every few seconds")
      .value(double(own.open_files));
  out.gauge("process_max_fds", "Limit of open file descriptors").value(double(own.max_files));
  out.gauge("process_virtual_memory_bytes", "Virtual memory in bytes")
      .value(double(own.virtual_bytes));
  out.gauge("process_resident_memory_bytes", "Resident memory in bytes")
      .value(double(own.resident_bytes));
  out.counter("hubbub_log_lines_lost_total",
              "Lines of the hub's log that standard output did not take in time")
      .value(double(now.ever[counter::lost_log_lines]));
  if (now.certificate_expires_at)
    out.gauge("hubbub_certificate_ends_seconds",
              "Time at which the certificate expires, in seconds since 1970")
        .value(
            std::chrono::duration<double>(now.certificate_expires_at->time_since_epoch()).count());
  out.gauge("process_start_time_seconds", "Time at which the hub started, in seconds since 1970")
      .value(std::chrono::duration<double>(now.started.time_since_epoch()).count());
}

} // namespace

std::string render_metrics(const stats_snapshot& now) {
  exposition out;
  out.gauge("hubbub_build_info", "Version of the hub and kind of its database")
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
