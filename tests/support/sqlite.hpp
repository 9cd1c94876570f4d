// A SQLite database in a temporary folder of its own. Must not know the hub's tables.
#pragma once

#include "tests/support/database.hpp"
#include "tests/support/temp_dir.hpp"

namespace test {

class sqlite : public database {
public:
  std::string url() const override { return "sqlite:///" + file(); }
  std::unique_ptr<sql_session> session() const override;
  std::string file() const { return folder_.path() / "hubbub.db"; }

private:
  temp_dir folder_;
};

} // namespace test
