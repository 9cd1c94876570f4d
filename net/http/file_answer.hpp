// Answers to GET and HEAD requests for a file: conditional, compressed, or only the header.
// Knows: the rules for files of RFC 9110, sections 8.8 and 13. Must not know: paths, clients.
#pragma once

#include "net/http/compressed_files.hpp"
#include "net/http/http_message.hpp"

#include <boost/beast/http/message_generator.hpp>

#include <functional>
#include <optional>

namespace hubbub {

/// Threads: all calls may come from any thread.
class file_answers {
public:
  /// Adds the fields that depend on more than the file, such as those of CORS.
  using header_hook = std::function<void(http_fields&)>;

  /// Returns the file, 304 if the client has its current version, or 404 if there is none.
  /// `add_headers` is called once for each of these answers; it may be empty.
  boost::beast::http::message_generator answer(const http_request& request,
                                               std::optional<public_file> found,
                                               std::string_view policy,
                                               const header_hook& add_headers = {});

private:
  compressed_files compressed_;
};

} // namespace hubbub
