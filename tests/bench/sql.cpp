// Measures the database alone: the insert of the hub, batch after batch, over one connection.
// Prints "name<TAB>value" lines. Knows: libpq and the table. Must not know: WebSocket.

#include "histogram.hpp"
#include "process.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <libpq-fe.h>

namespace {

using connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using result = std::unique_ptr<PGresult, decltype(&PQclear)>;

// The simplest form of the statement with which the hub inserts a batch.
constexpr auto insert = R"(
  insert into messages (room, text, connection_id, user_message_number)
  select 'lobby', t.text, t.connection, t.number
  from unnest($1::text[], $2::uuid[], $3::int[]) with ordinality t(text, connection, number, place)
  order by t.place returning id)";

result expect(PGconn* db, PGresult* r, ExecStatusType wanted) {
  if (PQresultStatus(r) != wanted) {
    std::fprintf(stderr, "sql: %s", PQerrorMessage(db));
    std::exit(1);
  }
  return {r, &PQclear};
}

/// A new UUID for each run, so that earlier rows do not violate unique (connection, number).
std::string uuid(PGconn* db) {
  const auto r = expect(db, PQexec(db, "select gen_random_uuid()"), PGRES_TUPLES_OK);
  return PQgetvalue(r.get(), 0, 0);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4)
    return std::fputs("usage: bench_sql CONNINFO ROWS_PER_BATCH SECONDS\n", stderr), 2;
  const auto rows = std::atoi(argv[2]);
  const auto seconds = std::atof(argv[3]);
  const connection db(PQconnectdb(argv[1]), &PQfinish);
  expect(db.get(), PQprepare(db.get(), "insert", insert, 3, nullptr), PGRES_COMMAND_OK);
  const auto sender = uuid(db.get());
  const std::string text(150, 'x');
  bench::histogram commits;
  std::uint64_t number = 0;
  const auto start = bench::now();
  const auto end = start + static_cast<std::uint64_t>(seconds * 1e9);
  auto t = start;
  while (t < end) {
    std::string texts = "{", senders = "{", numbers = "{";
    for (int i = 0; i < rows; ++i) {
      const auto* comma = i + 1 < rows ? "," : "}";
      texts += text + comma;
      senders += sender + comma;
      numbers += std::to_string(++number) + comma;
    }
    const char* values[] = {texts.c_str(), senders.c_str(), numbers.c_str()};
    expect(db.get(), PQexecPrepared(db.get(), "insert", 3, values, nullptr, nullptr, 0),
           PGRES_TUPLES_OK);
    const auto before = t;
    t = bench::now();
    commits.add(t - before);
  }
  std::printf("messages/s\t%.6g\n",
              static_cast<double>(number) / static_cast<double>(t - start) * 1e9);
  std::printf("latency p50 us\t%.6g\n", static_cast<double>(commits.quantile(0.5)) / 1000);
  std::printf("latency p99 us\t%.6g\n", static_cast<double>(commits.quantile(0.99)) / 1000);
}
