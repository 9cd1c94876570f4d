#include "net/http/files.hpp"

#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace hubbub;
namespace fs = std::filesystem;

TEST_CASE("a file in the folder is found with its type and a tag that changes with the file") {
  test::temp_dir folder;
  const auto root = fs::canonical(folder.path());
  folder.write("css/style.css", "a{}");
  const auto before = find_file(root, "css/style.css");
  REQUIRE(before);
  CHECK(before->type == "text/css; charset=utf-8");
  folder.write("css/style.css", "a{ }");
  CHECK(find_file(root, "css/style.css")->tag != before->tag);
}

TEST_CASE("no file outside the folder is found, by any path") {
  test::temp_dir outer;
  outer.write("secret", "x");
  outer.write("public/in.txt", "x");
  outer.write("public-too/x.txt", "x");
  outer.write("public/.hidden", "x");
  fs::create_symlink(outer.path() / "secret", outer.path() / "public/out");
  fs::create_symlink("in.txt", outer.path() / "public/link");
  fs::create_directory(outer.path() / "public/sub");
  const auto root = fs::canonical(outer.path() / "public");
  CHECK(find_file(root, "in.txt"));
  CHECK(find_file(root, "link"));
  for (const std::string name :
       {"", "../secret", "sub/../../secret", "out", ".hidden", "sub", "/etc/passwd", "in.txt/",
        "..", "sub//in.txt", "..\\secret", "../public-too/x.txt"})
    CHECK_FALSE(find_file(root, name));
  CHECK_FALSE(find_file(root, std::string_view("in.txt\0.css", 11)));
  outer.write("here.txt", "x");
  const auto before = fs::current_path();
  fs::current_path(outer.path());
  CHECK_FALSE(find_file({}, "here.txt")); // an empty folder is not the current one
  fs::current_path(before);
}
