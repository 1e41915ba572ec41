"""The OpenAPI documents: from routes, contracts and rows to what is served as `openapi.json`."""
