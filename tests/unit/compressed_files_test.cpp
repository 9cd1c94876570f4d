// Compressed files: the meaning of Accept-Encoding, and that the bytes inflate to the file.
#include "net/http/compressed_files.hpp"
#include "tests/support/temp_dir.hpp"

#include <brotli/decode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <array>
#include <thread>
#include <vector>

using namespace hubbub;

TEST_SUITE_BEGIN("compressed_files");

namespace {

std::string inflated(const std::string& gzip, std::size_t size) {
  constexpr int gzip_alone = 16 + 15;
  z_stream z{};
  REQUIRE(inflateInit2(&z, gzip_alone) == Z_OK);
  std::string out(size + 1, '\0');
  auto in = gzip;
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = uInt(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = uInt(out.size());
  CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END);
  CHECK(z.avail_in == 0);
  out.resize(z.total_out);
  inflateEnd(&z);
  return out;
}

std::string decoded(const std::string& brotli, std::size_t size) {
  std::string out(size + 1, '\0');
  auto length = out.size();
  CHECK(BrotliDecoderDecompress(brotli.size(), reinterpret_cast<const std::uint8_t*>(brotli.data()),
                                &length, reinterpret_cast<std::uint8_t*>(out.data())) ==
        BROTLI_DECODER_RESULT_SUCCESS);
  out.resize(length);
  return out;
}

} // namespace

TEST_CASE(
    "Brotli is chosen where the header names it, gzip where it is named or a star covers it") {
  using enum content_coding;
  const auto chosen = [](content_coding which, std::initializer_list<const char*> fields) {
    for (const auto* field : fields) {
      CAPTURE(field);
      CHECK(choose_coding(field) == which);
    }
  };
  chosen(gzip, {"gzip", "gzip;q=0.5", "deflate , gzip ;q=1", "*", "x-gzip", "*;q=0, gzip",
                "gzip, br;q=0", "br;q=0.0, *", "gzip, brotli"});
  chosen(brotli, {"br", "br, gzip", "gzip, deflate, br, zstd", "gzip, br;q=0.1", "br;q=1, *;q=0"});
  chosen(identity, {"", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "gzipped",
                    ",", ";", "q=0", "br;q=0", "gzip;q=0, br;q=0, *;q=0"});
}

TEST_CASE("what is compressed for one answer, or for many, is what it was") {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "line " + std::to_string(i * i) + '\n';
  for (const auto effort : {compression_effort::once, compression_effort::every})
    for (const auto& plain : {std::string(), std::string("x"), text}) {
      CHECK(inflated(compress(plain, content_coding::gzip, effort), plain.size()) == plain);
      CHECK(decoded(compress(plain, content_coding::brotli, effort), plain.size()) == plain);
      CHECK(compress(plain, content_coding::identity, effort) == plain);
    }
}

TEST_CASE("each version of a file is compressed once, and inflates to the file") {
  test::temp_dir folder;
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "line " + std::to_string(i * i) + '\n';
  folder.write("a.txt", text);
  compressed_files files;
  const auto file = find_file(folder.path(), "a.txt");
  REQUIRE(file);
  const auto first = files.find(*file, content_coding::gzip);
  REQUIRE(first);
  CHECK(first->size() < text.size() / 2);
  CHECK(inflated(*first, text.size()) == text);
  CHECK(files.find(*file, content_coding::gzip) == first);

  folder.write("a.txt", "short");
  const auto changed = files.find(*find_file(folder.path(), "a.txt"), content_coding::gzip);
  REQUIRE(changed);
  CHECK(inflated(*changed, 5) == "short");
}

TEST_CASE("threads that ask for a file at once share one result") {
  test::temp_dir folder;
  folder.write("a.txt", std::string(100'000, 'x'));
  const auto file = find_file(folder.path(), "a.txt");
  REQUIRE(file);
  compressed_files files;
  std::array<std::shared_ptr<const std::string>, 4> got;
  std::vector<std::thread> threads;
  for (auto& each : got)
    threads.emplace_back([&] { each = files.find(*file, content_coding::brotli); });
  for (auto& each : threads)
    each.join();
  REQUIRE(got[0]);
  CHECK(decoded(*got[0], 100'000) == std::string(100'000, 'x'));
  for (const auto& each : got)
    CHECK(each == got[0]);
}

TEST_CASE("files that are compressed already, or too big to cache, are sent as they are") {
  test::temp_dir folder;
  folder.write("a.png", std::string(1000, 'x'));
  folder.write("a.txt", std::string(5 << 20, 'x'));
  compressed_files files;
  CHECK(!files.find(*find_file(folder.path(), "a.png"), content_coding::gzip));
  CHECK(!files.find(*find_file(folder.path(), "a.txt"), content_coding::gzip));
}
