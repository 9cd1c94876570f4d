// What a client does when the log has lost messages.
#include "tests/torture/client.hpp"

#include <algorithm>

namespace torture {

namespace {

/// The least distance between the last id before a fork and the first id after it.
constexpr row_id least_distance = row_id{1} << 32;

} // namespace

/// `what` is a frame about a fork, or the field of an answer. An old client ignores both. A client
/// that knows forks forgets the lost messages of that room, and sends its own ones of all rooms
/// again, in their order.
void client::handle_fork(const nlohmann::json& what, reading* in) {
  const log_fork lost{what.at("after"), what.at("first")};
  if (lost.after < 0 || lost.first < lost.after + least_distance)
    shared_.found.violation(name_of(in->room) +
                            " was told of a fork that begins too early: " + what.dump());
  shared_.found.told(lost);
  if (!knows_forks_)
    return;
  const auto before = in->ids.size();
  in->forget(lost);
  shared_.found.count("messages forgotten", static_cast<long>(before - in->ids.size()));
  for (std::size_t i = 0; i < record_.posts.size(); ++i)
    if (auto& post = record_.posts[i]; post.ack && lost.covers(post.ack->id)) {
      post.earlier_acks.push_back(*post.ack);
      post.ack.reset();
      post.left_behind = false;
      unacked_[static_cast<row_id>(i)] = clock::now();
      shared_.found.count("acknowledged messages sent again");
    }
}

/// Whether the client has not been told of a fork yet that other clients know.
bool client::holds_lost_messages() const {
  const auto& forks = shared_.forks;
  const auto lost = [&](row_id id) {
    return std::any_of(forks.begin(), forks.end(), [&](auto& each) { return each.covers(id); });
  };
  const auto holds = [&](auto& room) {
    const auto& ids = room.second.reads->ids;
    return std::any_of(ids.begin(), ids.end(), lost);
  };
  return std::any_of(rooms_.begin(), rooms_.end(), holds) ||
         std::any_of(record_.posts.begin(), record_.posts.end(), [&](auto& post) {
           return post.ack && !post.left_behind && lost(post.ack->id);
         });
}

} // namespace torture
