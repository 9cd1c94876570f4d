#include "net/websocket/lane.hpp"

#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>

namespace hubbub {

namespace {

using namespace std::chrono_literals;

/// After a longer round the lane rests, so that the next round merges more. Shorter rounds follow
/// one another at once.
constexpr auto light_round = 1ms;

chunk merged(std::vector<chunk>& all, std::size_t bytes) {
  if (all.size() == 1)
    return std::move(all.front());
  std::string out;
  out.reserve(bytes);
  std::uint32_t messages = 0;
  for (const auto& c : all) {
    out += *c.bytes;
    messages += c.messages;
  }
  return {make_shared_bytes(std::move(out)), all.front().first, all.back().last, messages, {}};
}

} // namespace

lane::lane(std::string name, limits l, std::shared_ptr<hub_counters> counters)
    : limits_(l), counters_(std::move(counters)),
      heartbeat_(std::make_shared<heartbeat>(std::move(name))), context_(1),
      work_(context_.get_executor()), rest_timer_(context_), tick_timer_(context_),
      now_(clock::now()), silence_checked_at_(now_) {}

lane::~lane() {
  stop();
}

void lane::start() {
  tick();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), heartbeat_->name().c_str());
    context_.run();
  });
}

void lane::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
  for (const auto& [ref, s] : std::exchange(sessions_, {}))
    s->end(); // handlers that still wait in the io_context keep the session
}

// -- session_sink ---------------------------------------------------------------------------------

void lane::publish(room_ref room, const chunk& batch, const batch_credit& credit) {
  enqueue(publication{room, batch, credit});
}
void lane::deliver(session_ref to, room_ref room, delivery what) {
  enqueue(delivered{to, room, std::move(what)});
}
void lane::reply(session_ref to, std::string bytes, frame_volume settled, std::uint32_t refused) {
  enqueue(replied{to, std::move(bytes), settled, refused});
}
void lane::close_all(std::uint16_t code, std::size_t first, std::size_t step) {
  enqueue(closing{code, first, step});
}

void lane::wake() {
  boost::asio::post(context_, [this] { resume_waiting_sessions(); });
}

void lane::stop_reading() {
  reading_ = false;
}

void lane::enqueue(event e) {
  {
    const mutex_lock lock(mutex_);
    inbox_.push_back(std::move(e));
    if (std::exchange(posted_, true))
      return;
  }
  boost::asio::post(context_, [this] { round(); });
}

// -- rounds ---------------------------------------------------------------------------------------

void lane::round() {
  const auto began = clock::now();
  {
    const mutex_lock lock(mutex_);
    current_events_.swap(inbox_);
  }
  for (auto& e : current_events_)
    std::visit([this](auto& what) { handle(what); }, e);
  send_waiting();
  current_events_.clear(); // releases the credits of what was sent
  resume_waiting_sessions();
  erase_empty_rooms();

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

void lane::handle(publication& p) {
  const auto at = rooms_.find(p.room);
  if (at == rooms_.end())
    return;
  auto& to = at->second;
  const auto merge = memory().level() < pressure::shed ? limits_.merge : limits_.merge / 8;
  if (to.waiting_bytes && to.waiting_bytes + p.what.bytes->size() > merge)
    send(to);
  if (to.waiting.empty())
    unsent_.push_back(p.room);
  to.waiting_bytes += p.what.bytes->size();
  to.waiting.push_back(std::move(p.what));
}

void lane::handle(delivered& d) {
  const auto to = sessions_.find(d.to);
  if (to == sessions_.end())
    return;
  // Chunks that were published before this delivery must not reach the session that joins now.
  if (const auto at = rooms_.find(d.room); at != rooms_.end())
    send(at->second);
  to->second->deliver(d.room, std::move(d.what));
}

void lane::handle(replied& r) {
  unsettled -= r.settled.frames;
  if (const auto to = sessions_.find(r.to); to != sessions_.end())
    to->second->reply(std::move(r.bytes), r.settled, r.refused);
}

void lane::handle(closing& c) {
  send_waiting();
  std::vector<std::shared_ptr<session_interface>> all;
  for (const auto& [ref, s] : sessions_)
    all.push_back(s);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i]->close(c.code, "retry_after_ms=" + std::to_string(c.first + i * c.step));
}

void lane::send_waiting() {
  for (const auto ref : unsent_)
    if (const auto at = rooms_.find(ref); at != rooms_.end())
      send(at->second);
  unsent_.clear();
}

void lane::send(room& to) {
  if (to.waiting.empty())
    return;
  const auto what = merged(to.waiting, to.waiting_bytes);
  to.waiting_bytes = 0;
  const auto* data = what.bytes->data();
  const auto size = what.bytes->size();
  std::uint64_t complete = 0, offered = 0, bytes = 0;
  // Goes from the back: when a session leaves, the last member moves to its place, and that member
  // was served already.
  for (auto i = to.members.size(); i-- > 0;) {
    const auto [fd, session] = to.members[i];
    if (fd >= 0) {
      const auto sent = ::send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent == ssize_t(size)) {
        ++complete;
        continue;
      }
      bytes += sent < 0 ? 0 : std::size_t(sent);
      session->send_rest(what, sent < 0 ? 0 : std::size_t(sent), to.shown);
    } else
      offered += session->offer(what, to.shown); // counts its bytes by itself
  }
  to.shown = what.last;
  to.sent += what.messages;
  counters_->add(counter::delivered, complete * what.messages);
  counters_->add(counter::sent_bytes, complete * size + bytes);
  const auto done = clock::now();
  for (const auto& c : to.waiting)
    counters_->add_time(counter::delivery, done - c.published, (complete + offered) * c.messages);
  to.waiting.clear();
}

} // namespace hubbub
