// What the system says of a call, as an exception.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace test {

/// The result, unless it is negative: then throws std::system_error with errno.
inline int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category(), what};
  return result;
}

/// What errno means.
inline std::string error_text(int error) {
  return std::generic_category().message(error);
}

} // namespace test
