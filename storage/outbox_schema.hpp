// The tables of the outbox and the functions by which applications publish.
// Knows: their DDL for PostgreSQL. Must not know: how rows are moved.
#pragma once

#include <string>

namespace soci {
class session;
}

namespace hubbub {

/// Creates the tables `hubbub_outbox` and `hubbub_outbox_failed` and the functions `hubbub_publish`
/// in the schema of the table `messages`, which must exist, in a transaction of its own. Only reads
/// if all of them are there. Replaces functions of an older hubbub; their grants stay. New
/// functions are revoked from PUBLIC. Any number of hubs may call it at once.
///
/// Waits for no transaction that has published, unless the index on its keys is missing. Returns a
/// sentence for the operator if the role lacks the rights, or another session has held a lock for
/// two seconds, and has changed nothing then: the hub works without an outbox, or with the older
/// functions. Otherwise returns an empty text. Throws what SOCI throws.
std::string create_outbox(soci::session& sql);

} // namespace hubbub
