// Any settings, one in each line of the input (a variable after `$`, or an argument), are either
// within their limits, or refused with one line.
#include "net/server/options.hpp"

#include "tests/fuzz/property.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

using namespace hubbub;

namespace {

void set_variable(const std::string& line) {
  const auto equals = line.find('=');
  const auto name = line.substr(1, equals - 1);
  if (equals != line.npos && !name.empty() && name.find('\0') == name.npos)
    ::setenv(name.c_str(), line.substr(equals + 1).c_str(), 1);
}

void check(const options& o) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(o.host, no_address);
  claim(!no_address, "the host is an address");
  claim(o.threads >= 1 && o.threads <= 256, "the number of threads is within its limits");
  claim(o.rate_limit >= 0 && o.rate_limit <= 1e9, "a rate is a number");
  for (const auto rate : {o.rate_limit_per_ip.value_or(0), o.opens_per_ip.value_or(0)})
    claim(rate >= 0 && rate <= 1e9, "a rate of an address is a number");
  claim(o.max_connections <= 10'000'000 && o.max_connections_per_ip <= 10'000'000 &&
            o.max_rooms >= 1 && o.max_rooms <= 10'000 && o.outbox_limit >= 4096 &&
            o.outbox_limit <= std::size_t{1} << 30,
        "limits are within limits");
  claim(o.public_dir.is_absolute(), "the folder of the page is absolute");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ::clearenv();
  std::vector<std::string> words{"hubbub"};
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with('$'))
      set_variable(line);
    else
      words.push_back(line);
  std::vector<const char*> arguments;
  for (const auto& word : words)
    arguments.push_back(word.c_str());
  const auto read = try_options(int(arguments.size()), arguments.data());
  if (const auto* end = std::get_if<options_end>(&read))
    claim(end->code == 0 ||
              (end->code == 2 && std::count(end->text.begin(), end->text.end(), '\n') == 1),
          "one line says what is wrong");
  else
    check(std::get<options>(read));
  return 0;
}
