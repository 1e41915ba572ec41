"""What a subscriber keeps that comes from nothing but events."""

from collections.abc import Mapping
from types import MappingProxyType

from storage.subscriber.report_tables import REPORT_TABLES
from storage.subscriber.tables import BILLING

# Of the trail nothing is thrown away: it has more in it than events.
TABLES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "audit": (),
    "billing": tuple(table.name for table in BILLING),
    "report": REPORT_TABLES,
})  # fmt: skip
