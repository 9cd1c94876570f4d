// Uses SQLite's C interface.
#include "tests/support/sqlite.hpp"

#include <sqlite3.h>
#include <stdexcept>

namespace test {

namespace {

using handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

class sqlite_session : public sql_session {
public:
  explicit sqlite_session(const std::string& file) : db_{nullptr, &sqlite3_close} {
    sqlite3* raw = nullptr;
    auto result = sqlite3_open(file.c_str(), &raw);
    db_.reset(raw);
    check(result);
    sqlite3_busy_timeout(raw, 120'000); // the hub writes to the same file
  }

  rows sql(const std::string& text) override {
    rows found;
    for (auto rest = text.c_str(); *rest != '\0';) {
      sqlite3_stmt* raw = nullptr;
      check(sqlite3_prepare_v2(db_.get(), rest, -1, &raw, &rest));
      if (raw != nullptr)
        found = run(statement{raw, &sqlite3_finalize});
    }
    return found;
  }

private:
  rows run(statement prepared) {
    rows found;
    for (;;) {
      auto result = sqlite3_step(prepared.get());
      if (result == SQLITE_DONE)
        return found;
      if (result != SQLITE_ROW)
        check(result);
      found.emplace_back();
      for (int i = 0; i < sqlite3_column_count(prepared.get()); ++i) {
        auto text = reinterpret_cast<const char*>(sqlite3_column_text(prepared.get(), i));
        auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared.get(), i));
        found.back().push_back(text == nullptr ? "NULL" : std::string{text, size});
      }
    }
  }

  void check(int result) {
    if (result != SQLITE_OK)
      throw std::runtime_error{sqlite3_errmsg(db_.get())};
  }

  handle db_;
};

} // namespace

std::unique_ptr<sql_session> sqlite::session() const {
  return std::make_unique<sqlite_session>(file());
}

} // namespace test
