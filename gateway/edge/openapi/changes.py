"""What an event says beside the state of its object: the fields that changed."""

from typing import Any

CHANGES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "changes": {
            "type": "object",
            "description": "What changed, by field. A value that is not told is `redacted`.",
            "additionalProperties": {
                "type": "object",
                "properties": {"before": {}, "after": {}, "redacted": {"type": "boolean"}},
                "required": ["before", "after"],
            },
        }
    },
    "required": ["changes"],
}
# As an example has it.
CHANGED: dict[str, Any] = {"version": {"before": 1, "after": 2}}
