"""Samples of what messages and answers say, made from their JSON Schemas."""

from collections.abc import Collection, Mapping
from typing import Any

Schema = dict[str, Any]
ID = "019342c0-0000-7000-8000-000000000001"

# A value for a field of this name, where its schema does not say all that its validators ask for,
# or a reader would not see from it what the field is for.
TEXTS = {
    "timezone": "America/Sao_Paulo",
    "locale": "pt-BR",
    "cidrs": "192.0.2.0/24",
    "currency": "BRL",
    "color": "#1a2b3c",
    "primary_color": "#1a2b3c",
    "secondary_color": "#ffffff",
    "logo_url": "https://salon.example/logo.png",
    "website": "https://salon.example",
    "amount": "49.90",
    "email": "ana@salon.example",
    "slug": "salon",
    "url": "https://salon.example/hooks",
    "event_types": "booking.*",
    "name": "Ana",
    "start": "09:00",
    "end": "18:00",
    "by_weekday": "MO",
    "exdates": "2026-12-08",
    "starts_at": "2026-12-01T09:00:00Z",
    "ends_at": "2026-12-01T10:00:00Z",
    "from": "2026-12-01T00:00:00Z",
    "to": "2026-12-31T00:00:00Z",
    "month": "2026-12",
    "attribute": "colour:red",
    "phone": "+5511912345678",
    "password": "nobody would guess this",
    "current_password": "nobody guessed this so far",
    "new_password": "another long phrase",
    "country": "BR",
    "subdivision": "SP",
    "permissions": "booking:read:any",
    "scopes": "booking:read:any",
    "roles": "staff",
    "created_by": f"user:{ID}",
    "actor": f"user:{ID}",
    "status": "confirmed",
    "tenant": "salon",
    "notes": "By the window, please",
    "reason": "Only trying",
    "description": "On the second floor",
}
# What an example says nothing of, where it may be null: what a booking that simply stands has not.
NOTHING = frozenset(
    {
        *("cancelled_at", "cancelled_by", "cancellation_reason", "cannot_cancel_reason"),
        *("hold_expires_at", "series_id", "deleted_at", "next_cursor", "problem", "price"),
    }
)
# One of several ways to say it: these are left out.
LEFT_OUT: Mapping[str, Collection[str]] = {
    "booking.create": {"category_id"},
    "booking.create_batch": {"bookings.category_id"},
    "booking.feed": {"user_id"},
    "availability.get": {"date"},
    "availability.search": {"date"},
    "override.create": {"override.closed"},
    "waitlist.join": {"category_id"},
    "series.create": {"recurring_pattern.until"},
    "series.preview": {"recurring_pattern.until"},
}
_NOT_IN_A_CLOSURE = {"date", "starts_on", "ends_on"}
_ANYTHING = {"colour": "red"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Sampler:
    """Full samples: every field but those at the dotted paths `left_out`, and of those named in
    `unsaid` none that a message can do without. `nothing` are null where they may be."""

    def __init__(
        self,
        definitions: Mapping[str, Any],
        left_out: Collection[str] = (),
        unsaid: Collection[str] = (),
        nothing: Collection[str] = (),
    ) -> None:
        self._definitions = definitions
        self._left_out = left_out
        self._unsaid = unsaid
        self._nothing = nothing

    def of(self, schema: Schema, name: str = "", path: str = "") -> Any:
        """A value that the schema admits, for a field of this name at this path."""
        if "$ref" in schema:
            return self.of(self._definitions[schema["$ref"].rpartition("/")[2]], name, path)
        if "allOf" in schema:
            found: dict[str, Any] = {}
            for one in schema["allOf"]:
                found |= self.of(one, name, path)
            return found
        if "anyOf" in schema:
            choices = schema["anyOf"]
            is_null = name in self._nothing and {"type": "null"} in choices
            return None if is_null else self.of(choices[0], name, path)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            liked = TEXTS.get(name)
            return liked if liked in schema["enum"] else schema["enum"][0]
        return self._plain(schema, name, path)

    def _plain(self, schema: Schema, name: str, path: str) -> Any:
        kinds = schema.get("type")
        match kinds[0] if isinstance(kinds, list) else kinds:
            case "object":
                return self._object(schema, name, path)
            case "array":
                items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
                return [self.of(items, name, path)]
            case "integer":
                return max(schema.get("minimum", 1), 1)
            case "number":
                return 1.5
            case "boolean":
                return True
            case "string":
                return _text(schema, name)
            case _:
                return dict(_ANYTHING)

    def _object(self, schema: Schema, name: str, path: str) -> dict[str, Any]:
        if "properties" not in schema:
            return self._mapping(schema, name, path)
        closure = _NOT_IN_A_CLOSURE if "ClosureTime" in schema.get("title", "") else set()
        required = schema.get("required", ())
        return {
            field: self.of(inner, field, f"{path}{field}.")
            for field, inner in schema["properties"].items()
            if f"{path}{field}" not in self._left_out
            and field not in closure
            and (field in required or field not in self._unsaid)
        }

    def _mapping(self, schema: Schema, name: str, path: str) -> dict[str, Any]:
        inner = schema.get("additionalProperties")
        if not isinstance(inner, dict) or not inner:
            return dict(_ANYTHING)
        key = _DAYS[0] if name == "business_hours" else "word"
        key = schema.get("propertyNames", {}).get("enum", [key])[0]
        return {key: self.of(inner, key, f"{path}{key}.")}


def _text(schema: Schema, name: str) -> str:
    match schema.get("format"):
        case "uuid":
            return ID
        case "date":
            return "2026-12-01"
        case "date-time":
            return TEXTS.get(name, "2026-12-01T09:00:00Z")
        case _:
            return TEXTS.get(name, "a word")
