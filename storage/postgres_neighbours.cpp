#include "storage/postgres_neighbours.hpp"

#include "storage/postgres_line.hpp"
#include "storage/postgres_session.hpp"
#include "storage/presence.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>

namespace hubbub {

namespace {

using namespace std::chrono_literals;
using clock = postgres_line::clock;

constexpr auto watch_for = 10s, watch_patience = 15s, sweep_every = 60s;

/// Nothing that these sessions write outlives the hubs, so they wait for no standby.
const std::string ephemeral = notice_the_dead + ";\nset synchronous_commit = local";

row_id number(std::string_view text) {
  row_id out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

class postgres_neighbours final : public neighbours {
public:
  explicit postgres_neighbours(const database& where) : where_(where) {}

  tidings wait() override {
    try {
      if (!line_)
        return begin();
      for (;;) {
        auto news = collect();
        if (news.newest || news.whole || !news.elsewhere.empty())
          return news;
        write();
        const auto until = watch();
        pollfd all[] = {{line_->socket(), POLLIN, 0},
                        {watch_->socket(), POLLIN, 0},
                        {told_.descriptor(), POLLIN, 0},
                        {end_.descriptor(), POLLIN, 0}};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
        ::poll(all, 4, std::max(0, int(left.count())));
        if (all[3].revents)
          throw log_ending();
      }
    } catch (...) {
      line_.reset();
      watch_.reset();
      throw;
    }
  }

  void tell(const std::vector<room_count>& here) override {
    {
      const std::lock_guard guard(mutex_);
      for (const auto& one : here)
        to_tell_[one.room] = one.online;
    }
    told_.raise();
  }

  void end() override { end_.raise(); }

private:
  /// First it listens, then it looks: what comes in between is heard twice rather than never.
  tidings begin() {
    {
      const std::lock_guard guard(mutex_);
      to_tell_.clear(); // of a line before: who hears of the new one tells everything
    }
    const auto& address = where_.own_address();
    line_.emplace(where_, address + "application_name='hubbub listener'", end_);
    watch_.emplace(where_, address + "application_name='hubbub watch'", end_);
    if (share_backends(*line_, *watch_))
      throw log_unavailable(
          std::string(where_.listen.empty() ? "DATABASE_URL" : "LISTEN_DATABASE_URL") +
          " leads through a pooler in transaction mode, where nobody can LISTEN: set "
          "LISTEN_DATABASE_URL to an address of PostgreSQL itself");
    line_->ask(ephemeral + ";\nset " + statement_time);
    const auto made = line_->ask("select to_regclass('hubbub_presence') is not null");
    if (*PQgetvalue(made.get(), 0, 0) != 't')
      throw log_unmade("the tables of presence are not there");
    line_->ask("listen hubbub; listen hubbub_hubs");
    const auto before = me_;
    line_->ask("begin; select " + presence::gate);
    const auto entered = line_->ask(presence::enter);
    me_ = {PQgetvalue(entered.get(), 0, 0), PQgetvalue(entered.get(), 0, 1)};
    line_->ask(presence::bury(me_.number, before));
    line_->ask("select pg_notify('hubbub_hubs', 'ring'); commit");

    watch_->ask(ephemeral + ";\nset lock_timeout = '10s';\nset statement_timeout = '14s'");
    watching_ = again_ = false;
    ring_changed_ = true;

    cursor_ = "-1";
    auto news = read();
    const auto newest = line_->ask("select coalesce(max(id), 0) from messages");
    news.newest = number(PQgetvalue(newest.get(), 0, 0));
    news.begun = true;
    return news;
  }

  tidings collect() {
    row_id newest = 0;
    bool counts = false;
    while (const auto one = line_->heard()) {
      if (one->channel == "hubbub")
        newest = std::max(newest, number(one->text));
      else if (!one->ours) {
        counts = true;
        ring_changed_ |= one->text == "ring";
      }
    }
    auto news = counts ? read() : tidings{};
    news.newest = newest;
    return news;
  }

  tidings read() {
    const auto rows = line_->ask(presence::read, {me_.number, cursor_});
    tidings news;
    cursor_ = PQgetvalue(rows.get(), 0, 0);
    news.whole = *PQgetvalue(rows.get(), 0, 1) == 't';
    for (int i = 0; i < PQntuples(rows.get()); ++i)
      if (!PQgetisnull(rows.get(), i, 2))
        news.elsewhere.push_back(
            {PQgetvalue(rows.get(), i, 2), number(PQgetvalue(rows.get(), i, 3))});
    return news;
  }

  void write() {
    told_.lower();
    std::map<std::string, std::int64_t> counts;
    {
      const std::lock_guard guard(mutex_);
      counts.swap(to_tell_);
    }
    if (counts.empty())
      return;
    auto rows = nlohmann::json::array();
    for (const auto& [room, online] : counts)
      rows.push_back({{"r", room}, {"n", online}});
    const auto written = line_->ask(presence::write, {me_.number, rows.dump()});
    if (clock::now() < sweep_at_)
      return;
    if (!settled_.empty())
      line_->ask(presence::sweep, {settled_});
    settled_ = PQgetvalue(written.get(), 0, 0);
    sweep_at_ = clock::now() + sweep_every;
  }

  /// One statement in ten seconds while nothing happens. Returns when to look again.
  clock::time_point watch() {
    if (watching_ && watch_->answered())
      watching_ = false;
    if (watching_ && std::exchange(ring_changed_, false)) {
      watch_->cancel(); // somebody else may be before this hub now
      again_ = true;    // a cancel that comes before the statement is lost, and was not needed
    }
    if (!watching_ && (ring_changed_ || again_ || clock::now() >= watched_at_ + watch_for)) {
      watch_->send(presence::watch(me_.number));
      watching_ = true;
      ring_changed_ = again_ = false;
      watched_at_ = clock::now();
    }
    if (watching_ && clock::now() >= watched_at_ + watch_patience)
      throw log_unavailable("the database has not answered for fifteen seconds");
    return watched_at_ + (watching_ ? watch_patience : watch_for);
  }

  const database where_;
  signal_flag end_, told_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> to_tell_; ///< Guarded by the mutex.

  std::optional<postgres_line> line_, watch_;
  presence::seat me_;     ///< Of the line, or of the one before it.
  std::string cursor_;    ///< The revision up to which others' people are known.
  std::string settled_;   ///< The revision of a minute ago, or more.
  bool watching_ = false; ///< The watch has a statement under way.
  bool ring_changed_ = false, again_ = false;
  clock::time_point watched_at_{}, sweep_at_{};
};

} // namespace

std::shared_ptr<neighbours> make_neighbours(const database& where) {
  if (where.kind == database_kind::sqlite)
    return nullptr;
  return std::make_shared<postgres_neighbours>(where);
}

} // namespace hubbub
