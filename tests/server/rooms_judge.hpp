// Compares what connections with many rooms sent and received with the table. Each subscription is
// held against what a connection with that one room alone would have received. Must not know how
// the records were made.
#pragma once

#include "tests/server/rooms_record.hpp"
#include "tests/support/database.hpp"

namespace test {

/// All rows of the table in the order of their ids.
std::vector<shown_message> read_messages(const database& db);

/// The most messages that a history has.
inline constexpr std::size_t most_history = 50;

/// Returns the promises that are broken, none if all are kept. The records are of all connections
/// that ever wrote to the table, and the hubs have stored all that they will.
///
/// - Numbers: the rows of a connection have the numbers 1, 2, 3… in the order of their ids, which
/// is
///   the order in which the connection sent them, whatever their rooms. A connection that is not
///   cut has a row for each of its messages, and a cut one has none after the first that it lacks.
/// - Acks: a message that was acknowledged is the row of its ack.
/// - Readings: what a subscription was shown is, beginning at its cursor or with the newest 50,
/// every
///   row of its room, without a gap.
/// - Resumption: a subscription with a cursor is resumed unless more than `most` rows are missing,
///   whose number is then told. One without is not resumed.
std::vector<std::string> judge(const std::deque<connection_record>& records,
                               const std::vector<shown_message>& table);

/// Whether a subscription that is still open has been shown the newest row of its room.
bool has_read_all(const subscription_record& of, const std::vector<shown_message>& table);

} // namespace test
