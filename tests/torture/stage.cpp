// The hub's outbox is as small as it may be, so that whoever naps falls out of the live fan-out.
#include "tests/torture/stage.hpp"

namespace torture {

stage::stage(database_kind kind, std::uint64_t seed) : kind_{kind} {
  std::string url;
  if (kind == database_kind::postgresql) {
    cluster_.emplace(test::durability::full);
    cluster_->session("postgres")->sql("create database torture");
    proxy_.emplace(cluster_->port(), seed);
    url = "postgresql://hubbub:secret@127.0.0.1:" + std::to_string(proxy_->port()) + "/torture";
  } else {
    url = file_.emplace().url();
  }
  hub_.emplace(
      test::settings{{"DATABASE_URL", url}, {"OUTBOX_LIMIT", "8192"}, {"RATE_LIMIT", "50"}});
}

std::unique_ptr<test::sql_session> stage::session() const {
  return cluster_ ? cluster_->session("torture") : file_->session();
}

} // namespace torture
