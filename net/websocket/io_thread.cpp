#include "net/websocket/io_thread.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>
#include <sys/socket.h>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

/// After a longer round the I/O thread rests, so that the next round merges more. Shorter rounds
/// follow one another at once.
constexpr auto light_round = 1ms;

constexpr auto tick_every = 1s, check_silence_every = 5s;

/// The outbox and the window of a session while memory is short.
constexpr std::size_t small_outbox = 16 * 1024;
constexpr frame_volume small_window{4, 16 * 1024};

std::ptrdiff_t write_directly(int fd, const char* data, std::size_t size) {
  return ::send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace

io_thread::io_thread(std::string name, limits l, std::shared_ptr<hub_counters> counters)
    : limits_(l), counters_(std::move(counters)),
      heartbeat_(std::make_shared<heartbeat>(std::move(name))), context_(1),
      work_(context_.get_executor()), rest_timer_(context_), tick_timer_(context_),
      fanout_(limits_.merge, write_directly, limits_.memory, counters_),
      silence_checked_at_(sessions_.now()) {}

io_thread::~io_thread() {
  stop();
}

void io_thread::start() {
  tick();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), heartbeat_->name().c_str());
    context_.run();
  });
}

void io_thread::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
  sessions_.end_all();
}

// -- session_sink ---------------------------------------------------------------------------------

void io_thread::publish(room_ref room, encoding how, const chunk& batch,
                        const batch_credit& credit) {
  enqueue(publication{{room, how}, batch, credit});
}
void io_thread::deliver(session_ref to, subscription_ref of, room_ref room, delivery what) {
  enqueue(delivered{to, of, room, std::move(what)});
}
void io_thread::reply(session_ref to, std::string bytes, frame_volume settled,
                      std::uint32_t refused) {
  enqueue(replied{to, std::move(bytes), settled, refused});
}
void io_thread::notify(session_ref to, subscription_ref of, std::string bytes) {
  enqueue(notice{to, of, std::move(bytes)});
}
void io_thread::subscribe(session_ref to, subscription_ref of, frame_volume settled) {
  enqueue(subscribing{to, of, settled});
}
void io_thread::unsubscribe(session_ref to, subscription_ref of, std::string bytes,
                            frame_volume settled) {
  enqueue(unsubscribing{to, of, std::move(bytes), settled});
}
void io_thread::close_all(std::uint16_t code, std::size_t first, std::size_t step) {
  enqueue(closing{code, first, step});
}

void io_thread::enqueue(event e) {
  {
    const mutex_lock lock(mutex_);
    inbox_.push_back(std::move(e));
    if (std::exchange(posted_, true))
      return;
  }
  boost::asio::post(context_, [this] { round(); });
}

// -- rounds ---------------------------------------------------------------------------------------

void io_thread::round() {
  const auto began = clock::now();
  // The head is loaded before the inbox is taken, so everything up to it was put into the inbox. It
  // is loaded again afterwards, because the inbox may have rows of a log that is new meanwhile.
  auto head = counters_->newest.load(std::memory_order_acquire);
  {
    const mutex_lock lock(mutex_);
    current_events_.swap(inbox_);
  }
  head = std::min(head, counters_->newest.load(std::memory_order_acquire));
  fanout_.lower_head(head);
  for (auto& e : current_events_)
    std::visit([this](auto& what) { handle(what); }, e);
  fanout_.set_head(head);
  fanout_.send_all();
  current_events_.clear(); // releases the credits of what was sent
  sessions_.resume_waiting();
  fanout_.erase_empty_rooms();

  const auto cost = clock::now() - began;
  const bool rest = cost > light_round;
  {
    const mutex_lock lock(mutex_);
    posted_ = rest || !inbox_.empty();
    if (!posted_)
      return;
  }
  if (!rest) {
    boost::asio::post(context_, [this] { round(); });
    return;
  }
  rest_timer_.expires_after(cost * 4 / 10);
  rest_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      round();
  });
}

void io_thread::handle(publication& p) {
  fanout_.publish(p.to, std::move(p.what));
}

void io_thread::handle(delivered& d) {
  if (auto* const to = sessions_.find(d.to))
    to->deliver(d.of, d.room, std::move(d.what));
}

void io_thread::handle(replied& r) {
  unsettled -= r.settled.frames;
  if (auto* const to = sessions_.find(r.to))
    to->reply(std::move(r.bytes), r.settled, r.refused);
}

void io_thread::handle(notice& n) {
  if (auto* const to = sessions_.find(n.to))
    to->notify(n.of, std::move(n.bytes));
}

void io_thread::handle(const subscribing& s) {
  unsettled -= s.settled.frames;
  if (auto* const to = sessions_.find(s.to))
    to->subscribe(s.of, s.settled);
}

void io_thread::handle(unsubscribing& u) {
  unsettled -= u.settled.frames;
  if (auto* const to = sessions_.find(u.to))
    to->unsubscribe(u.of, std::move(u.bytes), u.settled);
}

void io_thread::handle(closing& c) {
  fanout_.send_all();
  const auto all = sessions_.all();
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i]->send_away(c.code, c.first + i * c.step);
}

// -- time -----------------------------------------------------------------------------------------

void io_thread::tick() {
  heartbeat_->beat();
  heartbeat_->expect();
  sessions_.tick();
  sessions_.resume_waiting();
  fanout_.erase_empty_rooms();
  for (const auto ref : expiry_.take_expired(std::chrono::system_clock::now()))
    if (auto* const s = sessions_.find(ref))
      s->self()->close(4401, "the token has expired");
  follow_head();
  sessions_.give_turns();
  {
    auto slow = sessions_.find_slow();
    const mutex_lock lock(slow_mutex_);
    slow_snapshot_ = std::move(slow);
  }
  if (const auto now = sessions_.now(); now - silence_checked_at_ >= check_silence_every) {
    silence_checked_at_ = now;
    sessions_.check_silence(limits_.ping_after);
  }
  tick_timer_.expires_after(tick_every);
  tick_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      tick();
  });
}

/// Follows the head of the log while nothing is published to this thread and it has no rounds.
void io_thread::follow_head() {
  const auto head = counters_->newest.load(std::memory_order_acquire);
  const mutex_lock lock(mutex_);
  if (!posted_)
    fanout_.set_head(head);
}

// -- any thread -----------------------------------------------------------------------------------

void io_thread::wake() {
  boost::asio::post(context_, [this] { sessions_.resume_waiting(); });
}

void io_thread::stop_reading() {
  reading_ = false;
}

void io_thread::shed() {
  boost::asio::post(context_, [this] { sessions_.shed_slow(); });
}

std::size_t io_thread::outbox() const {
  return memory().level() < pressure::tight ? limits_.outbox
                                            : std::min(limits_.outbox, small_outbox);
}

frame_volume io_thread::window() const {
  return memory().level() < pressure::tight
             ? frame_volume{hubbub::window.frames, memory().share(hubbub::window.bytes, 1024)}
             : small_window;
}

slow_readers io_thread::slow() const {
  const mutex_lock lock(slow_mutex_);
  return slow_snapshot_;
}

void io_thread::request_sessions(session_ref before, std::size_t limit,
                                 std::function<void(std::vector<session_info>)> answer) {
  boost::asio::post(context_, [this, before, limit, answer = std::move(answer)] {
    answer(sessions_.newest(before, limit));
  });
}

} // namespace hubbub
