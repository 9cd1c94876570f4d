// What one hub has seen of its log, and which of its sessions learn of a change.
#include "storage/log_lineage.hpp"

#include <doctest/doctest.h>

using namespace hubbub;

namespace {

struct watched_lineage {
  watched_lineage() {
    lineage.add(&mine, [this] { ++mine; });
    lineage.add(&other, [this] { ++other; });
  }
  log_lineage lineage;
  int mine = 0, other = 0; ///< How often each session was called back.
};

} // namespace

TEST_CASE("a server with a smaller timeline of the same cluster is an old primary") {
  watched_lineage w;
  CHECK_FALSE(w.lineage.is_old_primary({"7", "00000002"}, &w.mine));
  CHECK(w.lineage.is_old_primary({"7", "00000001"}, &w.mine));
  CHECK_FALSE(w.lineage.is_old_primary({"7", "00000002"}, &w.mine));
  CHECK_FALSE(w.lineage.is_old_primary({"8", "00000001"}, &w.mine));
  CHECK_FALSE(w.lineage.is_old_primary({}, &w.mine));
  CHECK(w.other == 0);
}

TEST_CASE("when one session finds a promoted server, all others have to leave theirs") {
  watched_lineage w;
  w.lineage.is_old_primary({"7", "00000001"}, &w.mine);
  const auto before = w.lineage.generation();
  CHECK_FALSE(w.lineage.is_old_primary({"7", "0000000A"}, &w.mine));
  CHECK(w.lineage.generation() > before);
  CHECK(w.other == 1);
  CHECK(w.mine == 0);
}

TEST_CASE("a fork closes the sessions that did not find it, and the first open closes none") {
  watched_lineage w;
  w.lineage.update({"log", "", {}, {}, {5, {}, 1}}, &w.mine);
  CHECK(w.other == 0);
  const auto before = w.lineage.generation();
  CHECK(w.lineage.update({"log", "", {}, {}, {5, {}, 1}}, &w.mine) == before);
  w.lineage.update({"log", "[[3,9]]", {{3, 9}}, {}, {3, {}, 1}}, &w.mine);
  CHECK(w.lineage.generation() > before);
  CHECK(w.other == 1);
  CHECK(w.mine == 0);
  CHECK(w.lineage.skipped() == 8);
  w.lineage.remove(&w.other);
  w.lineage.update({"log", "[[3,9],[9,20]]", {{3, 9}, {9, 20}}, {}, {9, {}, 1}}, &w.mine);
  CHECK(w.other == 1);
}

TEST_CASE("a row that a session of an earlier generation has read is not seen") {
  log_lineage lineage;
  lineage.update({"log", "", {}, {}, {5, {}, 1}}, nullptr);
  const auto old = lineage.generation();
  lineage.saw(old, {7, {}, 2});
  CHECK(lineage.newest_seen().id == 7);
  lineage.saw(old, {6, {}, 3});
  CHECK(lineage.newest_seen().id == 7);
  lineage.update({"log", "[[3,9]]", {{3, 9}}, {}, {3, {}, 1}}, nullptr);
  lineage.saw(old, {8, {}, 4});
  CHECK(lineage.newest_seen().id == 3);
}
