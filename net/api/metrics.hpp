// GET /metrics: a snapshot of the counters in the text format of Prometheus.
// Knows: names, units and labels. Must not know: HTTP, where the numbers come from.
#pragma once

#include "net/ops/stats_snapshot.hpp"

namespace hubbub {

inline constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// Renders a snapshot. Each label has a bounded number of values: the rooms with the most members
/// have a value each, and all other rooms have one together.
std::string render_metrics(const stats_snapshot& now);

} // namespace hubbub
