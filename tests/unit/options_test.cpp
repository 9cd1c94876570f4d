// How settings are read from the environment. tests/server tries every setting of a hub.
#include "net/server/options.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <string>
#include <utility>

using namespace hubbub;

namespace {

/// Sets a variable of the environment for the lifetime of the object.
class given {
public:
  given(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1); // NOLINT(concurrency-mt-unsafe): one thread
  }
  given(const given&) = delete;
  ~given() { ::unsetenv(name_.c_str()); } // NOLINT(concurrency-mt-unsafe)

private:
  const std::string name_;
};

std::variant<options, options_end> read() {
  const char* const command = "hubbub";
  return try_options(1, &command);
}

} // namespace

TEST_CASE("a variable whose value does not fit is an error, with every version of CLI11") {
  for (const auto& each : {std::pair{"PORT", "abc"},
                           {"PORT", "65536"},
                           {"THREADS", "0"},
                           {"RATE_LIMIT", "-1"},
                           {"RATE_LIMIT_PER_IP", "fast"},
                           {"MAX_ROOMS", "0"},
                           {"MAX_ROOMS", "10001"},
                           {"MAX_DATA", "-1"},
                           {"MAX_DATA", "262145"},
                           {"MAX_DATA", "much"},
                           {"MAX_CONNECTIONS", "x"},
                           {"MEMORY_LIMIT", "many"},
                           {"OUTBOX_LIMIT", "1"},
                           {"KEEPALIVE_TIMEOUT", "1.5"},
                           {"LOG_FORMAT", "xml"},
                           {"DEBUG", "banana"}}) {
    const std::string name = each.first, value = each.second;
    CAPTURE(name);
    CAPTURE(value);
    const given one(name, value);
    const auto found = read();
    const auto* const end = std::get_if<options_end>(&found);
    REQUIRE(end != nullptr);
    CHECK(end->code == 2);
    CHECK(end->text.find(value) != std::string::npos);
  }
}

TEST_CASE("an empty variable counts as unset") {
  const given port("PORT", ""), limit("MEMORY_LIMIT", ""), page("PUBLIC_DIR", ".");
  const auto found = read();
  REQUIRE(std::holds_alternative<options>(found));
  CHECK(std::get<options>(found).port == 6088);
}

TEST_CASE("a connection may have 100 rooms, or what MAX_ROOMS says from 1 to 10000") {
  const given page("PUBLIC_DIR", ".");
  CHECK(std::get<options>(read()).max_rooms == 100);
  for (const std::size_t most : {1, 10'000}) {
    const given rooms("MAX_ROOMS", std::to_string(most));
    CHECK(std::get<options>(read()).max_rooms == most);
  }
}

TEST_CASE("the data of a message has 8 KiB, or what MAX_DATA says from 0 to 256 KiB") {
  const given page("PUBLIC_DIR", ".");
  CHECK(std::get<options>(read()).max_data == 8192);
  for (const auto& [text, bytes] : std::vector<std::pair<std::string, std::size_t>>{
           {"0", 0}, {"1", 1}, {"64K", 65'536}, {"262144", 262'144}, {"256KB", 262'144}}) {
    const given data("MAX_DATA", text);
    CHECK(std::get<options>(read()).max_data == bytes);
  }
}
