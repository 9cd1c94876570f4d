#include "net/api/ws_info.hpp"

#include "net/access/admin_token.hpp"
#include "net/api/fork_json.hpp"
#include "net/http/parse_number.hpp"
#include "storage/instant.hpp"

#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using json = nlohmann::ordered_json;

constexpr std::size_t default_limit = 50, max_limit = 200;

// -- the snapshot ---------------------------------------------------------------------------------

double rounded(double value, double digits) {
  return std::round(value * digits) / digits;
}

json flow(const stats_snapshot& now, counter::slot what) {
  return {{"total", now.ever[what]},
          {"per_second", rounded(double(now.lately.increase[what]) / now.lately.seconds, 10)}};
}

json quantiles(const stats_snapshot& now, counter::slot time) {
  const auto at = [&](double share) {
    const auto seconds = now.lately.increase.quantile(time, share);
    return seconds < 0 ? json() : json(rounded(seconds * 1000, 1000));
  };
  return {{"p50_ms", at(.5)}, {"p99_ms", at(.99)}};
}

json rooms(const room_stats& people) {
  auto out = json::array();
  for (const auto& [room, members] : people.fullest)
    out.push_back({{"room", room}, {"members", members}});
  return out;
}

json slow(const slow_readers& all) {
  auto out = json::array();
  for (const auto& each : all.worst)
    out.push_back({{"connection_id", to_string(each.connection)},
                   {"lag_messages", each.lag.messages},
                   {"lag_bytes", each.lag.bytes}});
  return out;
}

json closes(const counter_values& ever) {
  auto out = json::object();
  for (std::size_t i = 0; i < counter::close_codes.size(); ++i)
    if (const auto times = ever[counter::closed + i])
      out[counter::close_codes[i] ? std::to_string(counter::close_codes[i]) : "other"] = times;
  return out;
}

json refusals(const counter_values& ever) {
  auto out = json::object();
  for (std::size_t i = 0; i < refusal_code_names.size(); ++i)
    if (const auto times = ever[counter::refused + i])
      out[std::string(refusal_code_names[i])] = times;
  return out;
}

json publications(const counter_values& ever) {
  auto out = json::object();
  for (std::size_t i = 0; i < publish_answer_names.size(); ++i)
    out[std::string(publish_answer_names[i])] = ever[counter::published + i];
  return out;
}

std::string render_info(const stats_snapshot& now) {
  return json{{"active_connections", now.connections},
              {"status", "running"},
              {"version", HUBBUB_VERSION},
              {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(now.up).count()},
              {"log", now.people.log.empty() ? json() : json(now.people.log)},
              {"newest_id", now.newest},
              {"fork", now.last_fork ? fork_json(*now.last_fork) : json()},
              {"database", now.database == database_kind::sqlite ? "sqlite" : "postgresql"},
              {"database_well", now.database_available},
              {"database_failures", now.ever[counter::log_failures]},
              {"older_hub", now.older_hub_lives},
              {"outbox",
               {{"moved", now.ever[counter::outbox_moved]},
                {"repeated", now.ever[counter::outbox_repeated]},
                {"failed", now.ever[counter::outbox_failed]}}},
              {"backlog_bytes", now.backlog_bytes},
              {"backlog_limit_bytes", now.backlog_limit_bytes},
              {"messages",
               {{"in", flow(now, counter::accepted)},
                {"stored", flow(now, counter::stored)},
                {"delivered", flow(now, counter::delivered)}}},
              {"latency",
               {{"commit", quantiles(now, counter::commit)},
                {"delivery", quantiles(now, counter::delivery)}}},
              {"subscriptions", now.people.members},
              {"rooms", rooms(now.people)},
              {"rooms_total", now.people.rooms},
              {"slow_readers", slow(now.slow)},
              {"slow_readers_total", now.slow.count},
              {"connections_opened", now.opened},
              {"closes", closes(now.ever)},
              {"refused", refusals(now.ever)},
              {"publish_requests", publications(now.ever)},
              {"past_pages", now.ever[counter::history_pages]},
              {"log_lines_lost", now.ever[counter::lost_log_lines]},
              {"memory_bytes", now.process.resident_bytes},
              {"memory_limit_bytes", now.memory.limit},
              {"memory_pressure", pressure_names[std::size_t(now.memory.level)]},
              {"memory_parts",
               {{"tails", now.memory.tails},
                {"past", now.memory.history},
                {"outboxes", now.memory.outboxes},
                {"frames", now.memory.frames}}}}
      .dump();
}

// -- connections ----------------------------------------------------------------------------------

struct connections_query {
  bool list_connections = false;
  session_ref before = std::numeric_limits<session_ref>::max();
  std::size_t limit = default_limit;
};

/// Returns the query, or its error.
std::variant<connections_query, problem>
read_query(const std::vector<query_parameter>& parameters) {
  connections_query out;
  for (const auto& [name, value] : parameters) {
    const auto number = parse_number(value);
    if (name == "connections") {
      if (number != 1)
        return problem{problem_code::bad_query, "connections is 1, or not there"};
      out.list_connections = true;
    } else if (name == "before") {
      if (!number || *number < 1)
        return problem{problem_code::bad_query,
                       "before is where a page ends, as next says, a whole number over 0"};
      out.before = session_ref(*number);
    } else if (name == "limit") {
      if (!number || *number < 1 || *number > std::int64_t(max_limit))
        return problem{problem_code::bad_query, "limit is a whole number from 1 to 200"};
      out.limit = std::size_t(*number);
    }
  }
  return out;
}

http_response render_connections(const http_request& request, const connections_query& query,
                                 std::vector<session_info> all) {
  std::string next;
  if (all.size() > query.limit) {
    all.resize(query.limit);
    next = "ws-info?connections=1&before=" + std::to_string(all.back().number) +
           "&limit=" + std::to_string(query.limit);
  }
  auto list = json::array();
  for (const auto& each : all)
    list.push_back(
        {{"connection_id", to_string(each.connection)},
         {"transport", each.events ? "events" : "websocket"},
         {"room", each.room},
         {"subscriptions", each.subscriptions},
         {"since", to_iso(std::chrono::time_point_cast<std::chrono::microseconds>(each.since))},
         {"address", each.address},
         {"sent_messages", each.sent},
         {"lag_messages", each.lag.messages},
         {"lag_bytes", each.lag.bytes}});
  auto out = raw_json_response(
      request, http::status::ok,
      json{{"connections", std::move(list)}, {"next", next.empty() ? json() : json(next)}}.dump());
  if (!next.empty())
    out.set(http::field::link, "<" + next + ">; rel=\"next\"");
  return out;
}

} // namespace

awaitable<http_response> answer_ws_info(http_request request, request_target target,
                                        stats_collector& stats, const std::string& token,
                                        asio::io_context& context) {
  const auto read = read_query(target.query);
  if (const auto* wrong = std::get_if<problem>(&read))
    co_return error_response(request, *wrong);
  const auto query = std::get<connections_query>(read);
  if (auto refused = require_admin(request, token)) {
    if (query.list_connections || request.count(http::field::authorization))
      co_return std::move(*refused);
    co_return raw_json_response(
        request, http::status::ok,
        json{{"active_connections", stats.connections()}, {"status", "running"}}.dump());
  }
  if (!query.list_connections)
    co_return raw_json_response(request, http::status::ok,
                                co_await stats.render_snapshot(render_info, context));
  auto all = co_await stats.request_sessions(query.before, query.limit + 1, context);
  co_return render_connections(request, query, std::move(all));
}

} // namespace hubbub
