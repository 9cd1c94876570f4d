#include "net/server/commands.hpp"

#include "net/access/admin_token.hpp"
#include "net/ops/log_writer.hpp"
#include "storage/log.hpp"
#include "storage/restored.hpp"

#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace hubbub {

int fail_with(int code, const std::string& why) {
  write_or_give_up(STDERR_FILENO, "hubbub: " + why + '\n');
  return code;
}

int report_settings(const options& settings) {
  if (const auto size = settings.admin_token.size(); size > 0 && size < min_admin_token)
    std::cerr << "hubbub: ADMIN_TOKEN is short enough to be guessed" << std::endl;
  std::cout << "The settings are good." << std::endl;
  return EXIT_SUCCESS;
}

int report_restore(const options& settings) {
  try {
    const auto log = record_restore(settings.store);
    if (log.forks.empty())
      std::cout << "The UUID of the log is " << log.identity << " now: " << log.notice << '.';
    else
      std::cout
          << "The log keeps its messages up to id " << log.forks.back().after
          << " and goes on at id " << log.forks.back().first
          << ". Clients that have seen other messages are told that these are lost. Hubs that "
             "run follow by themselves within seconds.";
    std::cout << std::endl;
    return EXIT_SUCCESS;
  } catch (const log_unavailable& e) {
    return fail_with(EXIT_FAILURE,
                     std::string("the restore may not be recorded, run this again: ") + e.what());
  }
}

} // namespace hubbub
