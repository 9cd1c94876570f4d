#include "tests/support/event_parser.hpp"

#include <algorithm>
#include <utility>

namespace test {

void event_parser::feed(std::string_view bytes) {
  unread_ += bytes;
  std::size_t begin = 0;
  for (;;) {
    const auto end = unread_.find_first_of("\r\n", begin);
    // After CR, an LF may be still to come.
    if (end == unread_.npos || (unread_[end] == '\r' && end + 1 == unread_.size()))
      break;
    take_line(std::string_view(unread_).substr(begin, end - begin));
    begin = end + (unread_.compare(end, 2, "\r\n") == 0 ? 2 : 1);
  }
  unread_.erase(0, begin);
}

std::optional<stream_event> event_parser::next() {
  take_lone_ids();
  if (events_.empty())
    return {};
  auto out = std::move(events_.front());
  events_.pop_front();
  last_id_ = out.id;
  return out;
}

void event_parser::take_lone_ids() {
  for (; !events_.empty() && events_.front().type.empty(); ++lone_ids_) {
    last_id_ = events_.front().id;
    events_.pop_front();
  }
}

void event_parser::take_line(std::string_view line) {
  if (line.empty()) {
    if (has_data_) {
      present_.data.pop_back(); // the last LF
      present_.id = id_;
      events_.push_back(std::move(present_));
    } else if (has_id_)
      events_.push_back({"", "", id_});
    present_ = {};
    has_data_ = has_id_ = false;
    return;
  }
  const auto colon = std::min(line.find(':'), line.size());
  const auto field = line.substr(0, colon);
  auto value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' '))
    value.remove_prefix(1);
  if (field.empty())
    ++comments_;
  else if (field == "event")
    present_.type = value;
  else if (field == "data") {
    present_.data += std::string(value) + '\n';
    has_data_ = true;
  } else if (field == "id") {
    id_ = value;
    has_id_ = true;
  } else if (field == "retry")
    retry_ = std::stol(std::string(value));
}

} // namespace test
