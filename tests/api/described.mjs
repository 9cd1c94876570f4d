// Requests to a hub whose answers are checked against openapi.json, and a record of what was answered. Knows the description.
// Must not know which answers a test expects.

import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { at, check, openapi, problem } from "./descriptions.mjs";

export const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };

export const seen = new Set(); // "PATH STATUS" of every answer, or "POST PATH STATUS"
export const details = new Set(); // the same with the detail of every error
export const codes = new Map(); // the code of every error → its status

// Sends a request to the hub `where` and checks the answer against the description of the path.
export async function ask(where, path, target, how = {}) {
  const answer = await where.ask(target, how);
  const { get, post } = openapi.paths[path];
  const posts = how.method === "POST" && post;
  const { responses } = posts ? post : get;
  const operation = posts ? `POST ${path}` : path;
  const status = answer.status in responses ? String(answer.status) : "default";
  assert.ok(status !== "default" || answer.status >= 400, `${target} answers ${answer.status}, which is not described`);
  const described = at(openapi, responses[status]);
  const about = `${target} ${answer.status}`;
  seen.add(`${operation} ${status}`);
  for (const [name, reference] of Object.entries(described.headers ?? {})) {
    const header = at(openapi, reference), value = answer.headers[name.toLowerCase()];
    assert.ok(value || !header.required, `${about} has ${name}`);
    if (value) check(openapi, header.schema, value, `${about}: ${name}`);
  }
  if (!described.content) assert.equal(answer.body, "", about);
  else if (how.method !== "HEAD") {
    const type = answer.headers["content-type"].split(";")[0];
    const content = described.content[type] ?? described.content["*/*"];
    assert.ok(content, `${about} is ${type}, which is not described`);
    if (type.endsWith("json") && content.schema) {
      answer.json = JSON.parse(answer.body);
      check(openapi, content.schema, answer.json, about);
    }
    if (type === problem) {
      const { title, status: told, code, detail } = answer.json;
      assert.deepEqual([told, title], [answer.status, STATUS_CODES[answer.status]], about);
      assert.equal(codes.get(code) ?? told, told, `${code} always has the same status`);
      codes.set(code, told);
      details.add(`${operation} ${status} ${detail}`);
    } else assert.ok(answer.status < 400 || path === "/health", `${about} is a problem`);
  }
  return answer;
}

// Returns the path with the examples of all its parameters.
export function example(path) {
  const { get, parameters = [] } = openapi.paths[path];
  const all = [...parameters, ...get.parameters ?? []].map(each => at(openapi, each)).filter(each => "example" in each);
  const query = new URLSearchParams(all.filter(each => each.in === "query").map(each => [each.name, each.example]));
  return all.filter(each => each.in === "path").reduce((target, each) => target.replace(`{${each.name}}`, each.example), path) +
    (String(query) && `?${query}`);
}

export const paths = Object.keys(openapi.paths);
