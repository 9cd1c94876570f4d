// There is one function for each promise.
#include "tests/server/rooms_judge.hpp"

#include <algorithm>
#include <unordered_map>

namespace test {

namespace {

class judgement {
public:
  judgement(const std::deque<connection_record>& records, const std::vector<shown_message>& table)
      : records_{records} {
    for (const auto& row : table) {
      rooms_[row.room].push_back(row.id);
      by_id_[row.id] = &row;
      by_connection_[row.connection].push_back(&row);
      if (!by_text_.try_emplace(row.text, &row).second)
        found_.push_back("a message is stored twice: " + describe(row));
    }
  }

  std::vector<std::string> run() {
    for (const auto& each : records_) {
      found_.insert(found_.end(), each.violations().begin(), each.violations().end());
      check_shown(each);
      check_posts(each);
      check_numbers(each);
      for (const auto& subscription : each.subscriptions())
        check_reading(each, subscription);
    }
    check_senders();
    return std::move(found_);
  }

private:
  void violation(const connection_record& of, const std::string& what) {
    found_.push_back(of.name() + " (" + of.id() + ") " + what);
  }

  const shown_message* row(const std::string& text) const {
    const auto at = by_text_.find(text);
    return at == by_text_.end() ? nullptr : at->second;
  }

  /// What was shown is stored.
  void check_shown(const connection_record& of) {
    for (const auto& [id, what] : of.shown())
      if (const auto at = by_id_.find(id); at == by_id_.end() || *at->second != what)
        violation(of, "was shown what is not stored: " + describe(what));
  }

  void check_posts(const connection_record& of) {
    std::size_t lacking = 0;
    for (const auto& post : of.posts()) {
      const auto* const stored = row(post.text);
      if (stored == nullptr) {
        lacking += !post.refused;
        if (post.ack || (!of.is_cut() && lacking > of.keyless_refusals()))
          violation(of, "lost its message \"" + post.text.substr(0, 30) + '"');
        continue;
      }
      if (stored->room != post.room)
        violation(of, "wrote to " + post.room + ": " + describe(*stored));
      if (post.ack && *post.ack != std::pair{stored->id, stored->number})
        violation(of,
                  "got the ack " + std::to_string(post.ack->first) + " for " + describe(*stored));
      if (lacking > of.keyless_refusals() && stored->connection == of.id())
        violation(of, "lost messages before " + describe(*stored));
    }
  }

  void check_numbers(const connection_record& of) {
    const auto at = by_connection_.find(of.id());
    if (of.id().empty() || at == by_connection_.end())
      return;
    const auto& posts = of.posts();
    auto post = posts.begin();
    int number = 0;
    for (const auto* stored : at->second) {
      if (stored->number != ++number)
        violation(of, "has, as number " + std::to_string(number) + ", " + describe(*stored));
      post = std::find_if(post, posts.end(), [&](auto& each) { return each.text == stored->text; });
      if (post == posts.end())
        return violation(of, "did not send, or not in this order, " + describe(*stored));
    }
  }

  /// Every row was sent by a connection, whose `init` it may not have read.
  void check_senders() {
    std::unordered_map<std::string, bool> sent;
    for (const auto& each : records_)
      for (const auto& post : each.posts())
        sent[post.text] = true;
    for (const auto& [text, stored] : by_text_)
      if (!sent.contains(text))
        found_.push_back("nobody was subscribed and sent this: " + describe(*stored));
  }

  void check_reading(const connection_record& of, const subscription_record& what) {
    if (!what.answered)
      return;
    const auto& room = rooms_[what.room];
    const auto complain = [&](const std::string& why) {
      violation(of, "in " + what.room + ": " + why);
    };
    const auto index = [&](row_id id) {
      return std::size_t(std::upper_bound(room.begin(), room.end(), id) - room.begin());
    };
    const auto seen_before = what.history == 0 ? 0 : index(what.ids[what.history - 1]);
    std::size_t begin = seen_before - std::min(seen_before, what.history);
    if (what.resumed) {
      if (!what.after)
        return complain("was resumed without a cursor");
      if (what.history != 0 || what.missed)
        complain("was resumed, with a history or with missed");
      begin = index(*what.after);
      const auto due = index(what.known) - std::min(index(what.known), begin);
      if (what.most && std::int64_t(due) > *what.most)
        complain("was resumed although it lacked " + std::to_string(due) + " messages and wanted " +
                 std::to_string(*what.most));
    } else {
      if (what.history != std::min(most_history, seen_before))
        complain("its history has " + std::to_string(what.history) + " messages of " +
                 std::to_string(seen_before));
      check_missed(what, seen_before, index(what.after.value_or(0)), complain);
    }
    const auto end = std::min(room.size(), begin + what.ids.size());
    const std::vector<row_id> due(room.begin() + std::ptrdiff_t(begin),
                                  room.begin() + std::ptrdiff_t(end));
    if (const auto [got, stored] =
            std::mismatch(what.ids.begin(), what.ids.end(), due.begin(), due.end());
        got != what.ids.end())
      complain("read id " + std::to_string(*got) + " where the table has " +
               (stored == due.end() ? "none" : std::to_string(*stored)) + ", as message " +
               std::to_string(got - what.ids.begin()) + " of " + std::to_string(what.ids.size()) +
               ", of which " + std::to_string(what.history) + " were history");
  }

  /// `all` is the number of rows up to the end of the history, `before` that of those up to the
  /// cursor.
  template<class Complain>
  void check_missed(const subscription_record& what, std::size_t all, std::size_t before,
                    Complain complain) {
    if (!what.after) {
      if (what.missed)
        complain("was told that it missed " + std::to_string(*what.missed) + " without a cursor");
      return;
    }
    if (!what.most || !what.missed)
      return complain("was not resumed");
    const auto lacked = std::int64_t(all - std::min(all, before));
    if (*what.missed != lacked || lacked <= *what.most)
      complain("missed " + std::to_string(lacked) + " messages, wanted at most " +
               std::to_string(*what.most) + ", and was told " + std::to_string(*what.missed));
  }

  const std::deque<connection_record>& records_;
  std::map<std::string, std::vector<row_id>> rooms_;
  std::unordered_map<row_id, const shown_message*> by_id_;
  std::unordered_map<std::string, const shown_message*> by_text_;
  std::unordered_map<std::string, std::vector<const shown_message*>> by_connection_;
  std::vector<std::string> found_;
};

} // namespace

std::vector<shown_message> read_messages(const database& db) {
  std::vector<shown_message> table;
  for (auto& row : db.sql(
           "select id, room, text, connection_id, user_message_number from messages order by id"))
    table.push_back({std::stoll(row[0]), row[1], row[2], row[3], std::stoi(row[4])});
  return table;
}

std::vector<std::string> judge(const std::deque<connection_record>& records,
                               const std::vector<shown_message>& table) {
  return judgement{records, table}.run();
}

bool has_read_all(const subscription_record& of, const std::vector<shown_message>& table) {
  const auto last = std::find_if(table.rbegin(), table.rend(),
                                 [&](const shown_message& row) { return row.room == of.room; });
  return last == table.rend() || of.cursor().value_or(0) >= last->id;
}

} // namespace test
