// OUTBOX_LIMIT is as small as it may be, so that a client that pauses leaves the live fan-out and
// reads from the log.
#include "tests/torture/testbed.hpp"

namespace torture {

testbed::testbed(database_kind kind, std::size_t hubs, std::uint64_t seed) : kind_{kind} {
  if (kind == database_kind::postgresql) {
    cluster_.emplace(test::durability::full);
    cluster_->session("postgres")->sql("create database torture");
  } else {
    file_.emplace();
  }
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < hubs; ++i) {
    std::string url;
    if (cluster_) {
      proxies_.push_back(std::make_unique<torture::proxy>(cluster_->port(), seed + i));
      url = "postgresql://hubbub:secret@127.0.0.1:" + std::to_string(proxies_[i]->port()) +
            "/torture";
    } else {
      url = file_->url();
    }
    hubs_.push_back(std::make_unique<test::hub>(
        test::settings{{"DATABASE_URL", url}, {"OUTBOX_LIMIT", "8192"}, {"RATE_LIMIT", "50"}}));
    ports.push_back(hubs_[i]->port());
  }
  if (hubs > 1)
    balancer_.emplace(std::move(ports), seed);
}

std::unique_ptr<test::sql_session> testbed::session() const {
  return cluster_ ? cluster_->session("torture") : file_->session();
}

} // namespace torture
