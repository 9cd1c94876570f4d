// A SQLite file belongs to one process.
// Knows: how that is seen by others. Must not know: what is in the file.
#pragma once

#include "storage/database_url.hpp"

namespace hubbub {

/// While it lives, no other process gets one for the same file. It is the kernel's lock on a file
/// beside the database, gone with the process however that ends; the database itself is not
/// touched, for closing it would take away SQLite's own locks on it. For PostgreSQL it is nothing.
class claim {
public:
  /// Throws std::runtime_error with one sentence for the operator.
  explicit claim(const database& on);
  ~claim();
  claim(const claim&) = delete;

  /// Whether anybody has ever had one: a claim leaves its file behind.
  static bool was_made(const database& on);

private:
  int file_ = -1;
};

} // namespace hubbub
