// The page /redoc: ReDoc with both descriptions. Knows the settings of ReDoc alone.

import { description } from "./description.js";

Redoc.init(await description(), {
  disableSearch: true, // the search needs a worker from a blob: URL, which the Content-Security-Policy forbids
  downloadUrls: [{ title: "OpenAPI", url: "openapi.json" }, { title: "AsyncAPI", url: "asyncapi.json" }],
}, document.getElementById("api"));
