"""One process without a supervisor: where its servers, its secret and its keys are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ops.database import ContextDatabase, context_database
from ops.embedded.ports import is_free
from ops.errors import StartupError
from ops.keys import SigningKeys, signing_keys
from ops.lineup import Lineup
from ops.running_servers import RunningServers
from ops.settings import CONTEXTS, Settings

LAST_PORT = 65535


@dataclass(frozen=True)
class Alone:
    """The surroundings of a process that the caller starts by itself.

    Servers are those that URLs name, else those of the run that holds the data folder. Nothing is
    made there: a secret or key that this process invented would be nobody else's.
    """

    settings: Settings
    environment: Mapping[str, str]
    programs: Mapping[str, tuple[str, ...]]
    data_dir: Path

    @cached_property
    def run(self) -> RunningServers | None:
        return RunningServers.of(self.data_dir)

    @cached_property
    def redis_url(self) -> str:
        """What our own processes use."""
        if self.settings.redis_url is not None:
            return self.settings.redis_url.get_secret_value()
        if self.run is None:
            raise self._nowhere("REDIS_URL")
        return self.run.own_redis

    @cached_property
    def databases(self) -> tuple[ContextDatabase, ...]:
        """One for each context; the administrator's name and password may be missing."""
        return self.databases_of(CONTEXTS)

    def databases_of(self, contexts: Collection[str]) -> tuple[ContextDatabase, ...]:
        """The same of these contexts alone; the other databases need not be known."""
        return tuple(self._database(one) for one in CONTEXTS if one in contexts)

    @cached_property
    def secret_key(self) -> str:
        given = self.settings.secret_key
        if given is not None:
            return given.get_secret_value()
        path = self.data_dir / "secrets" / "secret_key"
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError as wrong:
            raise StartupError(
                f"SECRET_KEY is not set and {path} is not there: set it to what the other "
                "processes have."
            ) from wrong

    def lineup(
        self, databases: tuple[ContextDatabase, ...] = (), keys: SigningKeys | None = None
    ) -> Lineup:
        """The parts as the supervisor would start them: without databases or keys, those that need
        none."""
        return Lineup(
            self._settings_beside(),
            self.environment,
            self.secret_key,
            keys or SigningKeys(Path(), Path()),
            self.redis_url,
            databases,
            self.programs,
        )

    def _settings_beside(self) -> Settings:
        """The run's own processes serve their metrics from METRICS_PORT on: beside it, the next
        free one."""
        first = self.settings.metrics_port
        if self.run is None or not first:
            return self.settings
        ports = range(first, LAST_PORT + 1)
        free = next((one for one in ports if is_free(self.settings.metrics_host, one)), 0)
        return self.settings.model_copy(update={"metrics_port": free})

    def public_keys(self) -> SigningKeys:
        """What a gateway needs: the published set; the private key's path is only a name."""
        given_private, given_set = self.settings.jwt_private_key_file, self.settings.jwt_jwks_file
        kept = self.data_dir / "keys"
        if given_set is None and given_private is None:
            self._expect(kept / "jwks.json")
            return SigningKeys(kept / "jwt_private_key.pem", kept / "jwks.json")
        if given_set is None:
            return self._derived(given_private)
        if not given_set.is_file():
            raise StartupError(f"JWT_JWKS_FILE names {given_set}, which is not a file.")
        return SigningKeys(given_private or kept / "jwt_private_key.pem", given_set.absolute())

    def pair_of_keys(self) -> SigningKeys:
        """What a handler needs: the key that it signs with, and the published set."""
        found = self.public_keys()
        if self.settings.jwt_private_key_file is None:
            self._expect(found.private_key_file)
            return found
        if not found.private_key_file.is_file():
            raise StartupError(
                f"JWT_PRIVATE_KEY_FILE names {found.private_key_file}, which is not a file."
            )
        return SigningKeys(found.private_key_file.absolute(), found.jwks_file)

    def _derived(self, private: Path | None) -> SigningKeys:
        try:
            return signing_keys(private, None, self.data_dir / "keys")
        except OSError as wrong:
            raise StartupError(
                f"The public keys cannot be written to {self.data_dir / 'keys'} "
                f"({wrong.strerror}): set JWT_JWKS_FILE as well."
            ) from wrong

    def _expect(self, path: Path) -> None:
        if not path.is_file():
            raise StartupError(
                f"There is no {path}: run `slotstream prepare` on this folder first, or set "
                "JWT_PRIVATE_KEY_FILE and JWT_JWKS_FILE."
            )

    def _database(self, context: str) -> ContextDatabase:
        given = self.settings.administrator_url_of(context)
        if given is not None:
            return context_database(context, given, self.settings.has_own_database_url(context))
        if self.run is None:
            raise self._nowhere("DATABASE_URL")
        return context_database(context, self.run.databases[context], names_database=True)

    def _nowhere(self, variable: str) -> StartupError:
        return StartupError(
            f"{variable} is not set, and no installation is up on {self.data_dir}: set it, or "
            "start `slotstream run` first."
        )
