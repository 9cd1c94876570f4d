// Renders the light markup of a message: code, bold, italics, quotes and lists. All text enters the page as text nodes, and what is
// no markup stays as it was written. Must not know messages.

import { links, without_directions } from "./text.js";

const fence = /^```[\w.+#-]*[ \t]*$/, fence_end = /^```[ \t]*$/;
const quote = /^>[ \t]?/, item = /^ {0,3}(?:[-*•]|(\d{1,9})\.)[ \t]+(?=\S)/;
const code = /(`+)(?!`)(.+?)(?<!`)\1(?!`)/gs;
// A mark begins at a word and ends at one, so that 2 * 3 and snake_case stay what they are.
const emphasis = /(?<![\p{L}\p{N}*_])(\*\*|\*|_)(?=[^\s*_])((?:(?!\n\n).)*?[^\s*_])\1(?![\p{L}\p{N}*_])/gsu;
const max_depth = 4; // of quotes in quotes, and of marks in marks

// Returns the nodes of a text.
export const markup = text => blocks(without_directions(text).split("\n"), 0);

function blocks(lines, depth) {
  const nodes = [];
  let plain = []; // lines
  const add = node => {
    if (plain.length) nodes.push(...inline(plain.join("\n"), depth));
    plain = [];
    if (node) nodes.push(node);
  };
  // Returns how many lines from `i` on are of a kind.
  const run = (i, is) => {
    let end = i;
    while (end < lines.length && is(lines[end], end - i)) end += 1;
    return end - i;
  };
  for (let i = 0; i < lines.length;) {
    const end = fence.test(lines[i]) ? lines.findIndex((line, at) => at > i && fence_end.test(line)) : -1;
    const quoted = depth < max_depth ? run(i, line => quote.test(line)) : 0;
    const first = item.exec(lines[i])?.[1]; // undefined for a list without numbers
    const listed = run(i, (line, at) => item.test(line) && item.exec(line)[1] === (first && String(Number(first) + at)));
    if (end > i + 1) {
      const block = make("pre", make("code", lines.slice(i + 1, end).join("\n")));
      block.dir = "ltr";
      add(block);
      i = end + 1;
    } else if (quoted) {
      add(make("blockquote", ...blocks(lines.slice(i, i + quoted).map(line => line.replace(quote, "")), depth + 1)));
      i += quoted;
    } else if (listed > 1) { // a single line may be a dialogue's, or begin with a year
      const list = make(first ? "ol" : "ul", ...lines.slice(i, i + listed).map(line => make("li", ...inline(line.replace(item, ""), depth))));
      if (first) list.start = first;
      add(list);
      i += listed;
    } else plain.push(lines[i++]);
  }
  add();
  return nodes;
}

// Code and links are whole: no mark begins or ends in them.
function inline(text, depth) {
  const spans = [...text.matchAll(code)].map(({ 0: all, 2: inside, index }) => ({ from: index, to: index + all.length, make: () => make("code", inside) }));
  const is_code = ({ from, to }) => spans.some(span => span.from < to && from < span.to);
  const whole = [...spans, ...links(text).filter(each => !is_code(each))].sort((a, b) => a.from - b.from);
  let masked = text;
  for (const { from, to } of whole) masked = masked.slice(0, from) + "\ufffc".repeat(to - from) + masked.slice(to);
  return emphasized(text, masked, whole, 0, text.length, depth);
}

function emphasized(text, masked, whole, from, to, depth) {
  const nodes = [];
  let done = from;
  if (depth < max_depth) for (const { 1: mark, 2: inside, index } of masked.slice(from, to).matchAll(emphasis)) {
    const begin = from + index + mark.length, end = begin + inside.length;
    nodes.push(...unmarked(text, whole, done, from + index));
    nodes.push(make(mark === "**" ? "strong" : "em", ...emphasized(text, masked, whole, begin, end, depth + 1)));
    done = end + mark.length;
  }
  nodes.push(...unmarked(text, whole, done, to));
  return nodes;
}

function unmarked(text, whole, from, to) {
  const nodes = [];
  for (const each of whole) {
    if (each.from < from || each.to > to) continue;
    nodes.push(text.slice(from, each.from), each.make());
    from = each.to;
  }
  return [...nodes, text.slice(from, to)].filter(Boolean);
}

function make(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}
