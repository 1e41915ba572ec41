"""How much free-form JSON is kept of one object: its answers and events have to stay carriable."""

from typing import Any

import orjson

from handlers.delivery.work import Refused, refused_fields


def too_large(attributes: dict[str, Any], most: int) -> Refused | None:
    """Why these attributes are not kept, where they have more than so many bytes as JSON."""
    if len(orjson.dumps(attributes)) <= most:
        return None
    message = f"At most {most} bytes of attributes are kept."
    return refused_fields("invalid_attributes", [("attributes", "too_large", message)])
