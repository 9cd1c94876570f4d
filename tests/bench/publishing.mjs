#!/usr/bin/env node
// Publishes over ten connections, each a batch of a hundred messages after another: publishing.mjs PORT PROCESS SECONDS.
// Prints figures as the load generator does. Fails if an answer is none of a stored batch. Must not know how messages are stored.

import { readFileSync } from "node:fs";
import http from "node:http";

const [port, server, seconds] = process.argv.slice(2).map(Number);
const connections = 10, size = 100, warm_up = 0.3;

const text = "x".repeat(150);
const body = JSON.stringify(Array(size).fill({ text }));
const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };

// The CPU time of a process in seconds: user and system, in ticks of 10 ms.
const cpu = () => readFileSync(`/proc/${server}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce((sum, each) => sum + each / 100, 0);

const publish = () => new Promise((resolve, reject) => {
  const request = http.request({ host: "127.0.0.1", port, path: "/messages?room=published", method: "POST", agent, headers }, answer => {
    const chunks = [];
    answer.on("data", chunk => chunks.push(chunk)).on("end", () => {
      const said = Buffer.concat(chunks).toString();
      if (answer.statusCode === 201 && said.includes(`"user_message_number":${size},`)) resolve();
      else reject(new Error(`${answer.statusCode} ${said.slice(0, 200)}`));
    });
  });
  request.on("error", reject).end(body);
});

let stored = 0, times = [];
async function run(end) {
  for (let began = performance.now(); began < end; ) {
    await publish();
    const now = performance.now();
    times.push(now - began);
    stored += size;
    began = now;
  }
}

const all = for_seconds => {
  const end = performance.now() + for_seconds * 1000;
  return Promise.all(Array.from({ length: connections }, () => run(end)));
};

await all(warm_up);
stored = 0, times = [];
const began = performance.now(), used = cpu();
await all(seconds);
const took = (performance.now() - began) / 1000;
times.sort((a, b) => a - b);
const quantile = share => Math.round(1000 * times[Math.min(times.length - 1, Math.floor(times.length * share))]);
for (const [name, value] of [
  ["messages/s", stored / took], ["CPU %", 100 * (cpu() - used) / took], ["latency p50 us", quantile(0.5)], ["latency p99 us", quantile(0.99)],
]) console.log(`${name}\t${value}`);
agent.destroy();
