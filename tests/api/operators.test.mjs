// The alerts and the dashboard for operators, checked by Prometheus and against the metrics of a hub.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { limit } from "../support/machine.mjs";
import { here, Hub, output_of } from "./hub.mjs";

const files = { alerts: here("../../deploy/alerts.yml"), dashboard: here("../../deploy/grafana.json") };
const promtool = (...how) => output_of(folder, "promtool", how);
let hub, folder;

// Under TLS, because the hub then has more metrics.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-operators-"));
  const [chain, key] = ["chain.pem", "key.pem"].map(name => join(folder, name));
  output_of(folder, "openssl", ["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=hub", "-out", chain, "-keyout", key]);
  hub = await Hub.start({ TLS_CERT: chain, TLS_KEY: key });
});
after(async () => {
  await hub?.remove();
  await rm(folder, { recursive: true });
});

test("the alerts are rules", limit, () => {
  assert.match(promtool("check", "rules", "--lint=all", "--lint-fatal", files.alerts), /SUCCESS: 6 rules found/);
});

test("the alerts fire when they should, and only then", limit, () => {
  assert.match(promtool("test", "rules", here("alerts.yml")), /SUCCESS/);
});

test("alerts and dashboard ask for nothing that a hub does not tell", limit, async () => {
  const known = new Set([...(await hub.ask("/metrics")).body.matchAll(/^(?:# TYPE )?([a-z_]+)/gm)].map(([, name]) => name));
  for (const file of Object.values(files)) {
    const asked = new Set([...readFileSync(file, "utf8").matchAll(/\b((?:hubbub|process)_[a-z_]+)/g)].map(([, name]) => name));
    assert.ok(asked.size >= 4);
    for (const name of asked) assert.ok(known.has(name), `${name} of ${file}`);
  }
});

test("every panel of the dashboard asks something that Prometheus understands, of the hubs that were chosen", limit, async () => {
  const { panels } = JSON.parse(readFileSync(files.dashboard, "utf8"));
  assert.equal(new Set(panels.map(panel => panel.id)).size, panels.length);
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(asked.length >= 25);
  for (const expr of asked) assert.match(expr, /instance=~"\$instance"/);
  const rules = asked.map((expr, i) => ({ record: `panel:${i}`, expr: expr.replaceAll("$__rate_interval", "1m") }));
  const folder = await mkdtemp(join(tmpdir(), "hubbub-panels-"));
  try {
    await writeFile(join(folder, "rules.yml"), JSON.stringify({ groups: [{ name: "panels", rules }] }));
    promtool("check", "rules", "--lint=none", join(folder, "rules.yml"));
  } finally {
    await rm(folder, { recursive: true });
  }
});
