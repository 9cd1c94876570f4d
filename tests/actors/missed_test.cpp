// The number of missed messages in `subscribed`, when the log changes while they are counted.
#include "tests/actors/broadcaster_stage.hpp"
#include "tests/actors/rows.hpp"

using namespace test;

namespace {

/// A hub with 200 messages in the lobby, and a client that comes back to it on a connection that it
/// has opened with another room. The tail holds about 20 messages, and the log has the others.
struct missed_stage : whole_hub {
  missed_stage() {
    fill(*this, 200);
    enter(1, {}, "elsewhere");
    run();
  }

  /// The client has seen the messages up to `after`. Returns the answer.
  json subscribe(row_id after, int most) {
    const json frame{{"type", "subscribe"},
                     {"room", "lobby"},
                     {"after", after},
                     {"log", log_of(*this)},
                     {"most", most}};
    caf::anon_send(clients.at(1), hubbub::frame{frame.dump()});
    run();
    for (const auto& [session, of] : std::exchange(sink.subscribed, {}))
      caf::anon_send(clients.at(session), delivery_request{of});
    for (int i = 0; i < 10 && sink.events(1, "subscribed").empty(); ++i)
      pass(1s);
    return sink.events(1, "subscribed").at(0);
  }

  /// Another hub stores messages in the lobby, and this hub shows them. The broadcaster is told
  /// before the answer of the call that is under way.
  void show_more(row_id first, row_id last) {
    for (const auto& row : rows_between(first, last, std::string(100, 'a'))) {
      db.sql(
          "insert into messages (id, room, text, connection_id, user_message_number, created_at) "
          "values (" +
          std::to_string(row.id) + ", 'lobby', '" + row.text +
          "', '0a0b0c0d-0102-4304-8506-0708090a0b0c', " + std::to_string(row.id) +
          ", '2026-01-31 09:30:00')");
      caf::anon_send(broadcaster, std::make_shared<const batch>(batch{{row}, {}, 0}));
    }
  }

  /// The tail of the lobby is dropped, because memory is short.
  void shed() {
    for (int i = 0; i < 2; ++i) // the first sweep keeps what was used since the sweep before
      caf::anon_send(broadcaster, shed_atom_v);
  }

  /// The rows after `after` are lost, and the broadcaster is told.
  void lose(row_id after, row_id first) {
    db.sql("delete from messages where id > " + std::to_string(after));
    caf::anon_send(broadcaster, log_opened{log_of(*this), after, false, {{after, first}}});
    batch empty;
    empty.head = first - 1;
    caf::anon_send(broadcaster, std::make_shared<const batch>(std::move(empty)));
  }
};

} // namespace

TEST_CASE("missed messages are all counted although more come than the tail holds") {
  missed_stage hub;
  hub.injected->after_count = [&] {
    hub.show_more(201, 300);
    hub.injected->after_count = [&] { hub.show_more(301, 390); };
  };
  const auto answer = hub.subscribe(50, 10);
  CHECK(answer["resumed"] == false);
  CHECK(answer["missed"] == 340);
  CHECK(answer["history"].back()["id"] == 390);
}

TEST_CASE("a client that has missed few messages resumes although the tail moves on meanwhile") {
  missed_stage hub;
  hub.injected->after_count = [&] { hub.show_more(201, 300); };
  CHECK(hub.subscribe(50, 250)["resumed"] == true);
}

TEST_CASE("missed messages that are lost after they were counted do not count") {
  missed_stage hub;
  hub.injected->after_count = [&] {
    hub.shed();
    hub.injected->after_first_page = [&] { hub.lose(120, row_id{1} << 33); };
  };
  SUBCASE("for the number") {
    const auto answer = hub.subscribe(50, 10);
    CHECK(answer["resumed"] == false);
    CHECK(answer["missed"] == 70);
  }
  SUBCASE("for the limit") {
    CHECK(hub.subscribe(50, 100)["resumed"] == true);
  }
}
