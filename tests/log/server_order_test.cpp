// The order of the servers of one address.
#include "storage/server_order.hpp"

#include <doctest/doctest.h>
#include <libpq-fe.h>

#include <memory>

using namespace hubbub;

namespace {

std::string value(const std::string& connection_string, const std::string& name) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read{
      PQconninfoParse(connection_string.c_str(), nullptr), &PQconninfoFree};
  for (const auto* one = read.get(); one && one->keyword; ++one)
    if (one->keyword == name)
      return one->val ? one->val : "";
  return "not read";
}

} // namespace

TEST_CASE("a server that is to be tried last keeps its port") {
  const auto out =
      with_server_last("host='a,b,c' port='1,2,3' dbname='chat' password='it\\'s'", "a", "1");
  CHECK(value(out, "host") == "b,c,a");
  CHECK(value(out, "port") == "2,3,1");
  CHECK(value(out, "dbname") == "chat");
  CHECK(value(out, "password") == "it's");
}

TEST_CASE("two servers on one host are told apart by their ports") {
  const auto out = with_server_last("host='h,h' port='5432,5433'", "h", "5432");
  CHECK(value(out, "port") == "5433,5432");
  CHECK(value(with_server_last(out, "h", "5433"), "port") == "5432,5433");
}

TEST_CASE("one port for all servers, no port, addresses and sockets are understood") {
  CHECK(value(with_server_last("host='a,b' port='7'", "a", "7"), "host") == "b,a");
  CHECK(value(with_server_last("host='a,b'", "a", "5432"), "host") == "b,a");
  const auto second = with_server_last("host='a,b' port='5433,'", "a", "5433");
  CHECK(value(second, "host") == "b,a");
  CHECK(value(second, "port") == ",5433");
  CHECK(value(with_server_last("hostaddr='127.0.0.1,127.0.0.2'", "127.0.0.1", "5432"),
              "hostaddr") == "127.0.0.2,127.0.0.1");
  CHECK(value(with_server_last("host='/run/it\\'s,b'", "/run/it's", "5432"), "host") ==
        "b,/run/it's");
}

TEST_CASE("an order in which nothing can change stays") {
  for (const std::string given : {"host='a' port='1'", "dbname='chat'", "host='a,b' port='1,2'"})
    CHECK(with_server_last(given, "z", "1") == given);
}

TEST_CASE("after a failed connection the next server comes first") {
  const std::string one = "host='a' port='1'", two = "host='a,b' port='1,2'";
  CHECK(with_first_server_last(one) == one);
  const auto out = with_first_server_last(two);
  CHECK(value(out, "host") == "b,a");
  CHECK(value(out, "port") == "2,1");
  CHECK(value(with_first_server_last(out), "host") == "a,b");
}
