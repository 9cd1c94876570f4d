#include "net/ops/logging.hpp"

#include "net/ops/log_rate_limiter.hpp"
#include "net/ops/log_writer.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>

namespace hubbub {

namespace {

class json_message final : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& event, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string_view text(event.payload.data(), event.payload.size());
    const auto quoted =
        nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(quoted.data(), quoted.data() + quoted.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<json_message>();
  }
};

std::unique_ptr<spdlog::formatter> make_formatter(bool json) {
  auto line = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (json)
    line->add_flag<json_message>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  else
    line->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v");
  return line;
}

std::string formatted(spdlog::formatter& with, const spdlog::details::log_msg& event) {
  spdlog::memory_buf_t line;
  with.format(event, line);
  return {line.data(), line.size()};
}

log_writer_settings standard_output(bool json, std::shared_ptr<hub_counters> counters) {
  log_writer_settings out;
  out.format_line = [formatter = std::shared_ptr(make_formatter(json))](std::string_view sentence) {
    return formatted(*formatter, {"", spdlog::level::warn, {sentence.data(), sentence.size()}});
  };
  out.on_lost = [counters = std::move(counters)] { counters->add(counter::lost_log_lines); };
  return out;
}

/// Writes to standard output and limits the rate of lines, except for debug lines, which an
/// operator has asked for. spdlog calls `sink_it_` and `flush_` with the mutex of the sink.
class rate_limited_output final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit rate_limited_output(log_writer_settings settings) : out_(std::move(settings)) {}

  ~rate_limited_output() override { write_suppressed(log_rate_limiter::clock::time_point::max()); }

  bool flush_within(std::chrono::milliseconds timeout) { return out_.flush(timeout); }

private:
  void sink_it_(const spdlog::details::log_msg& event) override {
    const std::string_view text(event.payload.data(), event.payload.size());
    if (event.level <= spdlog::level::debug ||
        rate_limiter_.allow(text, event.level, log_rate_limiter::clock::now()))
      out_.write(formatted(*formatter_, event));
  }

  void flush_() override { write_suppressed(log_rate_limiter::clock::now()); }

  void write_suppressed(log_rate_limiter::clock::time_point now) {
    for (const auto& [kind, lines] : rate_limiter_.take_suppressed(now)) {
      const auto text = lines.count > 1
                            ? fmt::format("{} (and {} more like it)", lines.last, lines.count - 1)
                            : lines.last;
      out_.write(formatted(*formatter_, {"", spdlog::level::level_enum(lines.level), text}));
    }
  }

  log_rate_limiter rate_limiter_;
  log_writer out_;
};

} // namespace

void start_logging(bool debug, bool json, std::shared_ptr<hub_counters> counters) {
  const auto logger = std::make_shared<spdlog::logger>(
      "hubbub", std::make_shared<rate_limited_output>(standard_output(json, std::move(counters))));
  logger->set_formatter(make_formatter(json));
  logger->set_level(debug ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
  spdlog::flush_every(std::chrono::seconds(10)); // writes suppressed lines after their last event
}

bool flush_log(std::chrono::milliseconds timeout) {
  const auto logger = spdlog::default_logger();
  if (!logger || logger->sinks().empty())
    return true;
  const auto out = std::dynamic_pointer_cast<rate_limited_output>(logger->sinks().front());
  return !out || out->flush_within(timeout);
}

} // namespace hubbub
