#include "net/logging.hpp"

#include "net/flood.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
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

/// Standard output, with floods dammed. What is only logged at debug was asked for.
class calm_output final : public spdlog::sinks::base_sink<std::mutex> {
public:
  ~calm_output() override {
    tell_of_floods(flood::clock::time_point::max());
    std::fflush(stdout);
  }

private:
  void sink_it_(const spdlog::details::log_msg& event) override {
    const std::string_view text(event.payload.data(), event.payload.size());
    if (event.level <= spdlog::level::debug || floods_.pass(text, event.level, flood::clock::now()))
      write(event);
  }

  void flush_() override {
    tell_of_floods(flood::clock::now());
    std::fflush(stdout);
  }

  void tell_of_floods(flood::clock::time_point now) {
    for (const auto& [kind, held] : floods_.sum_up(now)) {
      const auto text = fmt::format("{} (and {} more like it)", held.last, held.more - 1);
      write({"", spdlog::level::level_enum(held.level), text});
    }
  }

  void write(const spdlog::details::log_msg& event) {
    spdlog::memory_buf_t line;
    formatter_->format(event, line);
    std::fwrite(line.data(), 1, line.size(), stdout);
  }

  flood floods_;
};

} // namespace

void start_logging(bool debug, bool json) {
  const auto logger = std::make_shared<spdlog::logger>("hubbub", std::make_shared<calm_output>());
  auto line = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (json)
    line->add_flag<json_message>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  else
    line->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v");
  logger->set_formatter(std::move(line));
  logger->set_level(debug ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
  spdlog::flush_every(std::chrono::seconds(10)); // for the sum of a flood that is over
}

} // namespace hubbub
