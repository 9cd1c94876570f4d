// GET /messages: pages of a room's history.
// Knows: the query, the answer and its links. Must not know: sockets, where rows are stored.
#pragma once

#include "actors/hub.hpp"
#include "net/access/token.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"
#include "net/transport/coroutine.hpp"

#include <boost/asio/io_context.hpp>

namespace hubbub {

/// Answers `/messages?room=&before=&limit=` with `{"messages":[…],"next":…}`: the newest `limit`
/// messages of the room with ids below `before`, newest first, each as it was sent. With `after` or
/// `at` instead of `before`: the oldest messages with ids over `after`, or from the first one at or
/// after the time `at`, oldest first. With `q`: only messages that have all its words. `next` is
/// null, or the address of the next page relative to this one (RFC 3986, section 4.2), so that it
/// works behind a proxy that serves the hub below a path of its own. A Link field repeats it.
/// Errors: 400 for the query, 401 or 403 for the token, 503 while the database is unavailable or
/// too many requests wait. `key` outlives the call; null: no token is needed.
awaitable<http_response> answer_messages(http_request request, request_target target,
                                         const token_key* key, hub& actors,
                                         boost::asio::io_context& context);

} // namespace hubbub
