#include "storage/restored.hpp"

#include "storage/log_session.hpp"
#include "storage/sql_error.hpp"

namespace hubbub {

opened_log record_restore(const database& where) {
  log_session session(where, make_sqlite_file(where), {}, std::make_shared<log_lineage>());
  try {
    return session.make_fork();
  } catch (const log_file_lost&) {
    throw log_unavailable("there is no file " + where.display_name);
  } catch (const log_unavailable&) {
    throw;
  } catch (const std::exception& e) {
    throw log_unavailable(classify_error(e).reason);
  }
}

} // namespace hubbub
