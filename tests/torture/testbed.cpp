// OUTBOX_LIMIT is as small as it may be, so that a client that pauses leaves the live fan-out and
// reads from the log.
#include "tests/torture/testbed.hpp"

namespace torture {

testbed::testbed(database_kind kind, std::size_t hubs, std::uint64_t seed, replication how,
                 std::string older)
    : kind_{kind}, replication_{how}, older_{std::move(older)} {
  if (kind == database_kind::postgresql) {
    servers_.push_back(std::make_unique<test::postgres_cluster>(test::durability::full));
    cluster().session("postgres")->sql("create database torture");
    if (how != replication::none)
      servers_.push_back(std::make_unique<test::postgres_cluster>(cluster()));
  } else {
    file_.emplace();
  }
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < hubs; ++i) {
    hubs_.push_back(std::make_unique<test::hub>(
        test::settings{
            {"DATABASE_URL", url_of_hub(seed + i)}, {"OUTBOX_LIMIT", "8192"}, {"RATE_LIMIT", "50"}},
        older_));
    ports.push_back(hubs_[i]->port());
  }
  if (hubs > 1)
    balancer_.emplace(std::move(ports), seed);
}

std::string testbed::url_of_hub(std::uint64_t seed) {
  if (servers_.empty())
    return file_->url();
  std::string hosts;
  for (auto& server : servers_) {
    proxies_.push_back(std::make_unique<torture::proxy>(server->port(), seed));
    hosts +=
        (hosts.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(proxies_.back()->port());
  }
  return "postgresql://hubbub:secret@" + hosts + "/torture";
}

void testbed::standby_listens(bool on) {
  for (std::size_t i = 1 - primary_; i < proxies_.size(); i += servers_.size())
    proxies_[i]->listen(on);
}

void testbed::cut_off_hubs() {
  for (auto& each : proxies_)
    each->refuse(true);
}

void testbed::heal_proxies() {
  for (auto& each : proxies_)
    each->heal();
}

std::unique_ptr<test::sql_session> testbed::session() const {
  return servers_.empty() ? file_->session() : servers_[primary_]->session("torture");
}

} // namespace torture
