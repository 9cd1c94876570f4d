// /redoc: ReDoc with both descriptions. It knows ReDoc's settings alone.

import { description } from "/docs/description.js";

Redoc.init(await description(), {
  disableSearch: true, // it takes a worker made of text, which the page's policy does not allow
  downloadUrls: [{ title: "OpenAPI", url: "/openapi.json" }, { title: "AsyncAPI", url: "/asyncapi.json" }],
}, document.getElementById("api"));
