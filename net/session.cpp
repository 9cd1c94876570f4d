#include "net/session.hpp"

#include "net/closes.hpp"
#include "net/compression.hpp"
#include "net/credentials.hpp"

#include <spdlog/spdlog.h>

namespace hubbub {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast::websocket;
namespace http = boost::beast::http;

/// For the answer to the upgrade and for the closing handshake.
constexpr auto handshake_limit = std::chrono::seconds(4);

/// Of a frame's bytes that are announced and not there yet, memory is taken for so many.
constexpr std::size_t most_announced = 4096;
/// A refused frame is forgiven after this long, one after another. Who waits for a thousand of them
/// is closed.
constexpr std::chrono::milliseconds forgiven_after{50}, most_unforgiven{50'000};

/// A frame of the largest size comes in fewer pieces than this, unless somebody means it.
constexpr std::uint8_t parts_a_frame = 64;

const shared_bytes ping = share({"\x89\x00", 2});

} // namespace

session::session(lane& where, hub& actors, pipe to, std::string room, caller from, last_word ended)
    : lane_(where), hub_(actors), socket_(to), stream_(std::move(to)), room_(std::move(room)),
      from_(std::move(from)), heard_(where.now()), on_end_(std::move(ended)) {
  socket_.set_owner(this);
  stream_.read_message_max(max_frame);
  stream_.set_option(
      beast::stream_base::timeout{handshake_limit, beast::stream_base::none(), false});
  stream_.control_callback([this](beast::frame_type kind, boost::beast::string_view) {
    heard_ = lane_.now();
    if (kind != beast::frame_type::pong || !std::exchange(pinged_, false)) // our ping's is free
      charge();
  });
}

void session::start(lane& where, hub& actors, pipe to, const http_request& request, ws_query asked,
                    pass who, caller from, last_word ended) {
  const auto self = std::make_shared<session>(where, actors, std::move(to), std::move(asked.room),
                                              std::move(from), std::move(ended));
  self->ref_ = where.add(self);
  // While the log is well, `init` comes at once and leaves with the answer in one write.
  if (actors.accepted().log_is_well()) {
    self->socket_.hold(true);
    where.release_soon(self->ref_);
  }
  // Runs within async_accept below, and never again.
  self->stream_.set_option(
      beast::stream_base::decorator([self = self.get(), &request](beast::response_type& answer) {
        answer.set(http::field::server, "hubbub");
        if (const auto name = chosen_subprotocol(request); !name.empty())
          answer.set(http::field::sec_websocket_protocol, {name.data(), name.size()});
        self->deflates_ = answer.count(http::field::sec_websocket_extensions);
      }));
  if (where.limit().deflate)
    self->stream_.set_option(agreed(request));
  if (who.ends != who.ends.max())
    where.ends(self->ref_, who.ends);
  self->stream_.async_accept(request, [self](boost::system::error_code ec) {
    if (ec)
      return self->end(ec);
    self->open_ = true;
    if (self->farewell_)
      self->say_farewell();
    self->read();
  });
  auto* const outlet = self->deflates_ ? &where.deflated() : &where;
  opening how{self->room_, outlet, self->ref_, std::move(asked.from), std::move(who.name)};
  self->id_ = how.id;
  self->actor_ = actors.open(std::move(how));
}

// -- in -------------------------------------------------------------------------------------------

void session::read() {
  if (farewell_)
    return; // Beast reads for the answer by itself, and two readers would wait for each other
  waits_to_read_ = !may_read();
  if (waits_to_read_)
    lane_.park(ref_);
  else
    read_some();
}

/// Of a frame, first that it has begun, without a buffer: thousands wait here who say nothing.
void session::read_some() {
  const auto had = text_.size();
  if (!stream_.is_message_done())
    text_.resize(had + std::min(stream_.read_size_hint(), most_announced));
  stream_.async_read_some(
      asio::buffer(text_.data() + had, text_.size() - had),
      [self = shared_from_this(), had](boost::system::error_code ec, std::size_t size) {
        if (ec == beast::condition::protocol_violation || ec == beast::error::message_too_big)
          spdlog::info("a WebSocket is closed, {}", ec.message());
        if (ec)
          return self->end(ec);
        self->heard_ = self->lane_.now();
        self->text_.resize(had + size);
        if (!self->stream_.is_message_done()) {
          if (++self->parts_ % parts_a_frame == 0)
            self->charge();
          return self->read_some();
        }
        self->take(std::exchange(self->text_, {}));
        self->read();
      });
}

void session::take(std::string text) {
  if (stream_.got_binary())
    close(beast::close_code::unknown_data, "text frames only");
  if (over() || !lane_.reading())
    return;
  const auto cost = charge();
  if (cost == toll::closed)
    return;
  unsettled_ += {1, text.size()};
  ++lane_.unsettled;
  caf::anon_send(actor_, frame{std::move(text), cost == toll::owed});
}

session::toll session::charge() {
  if (from_.account->take_frame(lane::clock::now()))
    return toll::paid;
  if (over() || forgives(1))
    return toll::owed;
  // Not from within Beast's reading.
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->close(beast::close_code::policy_error, "too many frames come from this address");
  });
  return toll::closed;
}

bool session::forgives(std::uint32_t refused) {
  const auto now = lane::clock::now();
  forgiven_ = std::max(forgiven_, now) + refused * forgiven_after;
  return forgiven_ <= now + most_unforgiven && from_.account->take_refused(now, refused);
}

bool session::may_read() const {
  if (ended_ || socket_.failed())
    return true; // to read the end
  const auto& log = hub_.accepted();
  const std::uint32_t times = log.log_is_well() ? 1 : 2;
  const auto most = lane_.window();
  return lane_.reading() && unsettled_.within({times * most.frames, times * most.bytes}) &&
         socket_.queued() + early_.size() < lane_.outbox() && log.open();
}

void session::go_on() {
  if (waits_to_read_)
    read();
}

// -- out ------------------------------------------------------------------------------------------

void session::deliver(room_ref room, delivery what) {
  if (over())
    return;
  if (what.live) {
    lane_.join(room, *this);
    lane_.set_busy(*this, socket_.queued() > 0); // a reply may wait since it was drained
  }
  const auto fixed = what.bytes.size() - what.begins.size();
  for (std::size_t i = 0; i < what.bytes.size(); ++i)
    if (const auto last = i + 1 == what.bytes.size(); !what.bytes[i]->empty())
      socket_.push(std::move(what.bytes[i]), 0, last ? what.messages : 0,
                   i < fixed ? pipe::nowhere : what.begins[i - fixed]);
  sent += what.messages;
  greeted_ = true;
  if (!early_.empty())
    socket_.push(share(std::exchange(early_, {})));
  cursor_ = what.cursor;
  catching_up_ = !what.live;
  socket_.hold(false);
  socket_.flush(); // tells when it is idle, perhaps at once
  outbox_.be(socket_.queued());
}

void session::release() {
  socket_.hold(false);
  socket_.flush();
}

void session::reply(std::string bytes, load settled, std::uint32_t refused) {
  unsettled_ -= settled;
  if (!greeted_)
    early_ += bytes;
  else if (!bytes.empty() && !over()) {
    socket_.push(share(std::move(bytes)));
    socket_.flush();
    outbox_.be(socket_.queued());
  }
  if (refused && !forgives(refused))
    close(beast::close_code::policy_error, "too many frames were refused");
  go_on();
}

void session::send_rest(const chunk& what, std::size_t sent, row_id shown) {
  socket_.push(what.bytes, sent, what.messages, std::max(cursor_, shown));
  socket_.flush();
  outbox_.be(socket_.queued());
}

bool session::offer(const chunk& what, row_id shown) {
  if (over())
    return false;
  // Where nothing waits, nothing would tell that it is time to come back.
  if (socket_.queued() == 0 || socket_.queued() + what.bytes->size() <= lane_.outbox()) {
    socket_.push(what.bytes, 0, what.messages, std::max(cursor_, shown));
    socket_.flush();
    outbox_.be(socket_.queued());
    return socket_.queued() == 0;
  }
  fall_behind(std::max(cursor_, shown));
  return false;
}

void session::shed() {
  if (!over() && socket_.queued() > lane_.outbox())
    fall_behind(catching_up_ ? cursor_ : no_end);
}

/// Out of the live fan-out, behind this row. Where memory is short, what is queued and not begun is
/// asked for again too.
void session::fall_behind(row_id cursor) {
  const bool short_of_memory = lane_.memory().level() >= pressure::tight;
  const auto back = short_of_memory ? socket_.take_back() : pipe::taken{};
  sent -= back.messages;
  if (back.again != pipe::nowhere)
    cursor = back.again;
  if (cursor == no_end) // all of it is begun, and it is live still
    return;
  cursor_ = cursor;
  catching_up_ = true;
  lane_.part(*this);
  outbox_.be(socket_.queued());
}

void session::pipe_busy() {
  lane_.set_busy(*this, true);
}

void session::pipe_full() {
  if (!std::exchange(slow_, true))
    lane_.set_slow(*this, true);
}

void session::pipe_wrote(std::size_t bytes, std::uint32_t messages) {
  lane_.wrote(bytes, messages);
  outbox_.be(socket_.queued());
}

void session::pipe_idle() {
  if (slow_) // and has read, which is a sign of life
    heard_ = lane_.now();
  if (over()) {
    lane_.part(*this);
    return;
  }
  lane_.set_busy(*this, false);
  if (slow_ && !catching_up_) {
    slow_ = false;
    lane_.set_slow(*this, false);
  }
  if (std::exchange(catching_up_, false))
    caf::anon_send(actor_, drained{cursor_});
  go_on();
}

void session::pipe_closing() {
  lane_.part(*this);
  go_on(); // to read the error, and end
}

// -- the end --------------------------------------------------------------------------------------

bool session::over() const {
  return farewell_ || ended_ || (open_ && !stream_.is_open());
}

void session::check_silence() {
  if (!over() && (socket_.queued() || catching_up_ || waits_to_read_))
    return; // slow, not silent: the ping would wait behind what it has not read
  if (heard_ < lane_.now() - lane_.limit().drop_after) {
    socket_.close();
    return;
  }
  if (over())
    return;
  socket_.push(ping);
  pinged_ = true;
  const auto heard = heard_;
  socket_.flush();
  heard_ = heard; // what we say is not what we hear
}

void session::close(std::uint16_t code, const std::string& reason) {
  if (over())
    return;
  lane_.part(*this);
  farewell_ = std::make_unique<beast::close_reason>(beast::close_code(code), reason);
  release();
  if (open_) // before that, Beast would frame it as a client does
    say_farewell();
}

void session::say_farewell() {
  if (farewell_->code == beast::close_code::policy_error)
    socket_.calm_down(); // a flood goes on
  stream_.async_close(*farewell_,
                      [self = shared_from_this()](boost::system::error_code ec) { self->end(ec); });
}

lag session::behind() const {
  lag out{socket_.queued_messages(), socket_.queued()};
  const auto newest = lane_.counted().newest.load(std::memory_order_relaxed);
  if (catching_up_ && newest > cursor_)
    out.messages += std::uint64_t(newest) - std::uint64_t(cursor_); // a cursor is any number
  return out;
}

reader session::as_reader() const {
  return {ref_, id_, room_, text_of(from_.address), since_, sent, behind()};
}

void session::end(boost::system::error_code why) {
  if (std::exchange(ended_, true))
    return;
  lane_.counted().add_closed(farewell_ ? std::uint16_t(farewell_->code)
                                       : close_code(why, stream_.reason().code));
  if (slow_)
    lane_.set_slow(*this, false);
  socket_.set_owner(nullptr);
  lane_.part(*this);
  socket_.close();
  outbox_.be(0);
  waits_to_read_ = false;
  caf::anon_send(actor_, gone_atom_v);
  lane_.remove(ref_);
  on_end_(from_);
}

} // namespace hubbub
