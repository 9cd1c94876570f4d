// A reader of an event stream of the hub.
#pragma once

#include "tests/support/event_parser.hpp"
#include "tests/support/http.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

namespace test {

/// Has the head of the answer when the constructor returns. All functions that name no presence
/// skip events about it.
class event_line {
public:
  explicit event_line(const hub& where, const std::string& query = "", const headers& fields = {},
                      const connect_options& how = {})
      : peer{where.port(), how} {
    peer.send(encode(request{"GET", "/events" + query, fields}, where.port()));
    std::string bytes;
    while (bytes.find("\r\n\r\n") == bytes.npos)
      REQUIRE(peer.read_some(bytes));
    head = take_head(bytes);
    stream.feed(bytes);
  }

  /// The next event of any type. Nothing at the end of the stream.
  std::optional<stream_event> next(deadline until = patience) {
    for (;;) {
      if (auto out = stream.next())
        return out;
      std::string bytes;
      if (!peer.read_some(bytes, until))
        return {};
      stream.feed(bytes);
    }
  }

  /// The next event, which must be of that type. `last` is that event from now on.
  json gets(const std::string& type, deadline until = patience) {
    do {
      auto event = next(until);
      REQUIRE(event);
      last = std::move(*event);
    } while (last.type == "presence" && type != "presence");
    CHECK(last.type == type);
    auto data = json::parse(last.data);
    if (type != "close")
      CHECK(data.at("type") == type);
    return data;
  }

  std::vector<std::string> hears_texts(std::size_t count) {
    std::vector<std::string> out;
    while (out.size() < count)
      out.push_back(gets("message").at("text"));
    return out;
  }

  /// Reads until the stream has this last id.
  void until_id(const std::string& id) {
    for (stream.take_lone_ids(); stream.last_id() != id; stream.take_lone_ids()) {
      std::string bytes;
      REQUIRE(peer.read_some(bytes));
      stream.feed(bytes);
    }
  }

  connection peer;
  response head;
  event_parser stream;
  stream_event last;
};

/// The id of an event for that row of the log.
inline std::string event_id(const json& init, std::int64_t id) {
  return init.at("log").get<std::string>() + ':' + std::to_string(id);
}

} // namespace test
