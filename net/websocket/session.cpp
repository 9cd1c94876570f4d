#include "net/websocket/session.hpp"

#include "net/access/credentials.hpp"
#include "net/websocket/close_codes.hpp"
#include "net/websocket/compression.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast::websocket;
namespace http = boost::beast::http;

/// The time for the answer to the upgrade, and for the closing handshake.
constexpr auto handshake_limit = std::chrono::seconds(4);

/// The buffer that is allocated for the announced rest of a frame has at most this many bytes, or
/// as many as were read of the frame.
constexpr std::size_t max_announced = 4096;

/// Each refused frame adds a penalty, which passes with time. A connection is closed when its
/// penalty exceeds the maximum, which is that of a thousand frames.
constexpr std::chrono::milliseconds penalty_per_frame{50}, max_penalty{50'000};

/// This number of reads that complete no frame, and bring fewer bytes than `usual_read`, counts as
/// one frame in the rate limit. A frame needs fewer reads, unless its client sends it in tiny
/// pieces.
constexpr std::uint8_t max_partial_reads = 64;
constexpr std::size_t usual_read = 1024;

/// The part of the memory limit that incomplete frames may take, those up to session::max_frame
/// aside.
constexpr std::size_t frames_divisor = 16;

const shared_bytes ping = make_shared_bytes({"\x89\x00", 2});

} // namespace

session::session(io_thread& io, hub& actors, const write_queue& to, std::string room, client from,
                 std::shared_ptr<const void> slot)
    : session_output(io, actors, to, std::move(room), std::move(from), std::move(slot)),
      stream_(to) {
  stream_.read_message_max(max_frame + io_.limit().max_data);
  stream_.set_option(
      beast::stream_base::timeout{handshake_limit, beast::stream_base::none(), false});
  stream_.control_callback([this](beast::frame_type kind, boost::beast::string_view) {
    last_received_ = io_.sessions().now();
    if (kind != beast::frame_type::pong ||
        !std::exchange(pinged_, false)) // the pong to our ping is free
      charge();
  });
}

void session::start(io_thread& io, hub& actors, write_queue to, const http_request& request,
                    ws_query query, identity user, client from, std::shared_ptr<const void> slot) {
  const auto self = std::make_shared<session>(io, actors, std::move(to), std::move(query.room),
                                              std::move(from), std::move(slot));
  self->enter(user);
  // Runs within async_accept below and never again, so it may refer to the request.
  self->stream_.set_option(
      beast::stream_base::decorator([self = self.get(), &request](beast::response_type& answer) {
        answer.set(http::field::server, "hubbub");
        if (const auto name = chosen_subprotocol(request); !name.empty())
          answer.set(http::field::sec_websocket_protocol, {name.data(), name.size()});
        if (answer.count(http::field::sec_websocket_extensions))
          self->subscriptions_.set_encoding(encoding::deflated);
      }));
  if (io.limit().deflate)
    self->stream_.set_option(negotiate_deflate(request));
  self->stream_.async_accept(request, [self](boost::system::error_code ec) {
    if (ec)
      return self->end(ec);
    self->phase_ = phase::open;
    if (self->close_frame_)
      self->send_close();
    self->read();
  });
  connection_params params;
  params.from = std::move(query.from);
  params.by = std::move(user.by);
  params.rooms = std::move(user.rooms);
  self->connect(std::move(params));
}

// -- in -------------------------------------------------------------------------------------------

void session::read() {
  if (close_frame_)
    return; // Beast reads the peer's close frame by itself; a second read must not be under way
  waits_to_read_ = !may_read();
  if (waits_to_read_)
    io_.sessions().wait_for_budget(ref_);
  else
    read_some();
}

/// Reads a piece of a frame. The first read of a frame has no buffer and completes when the frame
/// has begun, so that idle sessions keep no buffer.
void session::read_some() {
  const auto had = frame_.size();
  if (!stream_.is_message_done())
    frame_.resize(had + std::min(stream_.read_size_hint(), std::max(max_announced, had)));
  stream_.async_read_some(
      asio::buffer(frame_.data() + had, frame_.size() - had),
      [self = shared_from_this(), had](boost::system::error_code ec, std::size_t size) {
        if (ec == beast::condition::protocol_violation || ec == beast::error::message_too_big)
          spdlog::info("a WebSocket is closed, {}", ec.message());
        if (ec)
          return self->end(ec);
        self->last_received_ = self->io_.sessions().now();
        self->frame_.resize(had + size);
        if (!self->stream_.is_message_done()) {
          if (size < usual_read && ++self->partial_reads_ % max_partial_reads == 0)
            self->charge();
          if (!self->frame_fits_memory())
            return self->close(beast::close_code::try_again_later, "memory is short");
          return self->read_some();
        }
        self->hand_over(std::exchange(self->frame_, {}));
        self->read();
      });
}

/// Counts the incomplete frame, and returns whether it fits into memory with those of all other
/// sessions. Clients that never complete their frames would fill memory otherwise.
bool session::frame_fits_memory() {
  partial_frame_.set(frame_.size() > max_frame ? frame_.size() : 0);
  const auto& memory = io_.memory();
  const auto most = memory.share(SIZE_MAX, frames_divisor, max_frame + io_.limit().max_data);
  if (frame_.size() <= max_frame || std::uint64_t(memory.frames) <= most)
    return true;
  frame_ = {};
  partial_frame_.set(0);
  return false;
}

void session::hand_over(std::string text) {
  partial_frame_.set(0);
  if (stream_.got_binary())
    close(beast::close_code::unknown_data, "text frames only");
  if (ending() || !io_.reading())
    return;
  const auto cost = charge();
  if (cost == frame_verdict::closed)
    return;
  unsettled_ += {1, text.size()};
  ++io_.unsettled;
  caf::anon_send(actor_, frame{std::move(text), cost == frame_verdict::refused});
}

session::frame_verdict session::charge() {
  if (client_.quota->take_frame(io_thread::clock::now()))
    return frame_verdict::allowed;
  if (ending() || within_penalty(1))
    return frame_verdict::refused;
  // Posted: Beast may be reading at this moment, and a close reads as well.
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->close(beast::close_code::policy_error, "too many frames come from this address");
  });
  return frame_verdict::closed;
}

bool session::within_penalty(std::uint32_t refused) {
  const auto now = io_thread::clock::now();
  penalty_until_ = std::max(penalty_until_, now) + refused * penalty_per_frame;
  return penalty_until_ <= now + max_penalty && client_.quota->take_refused(now, refused);
}

bool session::may_read() const {
  if (phase_ == phase::ended || queue_.failed())
    return true; // the read returns the error, and the session ends
  auto& ingress = hub_.ingress();
  const std::uint32_t times = ingress.log().available() ? 1 : 2;
  const auto most = io_.window();
  return io_.reading() && unsettled_.within({times * most.frames, times * most.bytes}) &&
         queue_.queued() + (replies_before_init_ ? replies_before_init_->size() : 0) <
             io_.outbox() &&
         ingress.accepts(*client_.quota);
}

void session::resume_reading() {
  if (!waits_to_read_)
    return;
  push_waiting(); // Beast may find a violation in what it has read before, and write a close frame
  read();
}

// -- the end --------------------------------------------------------------------------------------

bool session::ending() const {
  return close_frame_ || phase_ == phase::ended || (phase_ == phase::open && !stream_.is_open());
}

void session::check_silence() {
  if (!ending() && (queue_.queued() || waits_to_read_))
    return; // a slow reader: the ping would wait behind unread frames
  if (last_received_ < io_.sessions().now() - io_.limit().drop_after) {
    queue_.close();
    return;
  }
  if (ending())
    return;
  queue_.push(ping);
  pinged_ = true;
  const auto received = last_received_;
  queue_.flush();
  last_received_ = received; // queue_idle may have changed it, though nothing was received
}

void session::close(std::uint16_t code, const std::string& reason) {
  if (ending())
    return;
  push_waiting();
  subscriptions_.leave_all();
  close_frame_ = std::make_unique<beast::close_reason>(beast::close_code(code), reason);
  release_output();
  if (phase_ == phase::open) // before that, Beast would mask the frame as a client does
    send_close();
}

void session::send_close() {
  if (close_frame_->code == beast::close_code::policy_error)
    queue_.throttle_reads(); // the client may go on sending at a high rate
  stream_.async_close(*close_frame_,
                      [self = shared_from_this()](boost::system::error_code ec) { self->end(ec); });
}

void session::end(boost::system::error_code why) {
  if (std::exchange(phase_, phase::ended) == phase::ended)
    return;
  io_.counters().add_closed(close_frame_ ? std::uint16_t(close_frame_->code)
                                         : close_code(why, stream_.reason().code));
  waits_to_read_ = false;
  leave();
}

} // namespace hubbub
