// The bounds on connections: sockets and WebSockets in all, from one address, and by memory.
// Knows: counts and bounds. Must not know: what is done on a connection.
#pragma once

#include "actors/memory_budget.hpp"
#include "net/access/client_quotas.hpp"
#include "net/http/problem.hpp"
#include "storage/thread_safety.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

namespace hubbub {

/// Each accepted socket holds a slot. A slot is pending while its socket does a TLS handshake or
/// HTTP, idle between two requests, and counts as a WebSocket from the upgrade on, or from the head
/// of an event stream on. Where a bound is reached, the slot that is idle for the longest time is
/// evicted in favour of a new socket.
///
/// Threads: all calls may come from any thread, except `acquire`, which one thread calls. Lifetime:
/// each slot shares the limiter. Invariant: `idle_count_` is the size of `idle_`, and an evicted
/// slot counts nowhere.
class connection_limiter {
public:
  struct limits {
    std::size_t connections = SIZE_MAX; ///< WebSockets and event streams.
    std::size_t sockets = SIZE_MAX;     ///< All sockets.
    bool secure = false;                ///< Whether TLS, which takes memory too, is on.
    std::shared_ptr<const memory_budget> memory = std::make_shared<memory_budget>();
  };

  explicit connection_limiter(limits l) : limits_(std::move(l)) {}

  /// What memory allows for another socket: to serve it, to accept it and refuse its request, or to
  /// let it wait in the kernel's queue.
  enum class decision { serve, refuse, wait };
  decision decide() const;

  /// Returns whether the pending sockets that are not idle take over half of the bound. Requests
  /// have less time then.
  bool half_full() const;

  /// The slot of one socket, for as long as the object lives.
  class slot {
  public:
    slot(std::shared_ptr<connection_limiter> limiter, client_quota_ptr peer);
    ~slot();
    slot(const slot&) = delete;

    /// Counts the socket as a WebSocket of the client with `new_quota`, instead of a pending socket
    /// of its peer.
    /// Returns the bound that forbids this, if one does.
    std::optional<problem> admit_websocket(const client_quota_ptr& new_quota);

    /// Makes the slot idle until `set_active`. When an idle slot is evicted, `on_evicted` is called
    /// once, from any thread, while the limiter is locked. It must not call the limiter, and it has
    /// to bring about the end of the socket soon.
    void set_idle(std::function<void()> on_evicted);

    /// Makes the slot pending again, for the next request. Returns false if it was evicted.
    bool set_active();

  private:
    friend class connection_limiter;
    enum class phase { pending, idle, evicted, websocket };

    const std::shared_ptr<connection_limiter> limiter_;

    // Guarded by the limiter's mutex:
    client_quota_ptr quota_ HUBBUB_GUARDED_BY(limiter_->mutex_); ///< Counts this slot.
    phase phase_ HUBBUB_GUARDED_BY(limiter_->mutex_) = phase::pending;
    std::function<void()> on_evicted_ HUBBUB_GUARDED_BY(limiter_->mutex_);
    std::list<slot*>::iterator idle_position_ HUBBUB_GUARDED_BY(limiter_->mutex_);
  };

  /// Evicts the slot that is idle for the longest time. Returns false if none is idle.
  bool evict_idle();

  /// Returns a slot for a socket of this peer. Where all sockets, or the pending sockets of the
  /// peer's quota, have reached their bound, an idle slot is evicted first. Returns null if none is
  /// idle.
  static std::shared_ptr<slot> acquire(std::shared_ptr<connection_limiter> limiter,
                                       client_quota_ptr peer);

  std::size_t websockets() const { return websockets_; }

  /// The memory for a part of one request that few requests have, as a body, for as long as the
  /// object lives.
  class buffer_slot {
  public:
    buffer_slot(std::shared_ptr<connection_limiter> limiter, std::size_t bytes);
    ~buffer_slot() { limiter_->buffered_ -= bytes_; }
    buffer_slot(const buffer_slot&) = delete;

    /// Returns whether there is memory for it.
    explicit operator bool() const { return granted_; }

  private:
    const std::shared_ptr<connection_limiter> limiter_;
    const std::size_t bytes_;
    const bool granted_;
  };

private:
  std::size_t max_pending() const;
  std::size_t pending_now() const;
  bool evict_idle_of(const client_quota* quota) HUBBUB_EXCLUDES(mutex_);

  const limits limits_; ///< Constant after construction.

  annotated_mutex mutex_;
  /// The idle slots, the one that is idle for the longest time in front. A slot leaves the list
  /// before it is destroyed.
  std::list<slot*> idle_ HUBBUB_GUARDED_BY(mutex_);

  // Changed only with the mutex, read without it.
  std::atomic<std::size_t> websockets_ = 0, idle_count_ = 0;

  // Changed with or without the mutex, and read without it.
  std::atomic<std::size_t> sockets_ = 0;
  std::atomic<std::size_t> buffered_ = 0; ///< The bytes of all buffer slots.
};

} // namespace hubbub
