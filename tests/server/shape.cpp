// A form is an example: 'h' stands for a hexadecimal digit, 'd' for a decimal digit.
#include "tests/server/shape.hpp"

#include <algorithm>
#include <ctime>
#include <stdexcept>

namespace test {

namespace {

bool has_form(std::string_view text, std::string_view form) {
  auto fits = [](char c, char kind) {
    if (kind == 'h' || kind == 'd')
      return std::string_view{"0123456789abcdef"}.substr(0, kind == 'd' ? 10 : 16).find(c) !=
             std::string_view::npos;
    return c == kind;
  };
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), fits);
}

} // namespace

std::set<std::string> fields(const nlohmann::json& object) {
  std::set<std::string> names;
  for (auto& [name, value] : object.items())
    names.insert(name);
  return names;
}

bool is_uuid4(const std::string& text) {
  return has_form(text, "hhhhhhhh-hhhh-4hhh-hhhh-hhhhhhhhhhhh") &&
         std::string_view{"89ab"}.find(text[19]) != std::string_view::npos;
}

double seconds(const std::string& created_at) {
  std::tm time{};
  if (!has_form(created_at, "dddd-dd-ddTdd:dd:dd.dddddd+00:00") ||
      ::strptime(created_at.c_str(), "%Y-%m-%dT%H:%M:%S", &time) == nullptr)
    throw std::runtime_error{"not the form of a time: " + created_at};
  return static_cast<double>(::timegm(&time)) + std::stod(created_at.substr(19, 7));
}

} // namespace test
