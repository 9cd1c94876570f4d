#include "actors/tail.hpp"

#include "actors/event_stream.hpp"
#include "actors/frame_header.hpp"
#include "actors/wire.hpp"

#include <algorithm>

namespace hubbub {

encoded encode(std::span<const message* const> rows, std::size_t limit) {
  encoded out;
  std::string bytes;
  for (const auto* row : rows) {
    const auto event = wire::message_event(*row);
    const auto start = bytes.size();
    append_frame(bytes, event);
    out.marks.push_back(
        {row->id, std::uint32_t(start), std::uint32_t(bytes.size() - event.size())});
    if (bytes.size() >= limit)
      break;
  }
  bytes.shrink_to_fit();
  out.frames = {make_shared_bytes(std::move(bytes)),
                out.marks.front().id,
                out.marks.back().id,
                std::uint32_t(out.marks.size()),
                {}};
  return out;
}

void tail::append(encoded batch) {
  newest_.reset();
  newest_lines_.reset();
  bytes_ += batch.frames.bytes->size();
  messages_ += batch.marks.size();
  batches_.push_back(std::move(batch));
  fit(budget_);
}

void tail::fit(std::size_t budget) {
  budget_ = budget;
  const auto shows_oldest = [this] {
    const auto& oldest = batches_.front();
    return messages_ - oldest.marks.size() < history &&
           bytes_ - oldest.frames.bytes->size() < history_bytes;
  };
  while (bytes_ > budget_ && !shows_oldest()) {
    const auto& oldest = batches_.front();
    floor_ = oldest.frames.last;
    bytes_ -= oldest.frames.bytes->size();
    messages_ -= oldest.marks.size();
    batches_.pop_front();
  }
  update_gauge();
}

/// Returns the number of messages that are older than the messages of `newest`.
std::size_t tail::older_than_history() const {
  std::size_t taken = 0, bytes = 0;
  for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) {
    auto end = batch->frames.bytes->size();
    for (auto at = batch->marks.rbegin(); at != batch->marks.rend(); ++at) {
      bytes += end - at->frame;
      if (taken == history || (taken > 0 && bytes > history_bytes))
        return messages_ - taken;
      ++taken;
      end = at->frame;
    }
  }
  return 0;
}

shared_bytes tail::newest() {
  if (newest_)
    return newest_;
  std::string out;
  auto skip = older_than_history();
  for (const auto& batch : batches_) {
    const auto& marks = batch.marks;
    const auto& bytes = *batch.frames.bytes;
    for (auto i = std::min(skip, marks.size()); i < marks.size(); ++i) {
      const auto end = i + 1 < marks.size() ? marks[i + 1].frame : bytes.size();
      if (!out.empty())
        out += ',';
      out.append(bytes, marks[i].payload, end - marks[i].payload);
    }
    skip -= std::min(skip, marks.size());
  }
  newest_ = make_shared_bytes(std::move(out));
  update_gauge();
  return newest_;
}

shared_bytes tail::newest_lines() {
  if (!newest_lines_) {
    newest_lines_ = event_data_lines(newest());
    update_gauge();
  }
  return newest_lines_;
}

void tail::update_gauge() {
  auto bytes = bytes_;
  if (newest_)
    bytes += newest_->size();
  if (newest_lines_ && newest_lines_ != newest_)
    bytes += newest_lines_->size();
  gauge_.set(bytes);
}

std::size_t tail::count_after(row_id cursor) const {
  std::size_t out = 0;
  for (auto at = batches_.rbegin(); at != batches_.rend() && at->frames.last > cursor; ++at)
    out +=
        std::size_t(at->marks.end() -
                    std::upper_bound(at->marks.begin(), at->marks.end(), cursor,
                                     [](row_id id, const encoded::mark& m) { return id < m.id; }));
  return out;
}

tail::slice tail::after(row_id cursor, std::size_t limit, encoding how,
                        std::string_view log) const {
  slice out{{}, {}, cursor, true, 0};
  std::size_t taken = 0;
  auto at =
      std::upper_bound(batches_.begin(), batches_.end(), cursor,
                       [](row_id id, const encoded& batch) { return id < batch.frames.last; });
  for (; at != batches_.end(); ++at) {
    if (taken && taken + at->frames.bytes->size() > limit) {
      out.complete = false;
      break;
    }
    const auto& marks = at->marks;
    const auto first =
        std::upper_bound(marks.begin(), marks.end(), cursor,
                         [](row_id id, const encoded::mark& m) { return id < m.id; });
    if (is_event_stream(how))
      out.bytes.push_back(
          make_shared_bytes(to_events(*at, std::size_t(first - marks.begin()), how, log)));
    else
      out.bytes.push_back(first == marks.begin()
                              ? at->frames.bytes
                              : make_shared_bytes({*at->frames.bytes, first->frame}));
    out.begins.push_back(out.last);
    taken += out.bytes.back()->size();
    out.messages += std::uint32_t(marks.end() - first);
    out.last = at->frames.last;
  }
  return out;
}

} // namespace hubbub
