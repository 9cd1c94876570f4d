// The certificate and the key of a hub: wrong files, a new certificate, and its expiry.
#include "tests/server/secure_hub.hpp"
#include "tests/support/visitor.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <doctest/doctest.h>
#include <filesystem>
#include <unistd.h>
#include <vector>

using namespace test;

TEST_SUITE_BEGIN("tls");

TEST_CASE("a missing, invalid or foreign certificate or key ends the start with one line and exit "
          "code 2") {
  const temp_dir folder, elsewhere;
  const auto good = make_certificate(folder.path());
  const auto other = make_certificate(elsewhere.path());
  const auto text = folder.write("text.pem", "no certificate");
  const std::vector<std::pair<settings, std::string>> wrong{
      {{{"TLS_CERT", good.chain}}, "TLS_KEY"},
      {{{"TLS_KEY", good.key}}, "TLS_CERT"},
      {{{"TLS_CERT", "/nonexistent"}, {"TLS_KEY", good.key}}, "/nonexistent"},
      {{{"TLS_CERT", text}, {"TLS_KEY", good.key}}, text},
      {{{"TLS_CERT", good.chain}, {"TLS_KEY", text}}, text},
      {{{"TLS_CERT", good.chain}, {"TLS_KEY", other.key}}, other.key}};
  for (auto [given, named] : wrong) {
    CAPTURE(named);
    given.emplace("DATABASE_URL", "sqlite:///" + (folder.path() / "hubbub.db").string());
    const auto end = run(hub_command(given));
    CAPTURE(end.err);
    CHECK(end.code == 2);
    CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
    CHECK(end.err.find(named) != end.err.npos);
  }
}

TEST_CASE("after SIGHUP the hub uses a new certificate and drops no connection") {
  secure_hub hub;
  const auto first = fingerprint(hub.files.chain);
  CHECK(hub.shown() == first);
  visitor alice{hub.server, "", secure};
  make_certificate(hub.folder.path(), "rsa:2048");
  CHECK(hub.shown() == first);
  hub.server.server().signal(SIGHUP);
  const auto second = fingerprint(hub.files.chain);
  eventually("the new certificate", [&] { return hub.shown() == second; });
  alice.say("still here");
  CHECK(alice.hears()["text"] == "still here");
  CHECK(fingerprint(alice.transport().tls()) == first);
}

TEST_CASE("an invalid new certificate leaves the old one in use") {
  secure_hub hub;
  const auto first = fingerprint(hub.files.chain);
  hub.folder.write("key.pem", "no key");
  hub.server.server().signal(SIGHUP);
  eventually("a log line about it", [&] {
    return hub.server.server().log().find("the certificate stays as it was") != std::string::npos;
  });
  CHECK(hub.shown() == first);
}

TEST_CASE("a file that cannot be read is reported with the system's reason") {
  const temp_dir folder;
  const auto good = make_certificate(folder.path());
  const auto forbidden = folder.write("forbidden.pem", "a secret");
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(forbidden, std::filesystem::perms::none);
  for (const auto& file : {good.chain, good.key})
    std::filesystem::permissions(file, std::filesystem::perms::all);
  const std::string missing = folder.path() / "missing.pem";
  const std::vector<std::pair<std::string, std::string>> all{{missing, "No such file or directory"},
                                                             {folder.path(), "Is a directory"},
                                                             {forbidden, "Permission denied"}};
  for (const auto& [file, why] : all)
    for (const auto& given : {settings{{"TLS_CERT", file}, {"TLS_KEY", good.key}},
                              settings{{"TLS_CERT", good.chain}, {"TLS_KEY", file}},
                              settings{{"JWT_PUBLIC_KEY", file}}}) {
      auto all_given = given;
      all_given["DATABASE_URL"] = "sqlite:///" + (folder.path() / "hubbub.db").string();
      auto what = hub_command(all_given, {"--check-config"});
      if (::geteuid() == 0) // root may read every file
        what.user = {65534, 65534};
      const auto end = run(what);
      CAPTURE(end.err);
      CHECK(end.code == 2);
      CHECK(end.err.find("the file " + file + " cannot be read: " + why + '\n') != end.err.npos);
    }
}

TEST_CASE("/metrics shows when the certificate expires") {
  secure_hub hub;
  connection client{hub.server.port(), secure};
  client.send("GET /metrics HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
  const auto all = client.read_until_closed();
  const std::string name = "\nhubbub_certificate_ends_seconds ";
  const auto at = all.find(name);
  REQUIRE(at != all.npos);
  const auto left = std::stod(all.substr(at + name.size())) - double(std::time(nullptr));
  CHECK(left > 29 * 86'400);
  CHECK(left <= 30 * 86'400);
}

TEST_SUITE_END();
