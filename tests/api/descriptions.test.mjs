// The descriptions without a hub: they are valid, and agree with each other and with the source of the server.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Draft7 from "ajv";
import formats from "ajv-formats";
import { limit } from "../support/machine.mjs";
import { asyncapi, at, check, openapi, problem } from "./descriptions.mjs";
import { here } from "./hub.mjs";

test("openapi.json is OpenAPI 3.1", limit, async () => {
  const found = await new Validator().validate(structuredClone(openapi));
  assert.ok(found.valid, JSON.stringify(found.errors, null, 2));
  assert.match(openapi.openapi, /^3\.1\./);
});

test("asyncapi.json is AsyncAPI 3", limit, () => {
  const schema = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0.json");
  // The schema contains the meta schema that it refers to.
  const valid = formats(new Draft7({ strict: false, allErrors: true, meta: false, validateSchema: false })).compile(schema);
  assert.ok(valid(asyncapi), JSON.stringify(valid.errors, null, 2));
});

test("every reference leads somewhere", limit, () => {
  for (const description of [openapi, asyncapi]) (function walk(node) {
    if (typeof node !== "object" || node === null) return;
    at(description, node);
    for (const each of Object.values(node)) walk(each);
  })(description);
});

test("what both describe they describe alike", limit, () => {
  assert.equal(asyncapi.info.version, openapi.info.version);
  const { schemas } = openapi.components;
  const shared = Object.keys(schemas).filter(name => name in asyncapi.components.schemas);
  assert.ok(shared.includes("message"));
  for (const name of shared) assert.deepEqual(schemas[name], asyncapi.components.schemas[name], name);

  for (const name of ["after", "first"]) {
    const { examples, ...same } = asyncapi.components.schemas[name];
    assert.deepEqual(schemas.fork.properties[name], same, name);
  }

  const said = asyncapi.channels.ws.bindings.ws.query.properties;
  const parameters = openapi.paths["/ws"].get.parameters.map(each => at(openapi, each));
  assert.deepEqual(parameters.map(({ name }) => name).sort(), Object.keys(said).sort());
  for (const { name, schema } of parameters) {
    const { default: none, ...rest } = schema;
    const { description, ...same } = at(asyncapi, said[name]);
    assert.deepEqual(rest.pattern, same.pattern, name);
    assert.deepEqual(rest.type, same.type, name);
  }
});

test("every example is what it is an example of", limit, () => {
  for (const [name, message] of Object.entries(asyncapi.components.messages)) {
    assert.ok(message.examples.length > 0, `${name} has an example`);
    for (const example of message.examples) check(asyncapi, message.payload, example.payload, `${name}, ${example.name}`);
  }
  let responses = 0;
  for (const [path, { get }] of Object.entries(openapi.paths)) for (const [status, response] of Object.entries(get.responses)) {
    const { content = {} } = at(openapi, response);
    for (const type of ["application/json", problem]) for (const [name, { value }] of Object.entries(content[type]?.examples ?? {})) {
      check(openapi, content[type].schema, value, `${path} ${status} ${name}`);
      if (type === problem) assert.ok([String(value.status), "default"].includes(status), `${path} ${status} ${name}`);
      responses++;
    }
  }
  assert.ok(responses > 20);
});

test("every code of an error has an example, and each example a code", limit, () => {
  const { payload, examples } = asyncapi.components.messages.error;
  const codes = at(asyncapi, payload).properties.code.oneOf.map(each => each.const);
  assert.deepEqual(examples.map(example => example.payload.code).sort(), codes.sort());
});

test("the codes that the source knows are those that are described", limit, () => {
  const [, names] = readFileSync(here("../../actors/refusal_code.hpp"), "utf8").match(/refusal_code_names\{([^}]*)\}/);
  const known = [...names.matchAll(/"([a-z_]+)"/g)].map(([, code]) => code).filter(code => code !== "other");
  const described = asyncapi.components.messages.error.examples.map(example => example.name);
  assert.deepEqual(known.sort(), described.sort());
});

test("every error of every path is a problem, but for the report of /health", limit, () => {
  const { schemas } = openapi.components;
  for (const [path, { get }] of Object.entries(openapi.paths)) for (const [status, response] of Object.entries(get.responses)) {
    if (status < 400) continue;
    const { content } = at(openapi, response), { [problem]: { schema }, ...others } = content;
    assert.equal(at(openapi, schema), schemas.problem, `${path} ${status}`);
    assert.deepEqual(Object.keys(others), path === "/health" && status === "503" ? ["application/json"] : [], `${path} ${status}`);
  }
});

test("the codes of problems that the source knows are those that are described", limit, () => {
  const [, kinds] = readFileSync(here("../../net/http/problem.hpp"), "utf8").match(/problem_kinds\{\{(.*?)\}\};/s);
  const known = [...kinds.matchAll(/"([a-z_]+)"/g)].map(([, code]) => code);
  assert.deepEqual(known, openapi.components.schemas.problem.properties.code.oneOf.map(each => each.const));
});

test("the paths that the source knows are those that are described", limit, () => {
  const known = new Set();
  for (const file of readdirSync(here("../../net"), { recursive: true }).filter(name => name.endsWith(".cpp"))) {
    const source = readFileSync(here(`../../net/${file}`), "utf8");
    for (const [, path] of source.matchAll(/"(\/[a-z0-9./-]*)"/g)) known.add(path);
  }
  for (const path of known) if (/^\/(dev|proc|sys)\//.test(path)) known.delete(path); // files of the machine are not paths of the hub
  const described = Object.keys(openapi.paths).map(path => path.replace(/\{.*\}$/, ""));
  assert.deepEqual([...known].sort(), described.sort());
});
