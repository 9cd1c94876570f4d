#include "storage/dialect.hpp"

#include "storage/dialect_parts.hpp"

namespace hubbub {

const dialect& dialect_of(database_kind kind) {
  static const dialect postgresql = make_postgresql_dialect(), sqlite = make_sqlite_dialect();
  return kind == database_kind::sqlite ? sqlite : postgresql;
}

} // namespace hubbub
