// Compressed files: the meaning of Accept-Encoding, and that the bytes inflate to the file.
#include "net/http/gzip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>

#include <doctest/doctest.h>

using namespace hubbub;

TEST_SUITE_BEGIN("gzip");

namespace {

/// Inflates a gzip member. Skips its header of 10 bytes and its trailer of 8 bytes.
std::string inflated(const std::string& gzip, std::size_t size) {
  boost::beast::zlib::inflate_stream inflate;
  std::string out(size + 1, '\0');
  boost::beast::zlib::z_params z{};
  z.next_in = gzip.data() + 10;
  z.avail_in = gzip.size() - 18;
  z.next_out = out.data();
  z.avail_out = out.size();
  boost::system::error_code ec;
  inflate.write(z, boost::beast::zlib::Flush::finish, ec);
  CHECK(ec == boost::beast::zlib::error::end_of_stream);
  out.resize(z.total_out);
  return out;
}

} // namespace

TEST_CASE("gzip is used where the header names it or a star covers it, and not with weight zero") {
  for (auto yes :
       {"gzip", "br, gzip", "gzip;q=0.5", "deflate , gzip ;q=1", "*", "x-gzip", "*;q=0, gzip"}) {
    CAPTURE(yes);
    CHECK(accepts_gzip(yes));
  }
  for (auto no : {"", "br", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0",
                  "gzipped", ",", ";", "q=0"}) {
    CAPTURE(no);
    CHECK(!accepts_gzip(no));
  }
}

TEST_CASE("each version of a file is compressed once, and inflates to the file") {
  test::temp_dir folder;
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "line " + std::to_string(i * i) + '\n';
  folder.write("a.txt", text);
  gzip_files files;
  const auto file = find_file(folder.path(), "a.txt");
  REQUIRE(file);
  const auto first = files.compressed(*file);
  REQUIRE(first);
  CHECK(first->size() < text.size() / 2);
  CHECK(inflated(*first, text.size()) == text);
  CHECK(files.compressed(*file) == first);

  folder.write("a.txt", "short");
  const auto changed = files.compressed(*find_file(folder.path(), "a.txt"));
  REQUIRE(changed);
  CHECK(inflated(*changed, 5) == "short");
}

TEST_CASE("files that are compressed already, or too big to cache, are sent as they are") {
  test::temp_dir folder;
  folder.write("a.png", std::string(1000, 'x'));
  folder.write("a.txt", std::string(5 << 20, 'x'));
  gzip_files files;
  CHECK(!files.compressed(*find_file(folder.path(), "a.png")));
  CHECK(!files.compressed(*find_file(folder.path(), "a.txt")));
}
