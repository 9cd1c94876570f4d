// A file as the answer to a request: conditional, compressed for who takes it so, or just its head.
// Knows: GET and HEAD of a file (RFC 9110, sections 8.8 and 13). Must not know: paths, who asks.
#pragma once

#include "net/http/gzip.hpp"
#include "net/http/http_message.hpp"

#include <boost/beast/http/message_generator.hpp>

#include <functional>
#include <optional>

namespace hubbub {

/// Safe from any thread.
class file_answers {
public:
  /// Writes into an answer what its caller alone knows of: which pages of other sites may read it.
  using marking = std::function<void(http_fields&)>;

  /// The file, 304 for who has it already, or 404 in JSON where there is none. Each has passed
  /// `mark`, which may be empty.
  boost::beast::http::message_generator answer(const http_request& request,
                                               std::optional<public_file> found,
                                               std::string_view policy, const marking& mark = {});

private:
  gzip_files gzip_;
};

} // namespace hubbub
