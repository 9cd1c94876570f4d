// Checks that a bill of materials is valid CycloneDX and complete: node bill.mjs BILL BINARY LOCK
// Gets the components from the loader, dpkg and npm's lock file, in another way than deploy/sbom.cmake.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

const [bill, binary, lock] = process.argv.slice(2);
const text = readFileSync(bill, "utf8");
assert.equal(await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(text), null);

const { components, dependencies } = JSON.parse(text);
const named = (kind) => new Map(
  components.filter(({ purl }) => purl.startsWith(`pkg:${kind}/`)).map(({ name, version }) => [name, version]));
assert.deepEqual(dependencies[0].dependsOn, components.map((component) => component["bom-ref"]));

const debian = named("deb");
const alone = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, LC_ALL: "C" } }; // without libraries that the environment preloads
const libraries = execFileSync("ldd", [binary], alone).match(/(?<= )\/\S+|^\s*\/\S+/gm);
assert(libraries.length > 20, "the binary loads its libraries");
const packages = libraries.map((library) => {
  const real = realpathSync(library.trim());
  const owner = (path) => execFileSync("dpkg-query", ["--search", path], alone);
  try {
    return owner(real).split(":")[0];
  } catch { // the package is older than the merge of /lib into /usr/lib
    return owner(real.replace(/^\/usr/, "")).split(":")[0];
  }
});
// Boost may be a loaded library or only headers, but it is one component. nlohmann/json and CLI11 are only headers.
const boost = [...debian.keys()].filter((name) => name.startsWith("libboost"));
assert.equal(boost.length, 1, "Boost is named once");
for (const name of [...packages, ...boost, "nlohmann-json3-dev", "libcli11-dev"]) {
  const version = execFileSync("dpkg-query", ["--show", "--showformat=${Version}", name], alone);
  assert.equal(debian.get(name), version, `${name} is in the bill`);
}

const npm = named("npm");
const locked = Object.entries(JSON.parse(readFileSync(lock, "utf8")).packages).filter(([path]) => path !== "");
for (const [path, { version }] of locked)
  assert.equal(npm.get(path.replace(/^.*node_modules\//, "")), version, `${path} is in the bill`);
console.log(`  ${debian.size} packages of Debian's, ${npm.size} of npm's`);
