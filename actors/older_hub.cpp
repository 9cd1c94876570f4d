#include "actors/older_hub.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

void record_older_hub(log_status& log, bool lives) {
  if (!log.set_older_hub_lives(lives))
    return;
  if (lives)
    spdlog::info(
        "an older hub runs on this database: messages with data are refused until it ends");
  else
    spdlog::info("no older hub runs on this database any more: messages with data are accepted");
}

} // namespace hubbub
