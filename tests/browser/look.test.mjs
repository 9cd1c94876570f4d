// The look of the page, and its use without a mouse, without a wide screen and with weak eyes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limit } from "../support/machine.mjs";
import { Reader } from "./reader.mjs";
import { browser, hub, use_browser_and_hub } from "./stage.mjs";

use_browser_and_hub();

test("the page keeps to a policy without inline code or style", limit, async () => {
  const answer = await fetch(hub.url);
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /style-src 'self';/);
  await Reader.together(browser, hub.url, [{}], async ada => {
    const broken = ada.page.evaluate(() => new Promise(resolve => {
      addEventListener("securitypolicyviolation", ({ blockedURI }) => resolve(blockedURI));
      document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>this breaks it</p>");
    }));
    assert.equal(await broken, "inline", "the policy is in force");
    ada.faults.length = 0;
    await ada.reload();
    await ada.say("and the page does without");
    await ada.sees("and the page does without");
  });
});

for (const colorScheme of ["light", "dark"]) test(`every text is readable in the ${colorScheme}`, limit, async () => {
  await Reader.together(browser, hub.url, [{ colorScheme }, {}], async (ada, bea) => {
    await ada.say(`mine, ${colorScheme}`);
    await bea.sees(`mine, ${colorScheme}`);
    await bea.say(`another's, ${colorScheme}`);
    await ada.sees(`another's, ${colorScheme}`);
    await ada.say("refused \0");
    await ada.alert.waitFor();
    await ada.box.fill("x".repeat(1001));
    await ada.box.press("Enter");
    await ada.alert.nth(1).waitFor();
    assert.deepEqual(await pale(ada), []);
    await hub.kill();
    await ada.status("No connection");
    await ada.say(`waits, ${colorScheme}`);
    await ada.unsent.filter({ hasText: `waits, ${colorScheme}` }).waitFor();
    assert.deepEqual(await pale(ada), []);
    await hub.start();
    await ada.sees(`waits, ${colorScheme}`);
  });
});

test("nothing sticks out of a phone's screen", limit, async () => {
  const phone = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
  await Reader.together(browser, hub.url, [phone], async ada => {
    await ada.say("w".repeat(300));
    await ada.sees("w".repeat(300));
    const wide = await ada.page.evaluate(() => [document.documentElement, document.getElementById("scroll")]
      .filter(element => element.scrollWidth > element.clientWidth).map(element => element.tagName));
    assert.deepEqual(wide, []);
    const { x, width } = await ada.page.getByRole("button", { name: "Send" }).boundingBox();
    assert.ok(width >= 44 && x + width <= 320, "the button is whole and big enough for a thumb");
  });
});

test("a long name of a room or a person leaves the head of a phone in order", limit, async () => {
  const phone = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
  const url = `${hub.url}?room=${"long-name_".repeat(6)}`;
  await Reader.together(browser, url, [phone], async ada => {
    await ada.filter(frame => [frame.type === "message" ? { ...frame, name: "Maximiliane".repeat(10) } : frame]);
    await ada.reload();
    const bea = await Reader.open(browser, url);
    await bea.say("hello");
    const author = (await ada.sees("hello")).locator(".author");
    await ada.page.getByText("2 online", { exact: true }).click();
    await ada.page.getByRole("list", { name: "Recent authors" }).waitFor();
    const box = async what => {
      const { x, width } = await (typeof what === "string" ? ada.page.locator(what) : what).boundingBox();
      return [x, x + width];
    };
    const row = (await Promise.all(["h1", "#me .avatar", "#me .id", "#share"].map(box))).flat();
    assert.deepEqual(row, [...row].sort((a, b) => a - b), "nothing lies on another");
    for (const what of ["#share", "#people div", author]) {
      const [from, to] = await box(what);
      assert.ok(from >= 0 && to <= 320, `${what} from ${from} to ${to}`);
    }
    await bea.leave();
  });
});

test("the keyboard alone reaches everything, in the order of reading", limit, async () => {
  await Reader.together(browser, hub.url, [{}], async ada => {
    const where = () => ada.page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.labels?.[0]?.textContent);
    assert.equal(await where(), "Message", "the reader can write at once");
    await ada.page.keyboard.press("Tab");
    assert.equal(await where(), "Send");
    await ada.page.keyboard.press("Shift+Tab");
    await ada.page.keyboard.press("Shift+Tab");
    assert.equal(await where(), "Conversation");
  });
});

test("a reader who prefers reduced motion gets none", limit, async () => {
  await Reader.together(browser, hub.url, [{ reducedMotion: "reduce" }, {}], async (ada, bea) => {
    await bea.say("no dance");
    const message = await ada.sees("no dance");
    assert.equal(await message.evaluate(item => getComputedStyle(item).animationName), "none");
  });
});

// Returns the visible texts whose contrast is below 4.5 (WCAG 2.2, 1.4.3), for authors of every hue.
function pale(reader) {
  return reader.page.evaluate(() => {
    const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const paint = (...colours) => {
      pen.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
      }
      return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = rgb => rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = element => {
      const grounds = [];
      for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
      const [ground, ink] = [paint(...grounds), paint(...grounds, getComputedStyle(element).color)].map(light);
      return (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    };
    const found = [];
    const look = element => {
      const ratio = contrast(element);
      if (ratio < 4.5) found.push(`${element.className || element.id || element.tagName}: ${ratio.toFixed(2)}`);
    };
    for (const element of document.body.querySelectorAll("*")) {
      const speaks = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()) || element.matches("textarea");
      if (!speaks || !element.checkVisibility()) continue;
      look(element);
      const author = element.closest("[style*=--hue]");
      if (!author) continue;
      const hue = author.style.getPropertyValue("--hue");
      for (let other = 0; other < 360; other += 10) {
        author.style.setProperty("--hue", other);
        look(element);
      }
      author.style.setProperty("--hue", hue);
    }
    return found;
  });
}
