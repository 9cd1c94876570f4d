// Tests of the frame `hello` as asyncapi.json describes it. websocket.test.mjs runs them, because it checks that everything that
// is described has occurred.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncapi } from "./descriptions.mjs";
import { Client } from "./described_client.mjs";
import { limit } from "../support/machine.mjs";
import { Hub } from "./hub.mjs";
import { secret, sign } from "./tokens.mjs";

const { messages } = asyncapi.components;
const refusal = code => messages.error.examples.find(example => example.name === code).payload;
const post = { type: "message", text: "hello" };

export function test_persons(hub) {
  test("a hello is answered as described, and messages have what it said", limit, async () => {
    const client = await Client.open(hub());
    const [person, renamed, nameless] = messages.hello.examples.map(example => example.payload);
    for (const [i, answer] of [person, renamed, nameless].entries()) {
      client.send(messages.introduce.examples[i].payload);
      assert.deepEqual(await client.next("hello"), answer);
      client.send(post);
      const message = await client.next("message");
      assert.deepEqual([message.name ?? null, message.person, message.verified], [answer.name, answer.person, undefined]);
    }
    client.close();
  });

  test("a name that looks like that of another person in the room is name_taken", limit, async () => {
    const [client, other] = [await Client.open(hub()), await Client.open(hub())];
    const { payload } = messages.introduce.examples[0];
    client.send(payload);
    await client.next("hello");
    other.send({ type: "hello", name: payload.name.toUpperCase() });
    assert.deepEqual(await other.next("error"), refusal("name_taken"));
    other.send(payload); // with the secret it is the same person
    assert.equal((await other.next("hello")).name, payload.name);
    client.close();
    other.close();
  });

  test("a connection with a token is told verified_name, and its messages are verified", limit, async () => {
    const locked = await Hub.start({ JWT_SECRET: secret });
    try {
      for (const claims of [{ sub: "Ada" }, {}]) {
        const client = await Client.open(locked, `?access_token=${await sign(claims)}`);
        client.send(messages.introduce.examples[0].payload);
        assert.deepEqual(await client.next("error"), refusal("verified_name"));
        client.send(post);
        const { name, person, verified } = await client.next("message");
        assert.deepEqual([name, person, verified], claims.sub ? ["Ada", "user-_ujU2l9ib_Emt2Tl", true] : [undefined, undefined, undefined]);
        client.close();
      }
    } finally {
      await locked.remove();
    }
  });
}
