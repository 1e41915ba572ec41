"""Letting time pass, and having forgotten what it has overtaken."""

from typing import Any

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.app.timing import forgetting_of
from handlers.delivery.settings import ProcessSettings
from tests.gateway.server import ValkeyServer
from tests.integration.desk import Desk
from tests.integration.patience import patient_client
from tests.integration.postgres import SECRET

LONG_AGO, LATELY = "interval '91 days'", "interval '89 days'"


async def forget(timers: dict[str, AsyncEngine], cache: ValkeyServer, days: int = 90) -> None:
    """Everything that is to be forgotten, once."""
    settings = ProcessSettings(
        _env_file=None,
        redis_url=cache.url,
        secret_key=SecretStr(SECRET),
        deleted_retention_days=days,
    )
    client = patient_client(cache.url)
    for one in forgetting_of(settings, client, timers):
        await one()
    await client.aclose()


async def aged(desk: Desk, statement: str, **values: Any) -> None:
    async with desk.administrator.begin() as connection:
        await connection.execute(text(statement), values)
