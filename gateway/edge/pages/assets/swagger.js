// Swagger UI over the document of this page; requests go to the host that served it, as they are.
"use strict";

// Its dark colours go by a class, and not by what the reader has chosen.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const place = document.getElementById("swagger");

window.ui = SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  docExpansion: "list",
  // Each operation shows its own; the list of all below them takes half of the time to load.
  defaultModelsExpandDepth: -1,
  filter: true,
  // A token is forgotten with the page.
  persistAuthorization: false,
  tryItOutEnabled: true,
  // The badge would send the document's address to another host.
  validatorUrl: null,
});
