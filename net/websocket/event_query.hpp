// The request for an event stream: `/events?room=A&room=B&after=ID&log=UUID`, and its checks.
// Knows: the parameters, the field Last-Event-ID, origins, tokens. Must not know: sockets, how full
// the hub is, which rooms or logs exist.
#pragma once

#include "actors/position.hpp"
#include "net/access/credentials.hpp"
#include "net/access/origin.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hubbub {

struct event_query {
  std::vector<std::string> rooms; ///< At least one, each once, in normalization form C.
  std::optional<position> from;   ///< All rooms resume after this position.
};

/// Returns the query, or its error. Unknown parameters are ignored. `last_event_id` is the value of
/// the field: empty, or `LOG:ID`, which replaces `after` and `log`.
std::variant<event_query, problem> read_event_query(const std::vector<query_parameter>& query,
                                                    std::string_view last_event_id,
                                                    std::size_t max_rooms);

/// A request for an event stream that was accepted.
struct event_admission {
  event_query query;
  identity user;
  std::string head; ///< The head of the answer, with the empty line that ends it.
};

/// What a request is checked against. The references must outlive the call of read_event_request.
struct event_rules {
  const allowed_origins& pages; ///< The pages of other sites that may connect.
  const token_key* token;       ///< The key of tokens; null: no token is needed.
  std::size_t max_rooms = 100;  ///< Of one line.
};

/// Returns whether the request is a GET for `/events`.
bool asks_for_events(const http_request& request);

/// Returns what the request asks for, or the refusal with its reason. Must be called only if the
/// request asks for events.
std::variant<event_admission, refused_request> read_event_request(const http_request& request,
                                                                  const event_rules& rules);

} // namespace hubbub
