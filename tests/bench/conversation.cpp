#include "conversation.hpp"

#include "process.hpp"

#include <algorithm>

namespace bench {
namespace {

constexpr std::uint64_t timeout = 10 * second;
constexpr std::uint64_t repeat_window =
    second / 10;                        // in which a repeat of the last message would come
constexpr std::size_t memory = 1 << 16; // the most messages in flight, in all rooms together

} // namespace

conversation::conversation(const plan& p, protocol& protocol)
    : plan_(p), protocol_(protocol), many_rooms_(p.subscriptions > 1),
      senders_(p.senders == 0 ? p.connections : p.senders), progress_(now()),
      clients_(p.where, protocol, [this](std::size_t client, const received& m, std::uint64_t at) {
        on_message(client, m, at);
      }) {
  const auto rooms = p.where.rooms;
  for (std::size_t r = 0; r < rooms; ++r)
    checkers_.emplace_back((p.connections + rooms - 1 - r) / rooms, memory / rooms);
  clients_.open(p.connections);
  if (!many_rooms_)
    return;
  checkers_.assign(p.subscriptions, delivery_checker(p.connections, memory / p.subscriptions));
  clients_.subscribe(p.subscriptions - 1);
}

void conversation::forget() {
  deliveries_ = messages_ = 0;
  bytes_before_ = clients_.received_bytes();
  latency_.clear();
  across_.clear();
}

void conversation::run_until(std::uint64_t end) {
  for (auto t = now(); t < end; t = now())
    turn(t, end, true);
}

void conversation::send_once() {
  limit_ = sent_ + senders_;
  while (sent_ < limit_)
    turn(now(), now() + second, true);
}

void conversation::finish() {
  while (in_flight_ > 0)
    turn(now(), now() + second, false);
  clients_.idle_until(now() + repeat_window);
  expect_all_delivered();
}

void conversation::turn(std::uint64_t t, std::uint64_t end, bool sending) {
  auto wake = end;
  if (sending && plan_.rate > 0) {
    for (due_ = due_ == 0 ? t : due_; due_ <= t; due_ += nanoseconds_of(1 / plan_.rate))
      post(t);
    wake = std::min(due_, end);
  } else if (sending) {
    while (in_flight_ < plan_.in_flight && sent_ < limit_)
      post(t);
  }
  clients_.flush();
  clients_.poll(static_cast<int>((wake - t) / 1'000'000 + 1));
  if (in_flight_ > 0 && t > progress_ + timeout)
    expect_all_delivered();
}

void conversation::post(std::uint64_t t) {
  const auto sender = sent_++ % senders_;
  const auto room = (many_rooms_ ? random_() : sender) % checkers_.size();
  clients_.queue(sender, protocol_.write(checkers_[room].register_sent(sender, t), room));
  if (in_flight_++ == 0) // opening the connections may have taken longer than the timeout
    progress_ = t;
}

void conversation::expect_all_delivered() const {
  for (const auto& w : checkers_)
    w.expect_all_delivered();
}

void conversation::on_message(std::size_t client, const received& m, std::uint64_t at) {
  const auto rooms = checkers_.size();
  if (m.room >= rooms)
    throw fault("a message in room " + std::to_string(m.room) + ", where nobody sends");
  const auto delivery = many_rooms_
                            ? checkers_[m.room].check(client, m.sequence, m.id)
                            : checkers_[client % rooms].check(client / rooms, m.sequence, m.id);
  ++deliveries_;
  if (plan_.where.server(client) != plan_.where.server(delivery.sender))
    across_.add(at - delivery.sent_at);
  else if (client != delivery.sender)
    latency_.add(at - delivery.sent_at);
  if (delivery.last) {
    --in_flight_;
    ++messages_;
    progress_ = at;
  }
}

} // namespace bench
