// The page /docs: Swagger UI with both descriptions. Knows the settings of Swagger UI alone.

import { description } from "./description.js";

SwaggerUIBundle({
  dom_id: "#api",
  spec: await description(),
  deepLinking: true,
  validatorUrl: null, // the default sends the description to another host
});
