#include "net/logging.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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

} // namespace

void start_logging(bool debug, bool json) {
  const auto logger = spdlog::stdout_logger_mt("hubbub");
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
}

} // namespace hubbub
