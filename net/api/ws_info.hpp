// GET /ws-info: the state of the hub, and the list of its connections.
// Knows: the query, the JSON and its links. Must not know: where the numbers come from.
#pragma once

#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"
#include "net/ops/stats_snapshot.hpp"

namespace hubbub {

/// Answers `/ws-info` with a snapshot of all counters. A client without the admin token gets the
/// two fields that the old chat showed to every client. Answers
/// `/ws-info?connections=1&before=&limit=` with `{"connections":[…],"next":…}`, newest first;
/// `next` is null, or the relative address of the next page, and a Link field repeats it.
/// Errors: 400 for the query, 401 for the token.
awaitable<http_response> answer_ws_info(http_request request, request_target target,
                                        stats_collector& stats, const std::string& token,
                                        boost::asio::io_context& context);

} // namespace hubbub
