"""Which tables move with a tenant, and which stay behind, each for a reason."""

from collections.abc import Mapping

from sqlalchemy import Table

from storage.delivery.schema import metadata_of

# By database, and in it those first that others refer to.
MOVING: Mapping[str, tuple[str, ...]] = {
    "tenant": ("tenant", "settings", "branding"),
    "resource": ("category", "resource", "override", "calendar_token"),
    "user": ("account", "tenant_directory", "role", "api_key", "calendar_token"),
    "reservation": (
        *("booking", "allocation", "resource_gate", "booking_history", "person_key"),
        *("booking_series", "booking_series_skipped", "waitlist_entry"),
    ),
    "subscriber": (
        *("audit_record", "audit_address"),
        *("webhook", "webhook_delivery", "webhook_attempt"),
        *("notification", "notification_template"),
        *("billing_tally", "billing_line", "billing_resource", "billing_zone"),
        *("report_booking", "report_day", "report_hour"),
        *("report_rule", "report_open_day", "report_open_hour", "report_calendar"),
    ),
}
STAYING: Mapping[str, str] = {
    "inbox": "What was delivered here; a message of there is another message.",
    "outbox": "What was, or is to be, on the streams of this installation. History is told again "
    "to nobody.",
    "outbox_archive": "The same, when it is old. Whoever would begin again from it is told that "
    "it is not all.",
    "session": "A sign-in is one at this installation: its tokens are signed by keys that stay.",
    "refresh_token": "The same. People sign in again.",
    "one_time_code": "The mail that brought it leads to this installation.",
}
# Columns that the installation's keyring has sealed: opened in the archive, which is sealed as a
# whole, and sealed again by the keyring of where they come to.
SEALED: Mapping[str, tuple[str, ...]] = {
    "webhook": ("secret", "old_secret"),
    "notification": ("payload",),
}


def table_of(context: str, name: str) -> Table:
    """The table as the code knows it; KeyError where nothing of that name moves."""
    if name not in MOVING[context]:
        raise KeyError(name)
    return metadata_of(context).tables[name]


def tables_of(context: str) -> tuple[Table, ...]:
    """All tables of a database that move, in their order."""
    return tuple(table_of(context, name) for name in MOVING[context])
