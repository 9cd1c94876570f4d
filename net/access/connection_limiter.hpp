// How many may be in at once: at the door and inside, in all, from one address, and in this much
// memory.
// Knows: counts and bounds. Must not know: what those inside do.
#pragma once

#include "actors/memory_budget.hpp"
#include "net/access/client_quotas.hpp"

#include <boost/beast/http/status.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>

namespace hubbub {

/// A socket comes to the door, where it is served HTTP and rests between two requests. There it
/// goes again, or it enters with a WebSocket, and leaves. Any thread.
class connection_limiter {
public:
  struct limits {
    std::size_t connections = SIZE_MAX; ///< WebSockets.
    std::size_t sockets = SIZE_MAX;
    bool secure = false; ///< Under TLS, which takes memory too.
    std::shared_ptr<const memory_budget> memory = std::make_shared<memory_budget>();
  };

  explicit connection_limiter(limits l) : limits_(std::move(l)) {}

  /// What memory there is for another socket: to hear it, to tell it no, or it waits in the kernel.
  enum class decision { serve, refuse, wait };
  decision decide() const;

  /// So many are at the door, without those that rest, that each has to be quick.
  bool half_full() const;

  struct refusal {
    boost::beast::http::status status;
    std::string_view why;
  };

  /// A socket's place, at the door and then inside, while it lives; it keeps the places.
  class slot {
  public:
    slot(std::shared_ptr<connection_limiter> limiter, client_quota_ptr peer);
    ~slot();
    slot(const slot&) = delete;

    /// From the door to a place inside, which counts for whoever is behind the peer; or what is
    /// full.
    std::optional<refusal> admit_websocket(const client_quota_ptr& who);

    /// At the door between two requests, where somebody else may need the place more: `leave` is
    /// then called, from any thread, and has to bring about the end of this socket soon. Waits
    /// until `wake`.
    void set_idle(std::function<void()> on_evicted);

    /// Another request begins. False: the place has been given away.
    bool set_active();

  private:
    friend class connection_limiter;
    enum class phase { pending, idle, evicted, websocket };

    const std::shared_ptr<connection_limiter> limiter_;
    client_quota_ptr quota_;
    phase phase_ = phase::pending; ///< Guarded by the mutex of the places, as the rest:
    std::function<void()> on_evicted_;
    std::list<slot*>::iterator idle_position_;
  };

  /// Of the sockets that rest, gives away the place of the one that does so for the longest time.
  /// False: none rests.
  bool evict_idle();

  /// Where the limit of sockets in all, or of that account at the door, is reached, one that rests
  /// gives way. None: none does.
  static std::shared_ptr<slot> acquire(std::shared_ptr<connection_limiter> limiter,
                                       client_quota_ptr peer);

  std::size_t websockets() const { return websockets_; } ///< Inside.

  /// Room for the body of a request, while it lives.
  class body_slot {
  public:
    explicit body_slot(std::shared_ptr<connection_limiter> limiter);
    ~body_slot() { --limiter_->body_slots_; }
    body_slot(const body_slot&) = delete;
    explicit operator bool() const { return granted_; }

    static constexpr std::size_t max_bytes = 16 * 1024;

  private:
    const std::shared_ptr<connection_limiter> limiter_;
    const bool granted_;
  };

private:
  std::size_t max_pending() const;
  std::size_t pending_now() const;
  bool evict_idle(const client_quota* of);

  const limits limits_;
  std::mutex mutex_;      ///< Held by who enters and leaves.
  std::list<slot*> idle_; ///< Guarded by it; who rests for the longest time is in front.
  std::atomic<std::size_t> sockets_ = 0, websockets_ = 0, body_slots_ = 0, idle_count_ = 0;
};

} // namespace hubbub
