// The properties that a fuzzer claims of every input. Knows how to fail so that libFuzzer keeps the
// input.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

/// Ends the process with the property's name if it does not hold.
inline void claim(bool holds, std::string_view property) {
  if (holds)
    return;
  std::cerr << "does not hold: " << property << std::endl;
  std::abort();
}
