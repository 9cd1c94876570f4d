// Merges both descriptions for /docs and /redoc: openapi.json, with the text of asyncapi.json at GET /ws. Programs and people
// thus read the same text. Knows the structure of AsyncAPI. Must not know what renders the result.

export async function description() {
  const [http, socket] = await Promise.all(["openapi.json", "asyncapi.json"].map(async path => (await fetch(path)).json()));
  // The hub may be below a path of a site, behind a proxy that strips the path.
  http.servers[0].url = new URL(".", document.baseURI).href.replace(/\/$/, "");
  http.paths["/ws"].get.description += `\n\n${protocol(socket)}`;
  return http;
}

// Returns the WebSocket protocol in Markdown.
export function protocol(api) {
  const channel = api.channels.ws;
  const operations = Object.values(api.operations);
  const codes = at(api, channel.messages.error).payload.properties.code.oneOf;
  return [
    `# ${api.info.title}`,
    api.info.description,
    `## ${channel.title}: ${channel.address}`,
    channel.description,
    ...operations.flatMap(operation => [
      `## ${operation.summary}`,
      ...operation.messages.flatMap(message => section(api, message)),
      ...(operation.reply?.messages ?? []).flatMap(message => section(api, message)),
    ]),
    "## Why a frame is refused",
    table(["code", "meaning", "send it again?", "example"],
      codes.map(code => [`\`${code.const}\``, code.description, code["x-send-again"], code["x-refused-frame"] && `\`${code["x-refused-frame"]}\``])),
    "## Why a connection is closed",
    table(["code", "meaning", "connect again?"], channel["x-closes"].map(close => [close.code, close.means, close["come-back"]])),
  ].join("\n\n");
}

// Returns a message in Markdown, with at most two of its examples: the many examples of errors differ only in their texts,
// which the table of codes has.
function section(api, reference) {
  const message = at(api, reference);
  const { properties, required } = at(api, message.payload);
  return [
    `### ${reference.$ref.split("/").at(-1)}`,
    message.summary,
    table(["field", "type", "meaning"], Object.entries(properties).map(([name, schema]) =>
      [`\`${name}\``, kind(at(api, schema)) + (required.includes(name) ? "" : ", optional"), at(api, schema).description])),
    ...message.examples.slice(0, 2).map(example => `\`\`\`json\n${JSON.stringify(example.payload, null, 2)}\n\`\`\``),
  ];
}

const kind = schema => schema.const ? `"${schema.const}"` : schema.format ?? schema.type;

const table = (head, rows) => [head, head.map(() => "---"), ...rows]
  .map(row => `| ${row.map(cell => String(cell ?? "").replaceAll("|", "\\|")).join(" | ")} |`).join("\n");

// Follows references until the value is none.
function at(api, thing) {
  while (thing?.$ref) thing = thing.$ref.slice(2).split("/").reduce((node, name) => node[name], api);
  return thing;
}
