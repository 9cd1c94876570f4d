// The public folder over HTTP: content types, revalidation of caches, and no access to files
// outside of it.
#include "tests/support/sqlite.hpp"
#include "tests/support/visitor.hpp"

#include <doctest/doctest.h>

using namespace test;

TEST_SUITE_BEGIN("static");

namespace {

/// A hub with a public folder of the test. A secret file lies beside that folder.
struct site {
  temp_dir folder;
  sqlite db;
  std::unique_ptr<hub> server;

  site() {
    folder.write("secret.txt", "the secret");
    folder.write("public/index.html", "<h1>hello</h1>");
    folder.write("public/app.js", "export {}");
    folder.write("public/style.css", "h1 {}");
    folder.write("public/sw.js", "");
    folder.write("public/icon.svg", "<svg/>");
    folder.write("public/data.json", "{}");
    folder.write("public/picture.png", "\x89PNG");
    folder.write("public/note.txt", "a note");
    folder.write("public/unknown.xyz", "bytes");
    folder.write("public/.hidden", "the secret");
    folder.write("public/.git/config", "the secret");
    folder.write("public/sub/deep.js", "deep");
    folder.write("public/a b.txt", "with a space");
    auto inside = folder.path() / "public";
    std::filesystem::create_symlink(folder.path() / "secret.txt", inside / "link.txt");
    std::filesystem::create_directory_symlink(folder.path(), inside / "out");
    server = std::make_unique<hub>(db, settings{{"PUBLIC_DIR", inside}});
  }

  response get(const std::string& target, const headers& fields = {}) {
    return fetch(server->port(), request{"GET", target, fields});
  }
};

} // namespace

TEST_CASE("files are served unchanged, with their content types") {
  site site;
  const std::vector<std::array<std::string, 3>> files{
      {"/", "text/html", "<h1>hello</h1>"},
      {"/static/index.html", "text/html", "<h1>hello</h1>"},
      {"/static/app.js", "text/javascript", "export {}"},
      {"/static/style.css", "text/css", "h1 {}"},
      {"/static/icon.svg", "image/svg+xml", "<svg/>"},
      {"/static/data.json", "application/json", "{}"},
      {"/static/picture.png", "image/png", "\x89PNG"},
      {"/static/note.txt", "text/plain", "a note"},
      {"/static/unknown.xyz", "application/octet-stream", "bytes"},
      {"/static/sub/deep.js", "text/javascript", "deep"},
      {"/static/app.js?v=1", "text/javascript", "export {}"},
      {"/static/%61pp.js", "text/javascript", "export {}"},
      {"/static/a%20b.txt", "text/plain", "with a space"},
  };
  for (auto& [target, type, body] : files) {
    CAPTURE(target);
    auto answer = site.get(target);
    CHECK(answer.status == 200);
    CHECK(answer.field("Content-Type").starts_with(type));
    CHECK(answer.body == body);
  }
  CHECK(site.get("/").field("Content-Type") == "text/html; charset=utf-8");
}

TEST_CASE("only the service worker may have the whole site as its scope") {
  site site;
  CHECK(site.get("/static/sw.js").field("Service-Worker-Allowed") == "../");
  CHECK(site.get("/static/app.js").field("Service-Worker-Allowed") == "");
}

TEST_CASE("a client that accepts a coding gets text compressed, with an ETag of its own") {
  site site;
  const headers zipped{{"Accept-Encoding", "gzip"}}, best{{"Accept-Encoding", "gzip, br"}};
  auto plain = site.get("/static/app.js"), small = site.get("/static/app.js", zipped);
  CHECK(plain.field("Content-Encoding") == "");
  CHECK(plain.field("Vary") == "Accept-Encoding");
  CHECK(small.field("Content-Encoding") == "gzip");
  CHECK(small.field("Vary") == "Accept-Encoding");
  CHECK(small.field("Content-Type") == plain.field("Content-Type"));
  CHECK(small.body.starts_with("\x1f\x8b"));
  CHECK(small.field("ETag") != plain.field("ETag"));
  const auto smallest = site.get("/static/app.js", best);
  CHECK(smallest.field("Content-Encoding") == "br");
  CHECK(smallest.field("Vary") == "Accept-Encoding");
  CHECK(smallest.field("ETag") != plain.field("ETag"));
  CHECK(smallest.field("ETag") != small.field("ETag"));
  auto head = fetch(site.server->port(), request{"HEAD", "/static/app.js", zipped});
  CHECK(head.field("Content-Length") == std::to_string(small.body.size()));
  auto again = zipped;
  again.emplace_back("If-None-Match", small.field("ETag"));
  CHECK(site.get("/static/app.js", again).status == 304);
  CHECK(site.get("/static/picture.png", zipped).field("Content-Encoding") == "");

  site.folder.write("public/app.js", "export {} // changed, and no longer the same size");
  CHECK(site.get("/static/app.js", zipped).body != small.body);
}

TEST_CASE("HEAD of a file is GET without the body") {
  site site;
  auto get = site.get("/static/app.js");
  auto head = fetch(site.server->port(), request{"HEAD", "/static/app.js"});
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  for (auto field : {"Content-Length", "Content-Type", "ETag", "Cache-Control"})
    CHECK(head.field(field) == get.field(field));
}

TEST_CASE("a client that has the file already gets 304") {
  site site;
  for (auto target : {"/", "/static/app.js"}) {
    auto etag = site.get(target).field("ETag");
    REQUIRE(etag.ends_with('"'));
    auto weak = etag.starts_with("W/") ? etag : "W/" + etag;
    for (auto& condition : {etag, weak, std::string{"*"}, "\"other\", " + etag, "\"x\" ," + weak}) {
      CAPTURE(condition);
      auto answer = site.get(target, {{"If-None-Match", condition}});
      CHECK(answer.status == 304);
      CHECK(answer.body.empty());
      CHECK(answer.field("ETag") == etag);
    }
    CHECK(site.get(target, {{"If-None-Match", "\"other\""}}).status == 200);
    CHECK(site.get(target, {{"If-None-Match", etag.substr(0, etag.size() - 2) + '"'}}).status ==
          200);
  }
  CHECK(site.get("/").field("ETag") != site.get("/static/app.js").field("ETag"));
}

TEST_CASE("no path leads out of the public folder or to a hidden file") {
  site site;
  const std::vector<std::string> ways{
      "/static/../secret.txt",
      "/static/../../secret.txt",
      "/static/sub/../../secret.txt",
      "/static/%2e%2e/secret.txt",
      "/static/%2E%2e/secret.txt",
      "/static/.%2e/secret.txt",
      "/static/..%2fsecret.txt",
      "/static/%2e%2e%2fsecret.txt",
      "/static/%252e%252e/secret.txt",
      "/static/..%5csecret.txt",
      "/static/..\\secret.txt",
      "/static/%2fetc/passwd",
      "/static//etc/passwd",
      "/static/sub%2fdeep.js",
      "/static/index.html%00",
      "/static/%00index.html",
      "/static/index.html%00.png",
      "/static/link.txt",
      "/static/out/secret.txt",
      "/static/out",
      "/static/sub",
      "/static/sub/",
      "/static/",
      "/static",
      "/static/.",
      "/static/..",
      "/static/.hidden",
      "/static/%2ehidden",
      "/static/.git/config",
      "/static/app.js/",
      "/static/app.js/x",
      "/static/APP.JS",
      "/static/missing.js",
      "/static/%",
      "/static/%zz",
      "/static/" + std::string(5000, 'a'),
      "/../secret.txt",
      "/app.js",
      "static/app.js",
  };
  for (auto& way : ways) {
    CAPTURE(way.substr(0, 100));
    auto answer = site.get(way);
    CHECK((answer.status == 404 || answer.status == 400));
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.body.find("root:") == std::string::npos);
  }
  CHECK(site.get("/static/app.js").status == 200);
}

TEST_CASE("without PUBLIC_DIR the hub serves its own page") {
  sqlite db;
  hub hub{db};
  auto page = fetch(hub.port(), "/");
  CHECK(page.status == 200);
  CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.body.find("<html") != std::string::npos);
  for (auto at = page.body.find("\"/static/"); at != page.body.npos;) {
    auto end = page.body.find('"', at + 1);
    CHECK(fetch(hub.port(), page.body.substr(at + 1, end - at - 1)).status == 200);
    at = page.body.find("\"/static/", end);
  }
}

TEST_SUITE_END();
