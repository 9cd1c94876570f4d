// /docs: Swagger UI with both descriptions. It knows Swagger UI's settings alone.

import { description } from "/docs/description.js";

SwaggerUIBundle({
  dom_id: "#api",
  spec: await description(),
  deepLinking: true,
  validatorUrl: null, // it is another host
});
