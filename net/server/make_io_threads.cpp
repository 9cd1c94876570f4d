#include "net/server/make_io_threads.hpp"

namespace hubbub {

io_threads make_io_threads(const options& settings, const std::shared_ptr<hub_counters>& counters,
                           const std::shared_ptr<memory_budget>& memory) {
  const io_thread::limits limits{.outbox = settings.outbox_limit,
                                 .deflate = settings.deflate,
                                 .max_data = settings.max_data,
                                 .memory = memory};
  io_threads out;
  for (unsigned i = 0; i < settings.threads; ++i)
    out.push_back(std::make_unique<io_thread>("io " + std::to_string(i + 1), limits, counters));
  return out;
}

} // namespace hubbub
