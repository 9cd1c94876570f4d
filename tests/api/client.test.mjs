// The client as an npm package. The archive of `npm pack` is installed into an empty project, and used there from TypeScript
// and, with a real hub, from Node.js.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { environment, limit } from "../support/machine.mjs";
import { here, Hub } from "./hub.mjs";

const client = here("../../public/client");
let folder, project, declarations, program;

// Runs a program in the project and resolves with its output. If the program fails, the error's message has the output.
async function run(program, ...how) {
  try {
    return (await promisify(execFile)(program, how, { cwd: project, env: environment(folder) })).stdout;
  } catch (why) {
    throw new Error(`${program} ${how.join(" ")}: ${why.stdout}${why.stderr}`, { cause: why });
  }
}

const tsc = (...how) => run(process.execPath, here("node_modules/typescript/bin/tsc"), ...how);

const files = async (at, ending) => (await readdir(at)).filter(name => name.endsWith(ending)).sort();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-client-"));
  project = join(folder, "project");
  await cp(here("client"), project, { recursive: true });
  await writeFile(join(project, "package.json"), '{"private":true,"type":"module"}');
  await run("npm", "pack", client, "--silent", "--pack-destination", folder);
  const [archive] = await files(folder, ".tgz");
  await run("npm", "install", join(folder, archive), "--offline", "--ignore-scripts", "--no-audit", "--no-fund");
  // Without "dom" and with the types of Node.js alone, as the client must not depend on those of browsers.
  const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, target: "es2022", module: "nodenext", lib: ["es2022"], types: ["node"], outDir: "built" };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["node.ts"] }));
  for (const name of ["ws", "@types"]) await symlink(here(`node_modules/${name}`), join(project, "node_modules", name));
  // TypeScript takes seconds, so both run at once.
  declarations = tsc("--project", here("client/declarations.json"), "--outDir", join(folder, "types"));
  program = tsc("--project", "tsconfig.json");
  for (const each of [declarations, program]) each.catch(() => {}); // the tests await them
});
after(() => rm(folder, { recursive: true, force: true }));

test("the package has the hub's version and licence, and all that it needs", limit, async () => {
  const installed = join(project, "node_modules/hubbub-client");
  const { name, version, license, dependencies } = JSON.parse(await readFile(join(installed, "package.json")));
  const [, hub] = /^project\(hubbub VERSION (\S+)/m.exec(await readFile(here("../../CMakeLists.txt"), "utf8"));
  assert.deepEqual({ name, version, license, dependencies }, { name: "hubbub-client", version: hub, license: "MIT", dependencies: undefined });
  assert.equal(await readFile(join(installed, "LICENSE"), "utf8"), await readFile(here("../../LICENSE"), "utf8"));
  const modules = await files(client, ".js");
  assert.deepEqual((await readdir(installed)).sort(), [...modules, "LICENSE", "README.md", "package.json", "types"].sort());
  assert.deepEqual(await files(join(installed, "types"), ""), modules.map(each => each.replace(".js", ".d.ts")));
});

test("the modules are strictly typed, and types/ is what TypeScript makes of them", limit, async () => {
  await declarations;
  for (const name of await files(join(folder, "types"), "")) {
    assert.equal(await readFile(join(client, "types", name), "utf8"), await readFile(join(folder, "types", name), "utf8"),
      `types/${name} is old; to make it anew: (cd tests/api && npm run types)`);
  }
});

// The program marks wrong uses by @ts-expect-error, and tsc fails if such a line compiles.
test("a strict TypeScript program that uses all of the client compiles, and wrong uses do not", limit, () => program);

test("the program sends in Node.js, and gets the ack, its message and every event", limit, async () => {
  const hub = await Hub.start();
  try {
    await hub.healthy();
    const told = JSON.parse(await run(process.execPath, "built/node.js", `ws://127.0.0.1:${hub.port}/ws?room=types`));
    const log = told.position.log;
    assert.match(log, /^[0-9a-f-]{36}$/);
    assert.deepEqual(told, {
      stored: { id: 1, user_message_number: 1 }, id: 1, text: "hello", number: 1, past: false, own: true, key: "string", date: true, online: 1,
      position: { log, after: 1 }, refusal: "nul", states: ["connecting", "online", "closed"],
      seen: ["init", "line", "message", "presence", "sending"], saved: true,
    });
  } finally {
    await hub.remove();
  }
});
