// GET /metrics: a survey in the text format of Prometheus.
// Knows: names, units and labels. Must not know: HTTP, where the numbers come from.
#pragma once

#include "net/ops/stats_snapshot.hpp"

namespace hubbub {

inline constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// Every label has a bounded number of values. Rooms beyond the fullest are summed up as one.
std::string render_metrics(const stats_snapshot& now);

} // namespace hubbub
