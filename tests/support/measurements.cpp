// Writes each measurement with one write(2), so that several programs can append to one file.
#include "tests/support/measurements.hpp"

#include "tests/support/checked.hpp"
#include "tests/support/descriptor.hpp"
#include "tests/support/environment.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace test {

void record_measurement(const std::string& name, std::chrono::duration<double> promised,
                        std::chrono::duration<double> took) {
  const auto file = variable("HUBBUB_MEASUREMENTS");
  if (!file)
    return;
  const auto line =
      name + '\t' + std::to_string(took.count()) + '\t' + std::to_string(promised.count()) + '\n';
  const descriptor out{
      checked(::open(file->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), "open")};
  checked(static_cast<int>(::write(out.get(), line.data(), line.size())), "write");
}

void eventually_within(const std::string& what, std::chrono::duration<double> promised,
                       const std::function<bool()>& yes) {
  const auto began = deadline::clock::now();
  eventually(what, patience, yes);
  record_measurement(what, promised, deadline::clock::now() - began);
}

} // namespace test
