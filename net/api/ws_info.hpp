// GET /ws-info: how the hub is, and who is connected.
// Knows: its query, its JSON and its links. Must not know: where the numbers come from.
#pragma once

#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"
#include "net/ops/stats_snapshot.hpp"

namespace hubbub {

/// `/ws-info` answers a survey; to who is not admitted, what the old chat told everyone.
/// `/ws-info?connections=1&before=&limit=` answers `{"connections":[…],"next":…}`, the newest
/// first; `next` is the relative address of the page behind it, or null, and a Link field says the
/// same. What is wrong with the query is told with 400.
awaitable<http_response> answer_ws_info(http_request request, request_target target,
                                        stats_collector& stats, const std::string& token,
                                        boost::asio::io_context& context);

} // namespace hubbub
