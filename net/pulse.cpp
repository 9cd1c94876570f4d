#include "net/pulse.hpp"

#include <boost/asio/post.hpp>

namespace hubbub {

pulse::pulse(const lanes& threads, hub& actors) : lanes_(threads), hub_(actors) {
  ask();
}

std::optional<bool> pulse::beat() {
  if (last_->open > 0)
    return {};
  const bool well = last_->log_well;
  ask();
  return well;
}

void pulse::ask() {
  last_ = std::make_shared<question>();
  last_->open = lanes_.size() + 1;
  for (const auto& each : lanes_)
    boost::asio::post(each->context(), [asked = last_] { --asked->open; });
  hub_.ask_health([asked = last_](bool well) {
    asked->log_well = well;
    --asked->open;
  });
}

} // namespace hubbub
