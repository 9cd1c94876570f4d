// The client in Node.js: the name and the secret of its person, with a scripted hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { accepted, frames, heard, in_two_rooms, joined, made, resumed, settled, use_scripted_hub } from "./client_stage.mjs";
import { ack, hello, refused, subscribed } from "./scripted_hub.mjs";

use_scripted_hub();

const secret = "0123456789abcdef";

// Resolves when the hub has accepted the hello of the client, which is in its next frame.
async function greeted(client, line, fields) {
  const promise = client.hello(fields);
  assert.deepEqual(await frames(line, 1), [{ type: "hello", ...fields }]);
  line.send(hello(fields.name));
  return promise;
}

test("a hello resolves with the answer of the hub", limit, async () => {
  const { client, line } = await joined();
  assert.deepEqual(await greeted(client, line, { name: "Ann", secret }), { name: "Ann", person: "anon-0123456789abcdef" });
});

test("messages wait for the hello that was called before them", limit, async () => {
  const { client, line } = await joined(), promise = client.hello({ name: "Ann" });
  void client.send("one");
  assert.deepEqual(await settled(client, line), [{ type: "hello", name: "Ann" }]);
  line.send(hello("Ann"));
  await promise;
  assert.equal((await frames(line, 1))[0].text, "one");
});

test("before the connection is open, a hello waits for it", limit, async () => {
  const client = made(), promise = client.hello({ name: "Ann" });
  void client.send("one");
  client.open();
  const line = await accepted(client);
  assert.deepEqual(await frames(line, 1), [{ type: "hello", name: "Ann" }]);
  line.send(hello("Ann"));
  await promise;
  assert.equal((await frames(line, 1))[0].text, "one");
});

test("every later connection begins with what the hub has accepted, before the messages that wait", limit, async () => {
  const { client, line } = await joined();
  await greeted(client, line, { secret });
  const renamed = client.hello({ name: "Ann" });
  assert.deepEqual(await frames(line, 1), [{ type: "hello", secret, name: "Ann" }]); // an absent field stays as it is
  line.send(hello("Ann"));
  await renamed;
  void client.send("one");
  await frames(line, 1);
  const next = await resumed(client, line);
  assert.deepEqual(await settled(client, next), [{ type: "hello", secret, name: "Ann" }]);
  next.send(hello("Ann"));
  assert.equal((await frames(next, 1))[0].text, "one");
});

test("a name that was removed is not told again", limit, async () => {
  const { client, line } = await joined();
  await greeted(client, line, { name: "Ann" });
  const promise = client.hello({ name: null });
  assert.deepEqual(await frames(line, 1), [{ type: "hello", name: null }]);
  line.send(hello(null));
  assert.equal((await promise).name, null);
  const next = await resumed(client, line);
  assert.deepEqual(await frames(next, 1), [{ type: "hello", name: null }]);
});

for (const code of ["bad_name", "name_taken", "bad_secret", "verified_name", "unknown_type"])
  test(`the error ${code} rejects, and what was told before stays`, limit, async () => {
    const { client, line } = await joined(), told = heard(client, ["error"]);
    await greeted(client, line, { name: "Ann", secret });
    const promise = client.hello({ name: "Bob" });
    await frames(line, 1);
    void client.send("one");
    line.send(refused(code));
    await assert.rejects(promise, { code });
    assert.equal((await frames(line, 1))[0].text, "one");
    const next = await resumed(client, line);
    assert.deepEqual(await frames(next, 1), [{ type: "hello", name: "Ann", secret }]);
    assert.deepEqual(told, []);
  });

test("hellos are told one after another, and each has its own answer", limit, async () => {
  const { client, line } = await joined(), calls = Promise.allSettled([{ secret }, { name: "\0" }, { name: "Ann" }].map(fields => client.hello(fields)));
  assert.deepEqual(await settled(client, line), [{ type: "hello", secret }]);
  line.send(hello(null));
  assert.deepEqual(await frames(line, 1), [{ type: "hello", secret, name: "\0" }]);
  line.send(refused("bad_name"));
  assert.deepEqual(await frames(line, 1), [{ type: "hello", secret, name: "Ann" }]);
  line.send(hello("Ann"));
  assert.deepEqual((await calls).map(({ value, reason }) => reason?.code ?? value.name), [null, "bad_name", "Ann"]);
});

test("a hello without an answer is told again over the next connection", limit, async () => {
  const { client, line } = await joined(), first = client.hello({ name: "Ann" }), second = client.hello({ secret });
  await frames(line, 1);
  const next = await resumed(client, line);
  assert.deepEqual(await frames(next, 1), [{ type: "hello", name: "Ann" }]);
  next.send(hello("Ann"));
  assert.deepEqual(await frames(next, 1), [{ type: "hello", name: "Ann", secret }]);
  next.send(hello("Ann"));
  assert.deepEqual((await Promise.all([first, second])).map(({ name }) => name), ["Ann", "Ann"]);
});

test("a change while the connection is away is told together with what was accepted", limit, async () => {
  const { client, line } = await joined();
  await greeted(client, line, { name: "Ann", secret });
  client.close();
  const promise = client.hello({ name: "Bob" });
  client.open();
  const next = await accepted(client);
  assert.deepEqual(await frames(next, 1), [{ type: "hello", name: "Bob", secret }]);
  next.send(refused("name_taken"));
  await assert.rejects(promise, { code: "name_taken" });
  assert.deepEqual(await frames(next, 1), [{ type: "hello", name: "Ann", secret }]);
});

test("a name that the hub does not accept again is told as an error, and messages are sent without it", limit, async () => {
  const { client, line } = await joined(), told = heard(client, ["error"]);
  await greeted(client, line, { name: "Ann" });
  const next = await resumed(client, line), error = refused("name_taken");
  void client.send("one");
  await frames(next, 1);
  next.send(error);
  assert.equal((await frames(next, 1))[0].text, "one");
  assert.deepEqual(told, [["error", error]]);
});

test("a hello that comes too fast is told again after a while, and messages still wait for it", limit, async () => {
  const { client, line } = await joined(), promise = client.hello({ name: "Ann" });
  void client.send("one");
  for (const code of ["too_fast", "busy", "upgrading"]) {
    assert.deepEqual(await frames(line, 1), [{ type: "hello", name: "Ann" }]);
    line.send(refused(code));
  }
  assert.deepEqual(await frames(line, 1), [{ type: "hello", name: "Ann" }]);
  line.send(hello("Ann"));
  await promise;
  assert.equal((await frames(line, 1))[0].text, "one");
});

test("errors about messages and rooms do not answer a hello, nor does a hello that nobody asked for", limit, async () => {
  const { client, b, line } = await in_two_rooms(), sent = client.send("one"), [frame] = await frames(line, 1);
  line.send(hello("nobody"));
  await line.handled();
  const promise = client.hello({ name: "Ann" });
  b.leave();
  client.room("c");
  await frames(line, 3);
  line.send(refused("busy", { room: "lobby", key: frame.key }), refused("too_fast", { room: "b" }), subscribed("c", { history: [] }), hello("Ann"));
  assert.equal((await promise).name, "Ann");
  const again = (await frames(line, 2)).find(({ type }) => type === "message");
  assert.equal(again.key, frame.key);
  line.send(ack(frame, 1));
  await sent;
});

test("half of a surrogate pair is refused at once, for the error of the hub could be about a message", limit, async () => {
  const { client, line } = await joined();
  for (const fields of [{ name: "a\ud800" }, { secret: `${secret}\udc00` }]) await assert.rejects(client.hello(fields), { code: "surrogate" });
  assert.deepEqual(await settled(client, line), []);
  assert.equal((await greeted(client, line, { name: "\u{1F600}" })).name, "\u{1F600}");
});

test("what is changed after the call is not told", limit, async () => {
  const { client, line } = await joined(), fields = { name: "Ann", secret: undefined };
  void client.hello(fields);
  fields.name = "Bob";
  await frames(line, 1);
  const next = await resumed(client, line);
  assert.deepEqual(await frames(next, 1), [{ type: "hello", name: "Ann" }]);
});
