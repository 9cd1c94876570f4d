// Messages that applications publish by SQL, from their transaction to the subscribers of all hubs.
#include "tests/server/doctor.hpp"
#include "tests/server/exposition.hpp"
#include "tests/server/stored_once.hpp"
#include "tests/support/pgbouncer.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>

using namespace test;

TEST_SUITE_BEGIN("outbox");

namespace {

void publish(const database& db, const std::string& arguments) {
  db.sql("select hubbub_publish(" + arguments + ")");
}

} // namespace

TEST_CASE("a subscriber of any hub sees what was published, once and with its fields") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{one}, bob{two};
  publish(db, "'lobby', 'Order 7 has shipped', '{\"order\": 7}', 'order-7'");
  for (auto* someone : {&alice, &bob}) {
    const auto seen = someone->hears();
    CHECK(seen["text"] == "Order 7 has shipped");
    CHECK(seen["data"] == json{{"order", 7}});
    CHECK(seen["user_message_number"] == 1);
    CHECK(seen["room"] == "lobby");
  }
  publish(db, "'lobby', 'Order 7 has shipped', '{\"order\": 7}', 'order-7'");
  publish(db, "'lobby', 'last'");
  CHECK(alice.hears()["text"] == "last");
  CHECK(bob.hears()["text"] == "last");
  stored_once(db, 2);
  eventually("the counters of both hubs", [&] {
    double moved = 0, repeated = 0;
    for (const auto* each : {&one, &two}) {
      auto now = scrape(*each);
      moved += now["hubbub_outbox_moved_total"];
      repeated += now["hubbub_outbox_repeated_total"];
      CHECK(now["hubbub_outbox_failed_total"] == 0);
    }
    return moved == 2 && repeated == 1;
  });
}

TEST_CASE("a transaction that stays open delays nobody, and is shown when it commits") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  const auto open = db.session();
  open->sql("begin; select hubbub_publish('lobby', 'late')");
  for (int i = 1; i <= 50; ++i) {
    publish(db, "'lobby', 'early " + std::to_string(i) + "'");
    alice.say("said " + std::to_string(i));
  }
  std::size_t early = 0;
  for (int i = 0; i < 100; ++i)
    early += std::string(alice.hears()["text"]).starts_with("early");
  CHECK(early == 50);
  open->sql("commit");
  CHECK(alice.hears()["text"] == "late");
  open->sql("begin; select hubbub_publish('lobby', 'never'); rollback");
  publish(db, "'lobby', 'last'");
  CHECK(alice.hears()["text"] == "last");
}

TEST_CASE("what was published while no hub ran is stored by the next one, in its order") {
  postgres db;
  {
    hub hub{db};
    visitor alice{hub};
    hub.kill();
  }
  db.sql("select hubbub_publish('lobby', 'message ' || n) from generate_series(1, 2500) n");
  hub hub{db};
  eventually("all to be stored",
             [&] { return db.value("select count(*) from messages") == "2500"; });
  stored_once(db, 2500);
  CHECK(db.value("select count(*) from (select text, row_number() over (order by id) n from "
                 "messages) m where text = 'message ' || n") == "2500");
  CHECK(db.value("select count(*) from hubbub_outbox") == "0");
}

TEST_CASE("each row is stored once while hubs are killed in the middle of moves") {
  postgres db;
  hub one{db}, two{db};
  visitor alice{two};
  int published = 0;
  for (int round = 0; round < 6; ++round) {
    const auto from = std::to_string(published + 1), to = std::to_string(published += 3000);
    db.sql("select hubbub_publish('lobby', 'message ' || n) from generate_series(" + from + ", " +
           to + ") n");
    auto& victim = round % 2 ? two : one;
    victim.kill();
    victim.start();
  }
  eventually("all to be stored", [&] {
    return db.value("select count(*) from messages") == std::to_string(published) &&
           db.value("select count(*) from hubbub_outbox") == "0";
  });
  stored_once(db, std::size_t(published));
}

TEST_CASE("the outbox is moved through a pooler without notifications too") {
  postgres db;
  pgbouncer pooler{postgres::cluster(), pooling::transaction};
  hub hub{settings{{"DATABASE_URL", pooler.url(db.name())}}};
  visitor alice{hub};
  publish(db, "'lobby', 'one'");
  CHECK(alice.hears()["text"] == "one");
}

TEST_CASE("a message that cannot be stored is kept aside and reported, and others flow") {
  postgres db;
  hub hub{db};
  visitor alice{hub};
  db.sql("alter table messages add constraint polite check (text <> 'rude')");
  db.sql("select hubbub_publish('lobby', t) from unnest(array['a', 'rude', 'b', 'c']) t");
  publish(db, "'lobby', data => '\"' || repeat('x', 8192) || '\"'");
  publish(db, "'lobby', 'd'");
  CHECK(alice.hears_texts(4) == std::vector<std::string>{"a", "b", "c", "d"});
  eventually("both to be set aside", [&] {
    return db.sql("select text, why from hubbub_outbox_failed order by number") ==
           rows{{"rude", "unstorable"}, {"", "too_long"}};
  });
  eventually("the counter", [&] { return scrape(hub)["hubbub_outbox_failed_total"] == 2; });
  hub.logs("hubbub_outbox_failed");
  const auto line = lines_about(run_doctor({{"DATABASE_URL", db.url()}}), "outbox");
  CHECK_FALSE(is_wrong(line));
  CHECK(line.find("2 could not be stored") != std::string::npos);
  db.sql(
      "alter table messages drop constraint polite; select hubbub_publish(room, text, data, key) "
      "from hubbub_outbox_failed where why = 'unstorable'");
  CHECK(alice.hears()["text"] == "rude");
}

TEST_CASE("doctor names each right on the outbox that the hub lacks") {
  postgres db;
  {
    hub hub{db};
    visitor waits_for_the_tables{hub};
  }
  db.sql("drop role if exists porter; create role porter login password 'x'; grant select, insert, "
         "update, delete on all tables in schema public to porter; grant usage, select, update on "
         "all sequences in schema public to porter");
  auto url = db.url();
  url.replace(url.find("hubbub:secret"), 13, "porter:x");
  const settings as_porter{{"DATABASE_URL", url}};
  CHECK_FALSE(is_wrong(lines_about(run_doctor(as_porter), "outbox")));
  for (const auto* const right : {"delete on hubbub_outbox", "insert on hubbub_outbox_failed"}) {
    db.sql(std::string("revoke ") + right + " from porter");
    const auto line = lines_about(run_doctor(as_porter), "outbox");
    CHECK(is_wrong(line));
    CHECK(line.find(right) != std::string::npos);
  }
  db.sql("drop owned by porter; drop role porter");
}

TEST_SUITE_END();
