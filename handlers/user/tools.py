"""What the user context's handlers need beside their message: keys, passwords, their database."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.identity import derived_key
from handlers.delivery.settings import ProcessSettings
from handlers.delivery.tenant_rules import TenantRules
from handlers.delivery.trail import Listening, Unheard
from handlers.user.access_tokens import TokenIssuer
from handlers.user.passwords import PasswordPool


@dataclass(frozen=True, slots=True)
class UserTools:
    """`engine` is for what is read before a transaction; `secret` signs the cursors of lists."""

    engine: AsyncEngine
    issuer: TokenIssuer
    passwords: PasswordPool
    refresh_key: bytes
    secret: str
    rules: TenantRules | None = None
    trail: Listening = field(default_factory=Unheard)

    @classmethod
    def of(
        cls,
        settings: ProcessSettings,
        engine: AsyncEngine,
        rules: TenantRules | None = None,
        trail: Listening | None = None,
    ) -> "UserTools":
        """The tools of a handler process; `engine` reaches the user context's database. Without
        `rules` nobody signs up by themselves; without a `trail` what is no change is not noted."""
        secret = settings.secret_key.get_secret_value()
        return cls(
            engine=engine,
            issuer=TokenIssuer(Path(settings.jwt_private_key_file)),
            passwords=PasswordPool(),
            refresh_key=derived_key(secret, "refresh-tokens"),
            secret=secret,
            rules=rules,
            trail=trail or Unheard(),
        )
