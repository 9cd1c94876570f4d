// The page /ops: numbers, charts and connections of the hub, fetched from /ws-info every second. The token is stored for this
// tab alone. Knows the fields of /ws-info. Must not know how the hub counts them.

import uPlot from "./packages/uplot/uPlot.esm.js";

const max_points = 300; // of a chart; there is one a second
const element = id => document.getElementById(id);
const make = (tag, content = [], attributes = {}) => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...[content].flat());
  return made;
};

// -- formats -----------------------------------------------------------------------------------------

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const none = "–";
const count = value => value < 100_000 ? whole.format(value) : short.format(value);
const rate = value => `${value < 100 ? whole.format(value) : short.format(value)}/s`;
const time = value => value === null ? none : value < 10 ? `${value.toPrecision(2)} ms` : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toPrecision(2)} s`;
const bytes = value => {
  const power = Math.min(3, Math.floor(Math.log2(Math.max(value, 1)) / 10));
  return `${power ? (value / 2 ** (10 * power)).toPrecision(3) : value} ${["B", "KiB", "MiB", "GiB"][power]}`;
};
const duration = seconds => {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"]].filter(([size]) => seconds >= size);
  return parts.length ? parts.slice(0, 2).map(([size, unit], i) => `${Math.floor((i ? seconds % parts[0][0] : seconds) / size)} ${unit}`).join(" ") : `${seconds} s`;
};

// -- requests ----------------------------------------------------------------------------------------

let token = sessionStorage.getItem("admin_token");

class Unauthorized extends Error {}

// Resolves with the JSON of the answer. Without its ADMIN_TOKEN the hub leaves out all that this page needs.
async function request(target) {
  const answer = await fetch(target, {
    headers: token ? { Authorization: `Bearer ${token}` } : {}, cache: "no-store", signal: AbortSignal.timeout(5_000),
  });
  if (answer.status === 401) throw new Unauthorized();
  if (!answer.ok) throw new Error(`The hub answers with the status ${answer.status}`);
  const info = await answer.json();
  if (!("version" in info) && !("connections" in info)) throw new Unauthorized();
  return info;
}

// -- numbers -----------------------------------------------------------------------------------------

const numbers = [
  ["Connections", ({ active_connections: now }) => count(now)],
  ["Subscriptions", ({ subscriptions: now }) => count(now)],
  ["Rooms", ({ rooms_total: now }) => count(now)],
  ["Messages in", ({ messages }) => rate(messages.in.per_second)],
  ["Deliveries", ({ messages }) => rate(messages.delivered.per_second)],
  ["Commit p99", ({ latency }) => time(latency.commit.p99_ms)],
  ["Delivery p99", ({ latency }) => time(latency.delivery.p99_ms)],
  ["Backlog", info => bytes(info.backlog_bytes), info => info.backlog_bytes > info.backlog_limit_bytes / 20],
  ["Slow readers", ({ slow_readers_total: now }) => count(now), ({ slow_readers_total: now, active_connections: all }) => now > all / 10],
  ["Database failures", ({ database_failures: now }) => count(now)],
  ["Memory", ({ memory_bytes: now }) => bytes(now), ({ memory_pressure: now }) => now !== "calm"],
].map(([name, read, bad = () => false]) => {
  const value = make("dd"), box = make("div", make("dl", [make("dt", name), value]));
  element("numbers").append(box);
  return info => {
    value.textContent = read(info);
    box.classList.toggle("bad", bad(info));
  };
});

// -- charts ------------------------------------------------------------------------------------------

const at = [];
const charts = [
  ["Messages per second", ["in", "stored"], short.format, ({ messages }) => [messages.in.per_second, messages.stored.per_second]],
  ["Deliveries per second", ["delivered"], short.format, ({ messages }) => [messages.delivered.per_second]],
  ["Delivery latency", ["p50", "p99"], time, ({ latency: { delivery } }) => [delivery.p50_ms, delivery.p99_ms]],
  ["Commit latency", ["p50", "p99"], time, ({ latency: { commit } }) => [commit.p50_ms, commit.p99_ms]],
  ["Connections", ["open", "slow"], count, ({ active_connections: open, slow_readers_total: slow }) => [open, slow]],
  ["Backlog and memory", ["backlog", "memory"], bytes, ({ backlog_bytes: backlog, memory_bytes: memory }) => [backlog, memory]],
].map(([name, lines, write, read]) => {
  const style = getComputedStyle(document.documentElement), colour = which => style.getPropertyValue(`--${which}`).trim();
  const names = ["first", "second"].slice(0, lines.length);
  const figure = make("figure", make("figcaption", [make("b", name), ...lines.map((line, i) => make("span", line, { className: names[i] }))]));
  element("charts").append(figure);
  const values = lines.map(() => []);
  const axis = { stroke: colour("soft"), grid: { stroke: colour("rule"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  let plot;
  const width = () => Math.max(160, figure.clientWidth - 2);
  return {
    add(info) {
      read(info).forEach((value, i) => {
        values[i].push(value);
        if (values[i].length > max_points) values[i].shift();
      });
    },
    draw() {
      plot ??= new uPlot({
        width: width(), height: 150, legend: { show: false }, cursor: { show: false },
        scales: { y: { range: (_, least, most) => [0, Math.max(most ?? 0, 1) * 1.1] } },
        axes: [{ ...axis, space: 70 }, { ...axis, size: 62, values: (_, all) => all.map(value => write(value)) }],
        series: [{}, ...names.map(which => ({ stroke: colour(which), width: 1.5, points: { show: false } }))],
      }, [at, ...values], figure);
      plot.setData([at, ...values]);
    },
    fit: () => plot?.setSize({ width: width(), height: 150 }),
  };
});

addEventListener("resize", () => charts.forEach(chart => chart.fit()));

// -- tables ------------------------------------------------------------------------------------------

const row = (...cells) => make("tr", cells.map(cell => make("td", String(cell), { className: /^[\d.,]/.test(cell) ? "number" : "" })));

const tables = [
  ["Largest rooms", ["Room", "Members"], ({ rooms }) => rooms.map(({ room, members }) => [room, count(members)])],
  ["Slow readers", ["Connection", "Messages", "Bytes"], ({ slow_readers: all }) => all.map(each => [each.connection_id, count(each.lag_messages), bytes(each.lag_bytes)])],
  ["Closed connections", ["Code", "Count"], ({ closes }) => Object.entries(closes).map(([code, times]) => [`Code ${code}`, count(times)])],
  ["Refused frames", ["Code", "Count"], ({ refused }) => Object.entries(refused).map(([code, times]) => [code, count(times)])],
].map(([name, heads, read]) => {
  const body = make("tbody"), nothing = make("p", "None.", { className: "none" });
  const table = make("table", [make("thead", make("tr", heads.map(head => make("th", head)))), body]);
  element("tables").append(make("div", [make("h2", name), table, nothing]));
  return info => {
    const rows = read(info);
    table.hidden = rows.length === 0;
    nothing.hidden = rows.length > 0;
    body.replaceChildren(...rows.map(cells => row(...cells)));
  };
});

let older = null;

async function show_connections(target) {
  const { connections, next } = await request(target);
  element("connections").tBodies[0].replaceChildren(...connections.map(each => row(each.connection_id, each.room, count(each.subscriptions), `from ${each.address}`,
    new Date(each.since).toLocaleString(), count(each.sent_messages), each.lag_bytes ? `${count(each.lag_messages)}, ${bytes(each.lag_bytes)}` : none)));
  older = next;
  element("older").hidden = next === null;
}

const newest = () => show_connections("ws-info?connections=1&limit=25");
element("newest").addEventListener("click", () => newest().catch(fail));
element("older").addEventListener("click", () => show_connections(older).catch(fail));

// -- the page ----------------------------------------------------------------------------------------

function set_state(text, style) {
  element("state").textContent = text;
  element("state").className = style;
}

function show(info) {
  const first = element("board").hidden;
  element("gate").hidden = true;
  element("board").hidden = false;
  set_state(info.database_well ? "All is well" : "The database does not answer", info.database_well ? "good" : "bad");
  element("facts").textContent = [`version ${info.version}`, `up ${duration(info.uptime_seconds)}`, info.database,
    info.log ? `log ${info.log} at ${info.newest_id}` : "no log yet"].join(" · ");
  at.push(Date.now() / 1000);
  if (at.length > max_points) at.shift();
  for (const number of numbers) number(info);
  for (const chart of charts) {
    chart.add(info);
    chart.draw();
  }
  for (const table of tables) table(info);
  if (first) newest().catch(fail);
}

function fail(why) {
  if (!(why instanceof Unauthorized)) {
    set_state(why.name === "TimeoutError" || why instanceof TypeError ? "The hub does not answer" : why.message, "bad");
    return;
  }
  if (element("gate").hidden) {
    element("wrong").textContent = token ? "This is not the token of this hub." : "";
    set_state("", "");
    element("facts").textContent = "";
    element("board").hidden = true;
    element("gate").hidden = false;
    element("token").focus();
  }
  sessionStorage.removeItem("admin_token");
  token = null;
}

async function refresh() {
  if (element("gate").hidden && !document.hidden)
    try {
      show(await request("ws-info"));
    } catch (why) {
      fail(why);
    }
  setTimeout(refresh, 1000);
}

element("gate").addEventListener("submit", event => {
  event.preventDefault();
  token = element("token").value.trim();
  sessionStorage.setItem("admin_token", token);
  element("token").value = "";
  element("gate").hidden = true;
  set_state("loading…", "");
});

refresh();
