#include "client_pool.hpp"

#include "delivery_checker.hpp"
#include "handshake.hpp"
#include "process.hpp"
#include "tcp.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr std::size_t handshakes_at_once = 128;
constexpr std::uint64_t opening_limit = 30 * second;
constexpr std::uint64_t subscribing_limit = 60 * second;

[[noreturn]] void fail(std::size_t client, const std::string& what) {
  throw fault("client " + std::to_string(client) + ": " + what);
}

} // namespace

client_pool::client_pool(target where, protocol& protocol, sink on_message)
    : target_(where), protocol_(protocol), on_message_(std::move(on_message)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  check(epoll_, "epoll_create1");
}

client_pool::~client_pool() {
  for (auto& c : clients_)
    ::close(c.fd);
  ::close(epoll_);
}

void client_pool::open(std::size_t count) {
  const auto goal = clients_.size() + count;
  const auto deadline = now() + opening_limit;
  clients_.reserve(goal);
  while (ready_ < goal) {
    while (clients_.size() < goal && clients_.size() - ready_ < handshakes_at_once)
      connect();
    poll(100);
    flush();
    if (now() > deadline)
      throw fault("only " + std::to_string(ready_) + " of " + std::to_string(goal) + " opened");
  }
}

void client_pool::subscribe(std::size_t count) {
  const auto request = protocol_.subscribe(count);
  const auto deadline = now() + subscribing_limit;
  std::size_t asked = 0;
  while (subscribed_ < clients_.size()) {
    for (; asked < clients_.size() && asked - subscribed_ < handshakes_at_once; ++asked) {
      clients_[asked].unanswered = request.answers;
      for (const auto& payload : request.payloads)
        queue(asked, payload);
    }
    flush();
    poll(100);
    if (now() > deadline)
      throw fault("only " + std::to_string(subscribed_) + " clients have all their rooms");
  }
}

void client_pool::connect() {
  const auto i = clients_.size();
  auto& c = clients_.emplace_back();
  // An address has some 28,000 ephemeral ports, so each 1,000 clients use an address of their own.
  c.fd = begin_connect(static_cast<std::uint32_t>(i / 1000), target_.ports[target_.server(i)]);
  epoll_event event{EPOLLOUT, {.u64 = i}};
  check(epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event), "epoll_ctl");
}

void client_pool::queue(std::size_t client, std::string_view payload) {
  send(client, opcode::text, payload);
}

void client_pool::send(std::size_t i, opcode code, std::string_view payload) {
  auto& c = clients_[i];
  put_frame(c.out, code, payload, static_cast<std::uint32_t>(random_()));
  if (!std::exchange(c.queued, true))
    unflushed_.push_back(i);
}

void client_pool::flush() {
  for (const auto i : unflushed_) {
    clients_[i].queued = false;
    if (!clients_[i].blocked)
      write(i);
  }
  unflushed_.clear();
}

void client_pool::write(std::size_t i) {
  auto& c = clients_[i];
  const auto sent = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN)
    fail(i, std::string("send: ") + std::strerror(errno));
  c.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  watch(i, !c.out.empty());
}

void client_pool::watch(std::size_t i, bool writable) {
  if (std::exchange(clients_[i].blocked, writable) == writable)
    return;
  epoll_event event{EPOLLIN | (writable ? EPOLLOUT : 0u), {.u64 = i}};
  check(epoll_ctl(epoll_, EPOLL_CTL_MOD, clients_[i].fd, &event), "epoll_ctl");
}

void client_pool::poll(int milliseconds) {
  // Few events at a time, so that the messages that they release are flushed before the next
  // events.
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), milliseconds);
  if (count < 0 && errno != EINTR)
    check(count, "epoll_wait");
  for (int e = 0; e < count; ++e) {
    const auto i = static_cast<std::size_t>(events[e].data.u64);
    auto& c = clients_[i];
    if (c.now_in == phase::connecting) {
      c.now_in = phase::upgrading;
      c.blocked = true;
      const auto room = target_.first_room + i % target_.rooms;
      const auto port = target_.ports[target_.server(i)];
      c.out = reads_events(i) ? events_request(room, port)
                              : upgrade_request(protocol_.target(room), port, target_.deflate);
      write(i);
      continue;
    }
    if (events[e].events & EPOLLOUT)
      write(i);
    if (events[e].events & ~static_cast<unsigned>(EPOLLOUT))
      read(i);
  }
}

void client_pool::idle_until(std::uint64_t end) {
  for (auto t = now(); t < end; t = now()) {
    poll(static_cast<int>((end - t) / 1'000'000 + 1));
    flush();
  }
}

void client_pool::read(std::size_t i) {
  auto& c = clients_[i];
  auto have = c.rest.size();
  if (have * 2 > buffer_.size())
    buffer_.resize(buffer_.size() * 2);
  std::memcpy(buffer_.data(), c.rest.data(), have);
  const auto got = recv(c.fd, buffer_.data() + have, buffer_.size() - have, 0);
  if (got < 0 && errno == EAGAIN)
    return;
  if (got <= 0)
    fail(i, got == 0 ? "the server closed the connection" : std::strerror(errno));
  now_ = now();
  have += static_cast<std::size_t>(got);
  received_bytes_ += static_cast<std::size_t>(got);
  std::size_t used = 0;
  if (c.now_in == phase::upgrading)
    used = upgrade(i, {buffer_.data(), have});
  if (c.now_in != phase::upgrading)
    used = reads_events(i) ? used + take_events(i, {buffer_.data() + used, have - used})
                           : take_frames(i, used, have);
  c.rest.assign(buffer_.data() + used, have - used);
}

/// Takes the whole frames of the buffer between the two places, and returns the end of the last.
std::size_t client_pool::take_frames(std::size_t i, std::size_t used, std::size_t have) {
  while (const auto f = take_frame({buffer_.data() + used, have - used})) {
    used += f->size;
    on_frame(i, *f);
  }
  return used;
}

/// Takes the whole events, each with at most one line of data, and returns their size.
std::size_t client_pool::take_events(std::size_t i, std::string_view bytes) {
  constexpr std::string_view field = "\ndata: ";
  std::size_t used = 0;
  for (auto end = bytes.find("\n\n"); end != bytes.npos; end = bytes.find("\n\n", used)) {
    const auto block = bytes.substr(used, end - used);
    if (block.starts_with("event: close"))
      fail(i, "the server closed with " + std::string(block));
    if (const auto at = block.find(field); at != block.npos)
      on_payload(i, block.substr(at + field.size()));
    used = end + 2;
  }
  return used;
}

std::size_t client_pool::upgrade(std::size_t i, std::string_view answer) {
  const auto end = answer.find("\r\n\r\n");
  if (end == answer.npos)
    return 0;
  const auto head = answer.substr(0, end + 2);
  if (const auto why = reads_events(i) ? events_fault(head) : upgrade_fault(head, target_.deflate);
      !why.empty())
    fail(i, why);
  clients_[i].now_in = protocol_.greets() ? phase::greeting : phase::ready;
  ready_ += !protocol_.greets();
  return end + 4;
}

void client_pool::on_frame(std::size_t i, const frame& f) {
  auto& c = clients_[i];
  if (f.reserved || (f.deflated && !target_.deflate))
    fail(i, "a reserved bit is set");
  const auto plain = [this](bool deflated, std::string_view payload) {
    return deflated ? inflater_.inflate(payload) : payload;
  };
  switch (f.code) {
  case opcode::ping:
    return send(i, opcode::pong, f.payload);
  case opcode::pong:
    return;
  case opcode::close:
    fail(i, "the server closed with " +
                std::string(f.payload.substr(std::min<std::size_t>(2, f.payload.size()))));
  default:
    if (f.final && f.code != opcode::continuation && c.fragments.empty())
      return on_payload(i, plain(f.deflated, f.payload));
    c.deflated |= f.deflated; // RSV1 is set in the first frame of a message alone
    c.fragments += f.payload;
    if (f.final) {
      const auto whole = std::exchange(c.fragments, {});
      on_payload(i, plain(std::exchange(c.deflated, false), whole));
    }
  }
}

void client_pool::on_payload(std::size_t i, std::string_view payload) {
  auto& c = clients_[i];
  while (!payload.empty()) {
    const auto before = payload;
    const auto event =
        c.now_in == phase::ready ? protocol_.read(payload) : protocol_.greet(payload);
    switch (event.what) {
    case received::message:
      on_message_(i, event, now_);
      break;
    case received::ready:
      c.now_in = phase::ready;
      ++ready_;
      break;
    case received::subscribed:
      if (c.unanswered == 0)
        fail(i, "a subscription that nobody asked for");
      subscribed_ += --c.unanswered == 0;
      break;
    case received::refusal:
      fail(i, "unexpected: " + std::string(before.substr(0, 400)));
    case received::other:
      break;
    }
    if (!event.reply.empty())
      send(i, opcode::text, event.reply);
    if (payload.size() == before.size()) {
      c.fragments = payload;
      return;
    }
  }
}

} // namespace bench
