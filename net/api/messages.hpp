// GET /messages: a room's past, page by page.
// Knows: its query, its answer and its links. Must not know: sockets, where rows are stored.
#pragma once

#include "actors/hub.hpp"
#include "net/access/token.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"
#include "net/transport/coroutine.hpp"

#include <boost/asio/io_context.hpp>

namespace hubbub {

/// Answers `/messages?room=&before=&limit=` with `{"messages":[…],"next":…}`: the newest `limit`
/// messages of the room with ids under `before`, newest first, each as it was sent. `next` is the
/// address of the page behind it, relative to that of this one (RFC 3986, section 4.2), for a proxy
/// may serve the hub below a path of its own; or null. A Link field says the same. What is wrong
/// with the query is told with 400, who may not read the room with 401 or 403; 503 while the
/// database is away or too many wait.
awaitable<http_response> answer_messages(http_request request, request_target target,
                                         const token_key* key, hub& actors,
                                         boost::asio::io_context& context);

} // namespace hubbub
