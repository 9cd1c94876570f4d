#include "storage/postgres_peer_hubs.hpp"

#include "storage/dialect.hpp"
#include "storage/postgres_connection.hpp"
#include "storage/presence_statements.hpp"
#include "storage/server_order.hpp"
#include "storage/thread_safety.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace hubbub {

namespace {

using namespace std::chrono_literals;
using clock = postgres_connection::clock;

/// A statement that watches the preceding hub ends by its `lock_timeout` after `watch_time`, when
/// the next one follows. The connection is given up if it has not ended after `watch_timeout`.
constexpr auto watch_time = 10s, watch_timeout = 15s;

/// How often rows with the count 0 are deleted.
constexpr auto sweep_interval = 60s;

row_id parse_number(std::string_view text) {
  row_id out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// Threads: as peer_hubs says. `publish` and `stop` reach the thread of `wait` only through
/// `unsent_` and the two flags.
/// Lifetime: `wait` has returned before the object is destroyed. The flag `stop_` and `where_`
/// outlive both connections.
/// Invariant: either both connections are open, or none is. A room in `unsent_` has a count that
/// the database does not have yet.
class postgres_peer_hubs final : public peer_hubs {
public:
  postgres_peer_hubs(const database& where, std::shared_ptr<log_lineage> lineage)
      : where_(where), lineage_(std::move(lineage)), address_(where.direct_connection_string()) {
    lineage_->add(this, [this] { forked_.raise(); });
  }
  ~postgres_peer_hubs() override { lineage_->remove(this); }

  peer_update wait() override {
    try {
      if (!listen_connection_)
        return connect();
      for (;;) {
        auto update = take_notifications();
        if (update.newest || update.outbox || update.snapshot || !update.peer_counts.empty())
          return update;
        write_counts();
        const auto until = watch_predecessor();
        if (look_for_older_ && look_for_older_hub(update))
          return update;
        pollfd all[] = {{listen_connection_->socket(), POLLIN, 0},
                        {watch_connection_->socket(), POLLIN, 0},
                        {published_.descriptor(), POLLIN, 0},
                        {forked_.descriptor(), POLLIN, 0},
                        {stop_.descriptor(), POLLIN, 0}};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
        ::poll(all, 5, std::max(0, int(left.count())));
        if (all[4].revents)
          throw log_shutdown();
        if (all[3].revents)
          throw log_unavailable(
              "the log has a fork, so the connection to the other hubs is renewed");
      }
    } catch (...) {
      listen_connection_.reset();
      watch_connection_.reset();
      throw;
    }
  }

  void publish(const std::vector<room_count>& local_counts) override {
    {
      const mutex_lock lock(mutex_);
      for (const auto& one : local_counts)
        unsent_[one.room] = one.online;
    }
    published_.raise();
  }

  void stop() override { stop_.raise(); }

private:
  /// Listens before it reads, so that a change in between is reported twice rather than never.
  peer_update connect() {
    {
      const mutex_lock lock(mutex_);
      unsent_.clear(); // the caller publishes all counts again for a new connection
    }
    forked_.lower();
    const auto address = std::exchange(address_, with_first_server_last(address_));
    listen_connection_.emplace(where_, address + " application_name='hubbub listener'", stop_);
    address_ = address; // it has led to a server
    refuse_old_primary();
    watch_connection_.emplace(where_, address_ + " application_name='hubbub watch'", stop_);
    if (share_backends(*listen_connection_, *watch_connection_))
      throw log_unavailable(
          std::string(where_.listen_connection_string.empty() ? "DATABASE_URL"
                                                              : "LISTEN_DATABASE_URL") +
          " leads through a pooler in transaction mode, where LISTEN does not work: set "
          "LISTEN_DATABASE_URL to an address of PostgreSQL itself");
    listen_connection_->query(presence::listen_session_setup());
    const auto exist = listen_connection_->query(presence::tables_exist);
    if (*PQgetvalue(exist.get(), 0, 0) != 't')
      throw log_not_created("the tables of presence do not exist");
    // A row without a version would say that this hub is an older one.
    const bool has_versions = *PQgetvalue(exist.get(), 0, 1) == 't';
    if (!has_versions && lineage_->state().identity.empty())
      throw log_not_created("the table of hubs has no versions, and the log is not open yet");
    listen_connection_->query(presence::listen);
    const auto before = own_row_;
    listen_connection_->query(presence::begin_write());
    const auto inserted = listen_connection_->query(presence::insert_hub(has_versions));
    own_row_ = {PQgetvalue(inserted.get(), 0, 0), PQgetvalue(inserted.get(), 0, 1)};
    listen_connection_->query(presence::delete_dead_hubs(own_row_.number, before));
    listen_connection_->query(presence::notify_ring_and_commit);

    watch_connection_->query(presence::watch_session_setup());
    watch_running_ = watch_again_ = false;
    ring_changed_ = true;

    cursor_ = "-1";
    auto update = read_counts();
    const auto newest = listen_connection_->query(select_newest_id);
    update.newest = parse_number(PQgetvalue(newest.get(), 0, 0));
    update.reconnected = true;
    older_hub_lives_.reset();
    look_for_older_hub(update);
    return update;
  }

  void refuse_old_primary() {
    const auto row = listen_connection_->query(presence::ask_server());
    const server_timeline server{PQgetvalue(row.get(), 0, 0), PQgetvalue(row.get(), 0, 1)};
    if (!lineage_->is_old_primary(server, this))
      return;
    const auto used = listen_connection_->server();
    address_ = with_server_last(address_, used.host, used.port);
    throw old_primary_error(server);
  }

  /// Reports in the update whether an older hub lives, and returns true, if the answer is new.
  bool look_for_older_hub(peer_update& update) {
    look_for_older_ = false;
    const auto row = listen_connection_->query(presence::older_hub_lives(own_row_.number));
    const bool lives = *PQgetvalue(row.get(), 0, 0) == 't';
    if (std::exchange(older_hub_lives_, lives) == lives)
      return false;
    update.older_hub_lives = lives;
    return true;
  }

  peer_update take_notifications() {
    row_id newest = 0;
    bool counts = false, outbox = false;
    while (const auto one = listen_connection_->next_notification()) {
      if (one->channel == "hubbub")
        newest = std::max(newest, parse_number(one->payload));
      else if (one->channel == "hubbub_outbox")
        outbox = true;
      else if (!one->own) {
        counts = true;
        if (one->payload == "ring")
          ring_changed_ = look_for_older_ = true;
      }
    }
    auto update = counts ? read_counts() : peer_update{};
    update.newest = newest;
    update.outbox = outbox;
    return update;
  }

  peer_update read_counts() {
    const auto rows = listen_connection_->query(presence::read_counts, {own_row_.number, cursor_});
    peer_update update;
    cursor_ = PQgetvalue(rows.get(), 0, 0);
    update.snapshot = *PQgetvalue(rows.get(), 0, 1) == 't';
    for (int i = 0; i < PQntuples(rows.get()); ++i)
      if (!PQgetisnull(rows.get(), i, 2))
        update.peer_counts.push_back(
            {PQgetvalue(rows.get(), i, 2), parse_number(PQgetvalue(rows.get(), i, 3))});
    return update;
  }

  void write_counts() {
    published_.lower();
    std::map<std::string, std::int64_t> counts;
    {
      const mutex_lock lock(mutex_);
      counts.swap(unsent_);
    }
    if (counts.empty())
      return;
    auto rows = nlohmann::json::array();
    for (const auto& [room, online] : counts)
      rows.push_back({{"r", room}, {"n", online}});
    const auto written =
        listen_connection_->query(presence::write_counts(), {own_row_.number, rows.dump()});
    if (clock::now() < next_sweep_)
      return;
    if (!expired_revision_.empty())
      listen_connection_->query(presence::delete_empty_rooms(), {expired_revision_});
    expired_revision_ = PQgetvalue(written.get(), 0, 0);
    next_sweep_ = clock::now() + sweep_interval;
  }

  /// Keeps a statement running that waits for the end of the preceding hub in the ring: one
  /// statement in ten seconds while nothing happens. Returns when to call this function again.
  clock::time_point watch_predecessor() {
    if (watch_running_ && watch_connection_->query_finished())
      watch_running_ = false;
    if (watch_running_ && std::exchange(ring_changed_, false)) {
      watch_connection_->cancel(); // another hub may be the predecessor now
      watch_again_ = true; // a cancel that arrives before the statement is lost, and was not needed
    }
    if (!watch_running_ &&
        (ring_changed_ || watch_again_ || clock::now() >= watch_started_ + watch_time)) {
      watch_connection_->send(presence::watch_predecessor(own_row_.number));
      watch_running_ = true;
      look_for_older_ |= older_hub_lives_.value_or(false);
      ring_changed_ = watch_again_ = false;
      watch_started_ = clock::now();
    }
    if (watch_running_ && clock::now() >= watch_started_ + watch_timeout)
      throw log_unavailable("the database has not answered for fifteen seconds");
    return watch_started_ + (watch_running_ ? watch_timeout : watch_time);
  }

  // Constant after construction.
  const database where_;
  const std::shared_ptr<log_lineage> lineage_;

  // For all threads. Every function of a flag is thread-safe.
  signal_flag stop_, published_, forked_;
  annotated_mutex mutex_;
  std::map<std::string, std::int64_t> unsent_ HUBBUB_GUARDED_BY(mutex_); ///< The count of a room.

  // For the thread that calls `wait`.
  std::string address_;
  std::optional<postgres_connection> listen_connection_, watch_connection_;
  presence::hub_row own_row_;    ///< The row of this connection, or of the one before it.
  std::string cursor_;           ///< The revision up to which the counts of the peers are known.
  std::string expired_revision_; ///< The revision of at least a minute ago.
  bool watch_running_ = false;   ///< `watch_connection_` runs a statement.
  bool ring_changed_ = false;    ///< Another hub may be the preceding hub now.
  bool watch_again_ = false;     ///< The statement was cancelled and must be sent again.
  bool look_for_older_ = false;  ///< A hub has come or gone, or an older one lived ten seconds ago.
  std::optional<bool> older_hub_lives_; ///< As it was reported last for this connection.
  clock::time_point watch_started_{}, next_sweep_{};
};

} // namespace

std::shared_ptr<peer_hubs> make_peer_hubs(const database& where,
                                          std::shared_ptr<log_lineage> lineage) {
  if (where.kind == database_kind::sqlite)
    return nullptr;
  if (!lineage)
    lineage = std::make_shared<log_lineage>();
  return std::make_shared<postgres_peer_hubs>(where, std::move(lineage));
}

} // namespace hubbub
