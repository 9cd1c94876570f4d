// Both descriptions, and the check of a value against its schema. The descriptions allow further fields for later versions. The
// check does not, so every new field must be described.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { here } from "./hub.mjs";

const read = name => JSON.parse(readFileSync(here(`../../public/api/${name}`)));
export const openapi = read("openapi.json");
export const asyncapi = read("asyncapi.json");

export const problem = "application/problem+json"; // the media type of an error (RFC 9457)

// Follows the references of a part of a description.
export function at(description, thing) {
  while (thing?.$ref) {
    const { $ref: way } = thing;
    thing = way.slice(2).split("/").reduce((node, name) => node?.[name.replaceAll("~1", "/")], description);
    assert.ok(thing, `${way} leads nowhere`);
  }
  return thing;
}

const ajv = formats(new Ajv({ allErrors: true, allowUnionTypes: true, keywords: ["x-send-again", "x-refused-frame"] }));
const known = new Map();

export function check(description, schema, value, about) {
  schema = at(description, schema);
  if (!known.has(schema)) known.set(schema, ajv.compile(closed(description, schema)));
  const fits = known.get(schema);
  assert.ok(fits(value), `${about}: ${ajv.errorsText(fits.errors)} in ${JSON.stringify(value).slice(0, 500)}`);
}

function closed(description, node) {
  node = at(description, node);
  if (Array.isArray(node)) return node.map(each => closed(description, each));
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, each]) => [name, closed(description, each)]));
  return node.type === "object" && node.properties ? { ...copy, additionalProperties: false } : copy;
}
