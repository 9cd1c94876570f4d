// POST /messages: one or more messages, which are stored together.
// Knows: the fields of the request, and the answers. Must not know: sockets, how messages are
// stored.
#pragma once

#include "actors/hub.hpp"
#include "net/access/client_quotas.hpp"
#include "net/access/credentials.hpp"
#include "net/access/origin.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_target.hpp"
#include "net/transport/coroutine.hpp"

#include <boost/asio/io_context.hpp>

#include <variant>

namespace hubbub {

/// What a request that publishes is checked against. The members must outlive the calls.
struct publish_rules {
  const allowed_origins& pages; ///< The pages of other sites that may publish.
  const token_key* token;       ///< The key of tokens; null: no token is needed.
  std::size_t max_body;         ///< Bytes.
};

/// The bytes of the largest body: 1 MiB, or more if the data of one message may be that large.
std::size_t max_publish_body(std::size_t max_data);

/// Returns the identity of a client that may publish, or the refusal of its request: 401 for the
/// token, 403 for a foreign origin, 411, 413, or 415. Needs the head of the request alone.
std::variant<identity, refused_request> admit_publisher(const http_request& request,
                                                        const request_target& target,
                                                        const publish_rules& rules);

/// Counts and logs a refusal of a request whose body was read, and returns its answer.
http_response refuse_publication(const http_request& request, refused_request why,
                                 hub_counters& counters,
                                 publish_answer as = publish_answer::refused);

/// Answers a request, whose head was admitted, when its messages are stored: 201, or 200 if all of
/// them were stored before. Errors: 400, 403 for a room, 422, 429, and 503; the last with the code
/// `in_doubt` after 10 s, when the messages may still be stored. `from` is the client.
awaitable<http_response> answer_publication(http_request request, request_target target,
                                            identity user, client from, hub& actors,
                                            boost::asio::io_context& context);

} // namespace hubbub
