"""`GET /metrics`: what this process counts, in Prometheus' text format."""

import asyncio

from litestar import Controller, Response, get
from prometheus_client import generate_latest

from gateway.edge.answers import HttpAnswer
from gateway.edge.parts import parts_of
from gateway.edge.visit import HttpRequest

# Litestar adds the character set.
MEDIA_TYPE = "text/plain; version=0.0.4"


class MetricsController(Controller):
    tags = ("health",)

    @get("/metrics", operation_id="metrics", summary="Read this process's metrics")
    async def metrics(self, request: HttpRequest) -> HttpAnswer:
        registry = parts_of(request).metrics.registry
        # In a thread: a page of some thousand lines takes longer than a request should wait.
        page = await asyncio.to_thread(generate_latest, registry)
        return Response(page, media_type=MEDIA_TYPE)
