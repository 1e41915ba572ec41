"""What an installation's keyring has sealed, opened on its way out and sealed on its way in."""

from collections.abc import Callable, Sequence

import orjson

from contracts.wire.sealing import Keyring, Unopenable
from ops.errors import StartupError
from ops.tenants.tables import SEALED


def opened(table: str, rows: Sequence[str], keyring: Keyring) -> Sequence[str]:
    """The rows with their secrets in the open, as they are in an archive."""
    try:
        return _changed(table, rows, lambda value: keyring.open(value).decode())
    except Unopenable:
        raise StartupError(
            f"Something in {table} was sealed with an older key: set SECRET_KEY_PREVIOUS."
        ) from None


def sealed(table: str, rows: Sequence[str], keyring: Keyring) -> Sequence[str]:
    """The rows as this installation keeps them."""
    return _changed(table, rows, lambda value: keyring.seal(value.encode()))


def _changed(table: str, rows: Sequence[str], change: Callable[[str], str]) -> Sequence[str]:
    columns = SEALED.get(table, ())
    if not columns:
        return rows
    documents = [orjson.loads(row) for row in rows]
    for document in documents:
        for column in columns:
            if document[column] is not None:
                document[column] = change(document[column])
    return [orjson.dumps(document).decode() for document in documents]
