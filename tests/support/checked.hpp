// Turns the error of a system call into an exception.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace test {

/// Returns `result`. Throws std::system_error with errno if `result` is negative.
inline int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category(), what};
  return result;
}

/// The system's text for an errno value.
inline std::string error_text(int error) {
  return std::generic_category().message(error);
}

} // namespace test
