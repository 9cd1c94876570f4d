#include "net/server/options.hpp"

#include "net/ops/log_writer.hpp"
#include "net/server/option_values.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace hubbub {

namespace {

/// Reads the variables again whose values CLI11 ignores silently because its checks refuse them
/// (CLI11 2.4 and later), so that the checks throw.
void read_ignored_variables(CLI::App& app) {
  for (auto* const option : app.get_options()) {
    const auto name = option->get_envname();
    if (option->count() > 0 || name.empty())
      continue;
    const char* const value =
        std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): no other thread exists yet
    if (!value || !*value)
      continue;
    option->add_result(value);
    option->run_callback();
  }
}

} // namespace

std::variant<options, options_end> try_options(int argc, const char* const* argv) {
  options out;
  option_values values;
  CLI::App app("An actor-model WebSocket message hub.", "hubbub");
  std::ostringstream text;
  try {
    define_options(app, out, values);
    app.parse(argc, argv);
    read_ignored_variables(app);
    out.mode = app.got_subcommand(doctor_command)     ? run_mode::doctor
               : app.got_subcommand(restored_command) ? run_mode::restored
               : values.check_config                  ? run_mode::check_config
                                                      : run_mode::serve;
    check_options(out, values);
    return out;
  } catch (const CLI::Success& e) {
    const int code = app.exit(e, text, text);
    return options_end{code, text.str()};
  } catch (const CLI::Error& e) {
    const std::string line = e.what();
    return options_end{2, "hubbub: " + line.substr(0, line.find('\n')) + '\n'};
  }
}

options read_options(int argc, char** argv) {
  auto read = try_options(argc, argv);
  if (const auto* end = std::get_if<options_end>(&read)) {
    if (end->code)
      write_or_give_up(STDERR_FILENO, end->text);
    else
      std::cout << end->text << std::flush;
    std::exit(end->code); // NOLINT(concurrency-mt-unsafe): no other thread exists yet
  }
  return std::get<options>(std::move(read));
}

} // namespace hubbub
