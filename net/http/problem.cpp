#include "net/http/problem.hpp"

#include <nlohmann/json.hpp>

namespace hubbub {

std::string problem_body(const problem& why) {
  using json = nlohmann::ordered_json;
  const auto title = obsolete_reason(why.status());
  // The type says that the problem is its status, and the title is the phrase of the status, as RFC
  // 9457, section 4.2.1, asks. An address of a description would differ from hub to hub.
  json body{{"type", "about:blank"},
            {"title", std::string_view(title.data(), title.size())},
            {"status", unsigned(why.status())},
            {"code", kind_of(why.code).name},
            {"detail", why.detail}};
  if (why.index)
    body["index"] = *why.index;
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace hubbub
