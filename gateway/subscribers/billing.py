"""`/tenants/{tenant_id}/usage` and `…/statements/{month}`: what a bill is made of."""

from decimal import Decimal
from typing import Any

from litestar import Controller, get
from litestar.params import FromPath

from contracts.subscriber.billing import (
    AmountView,
    BillingStatement,
    BillingUsage,
    LineView,
    UsageDay,
)
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask
from gateway.edge.csv import Cell, CsvAnswer, csv_answer
from gateway.edge.visit import HttpRequest

DAY = ("date", *(name for name in UsageDay.model_fields if name != "date"))
LINE = ("kind", "metric", "quantity", *(name for name in LineView.model_fields if name != "kind"))
SUMS = tuple(name for name in AmountView.model_fields if name != "currency")
# As many lines as one reply has room for.
LINES_AT_ONCE = 2_000
Path = FromPath[str]


class BillingController(Controller):
    path = "/tenants/{tenant_id:str}"
    tags = ("billing",)

    @get("/usage", operation_id="usage", summary="Count what was used, day by day")
    async def usage(self, request: HttpRequest, tenant_id: Path) -> HttpAnswer:
        table = CsvAnswer(usage_table)
        return await ask(request, BillingUsage, csv=table, tenant_id=tenant_id)

    @get(
        "/statements/{month:str}",
        operation_id="statement",
        summary="Read the statement of a month",
    )
    async def statement(self, request: HttpRequest, tenant_id: Path, month: Path) -> HttpAnswer:
        table = CsvAnswer(statement_table, LINES_AT_ONCE)
        return await ask(request, BillingStatement, csv=table, tenant_id=tenant_id, month=month)


def usage_table(body: Any) -> HttpAnswer:
    """A row for each day."""
    return csv_answer(DAY, [[day[name] for name in DAY] for day in body["days"]], "usage.csv")


def statement_table(body: Any) -> HttpAnswer:
    """First what was counted and what is due, a row for each metric, unless it begins behind a
    cursor; then every line. Sums are quantities: whoever adds up the amounts adds up the lines."""
    counted: list[dict[str, Cell]] = [
        {"kind": kind, "metric": metric, "quantity": quantity}
        for kind in ("usage", "earlier_months")
        for metric, quantity in (body[kind] or {}).items()
    ]
    due: list[dict[str, Cell]] = [
        {"kind": "due", "metric": name, "quantity": Decimal(of[name]), "currency": of["currency"]}
        for of in body["amounts"] or ()
        for name in SUMS
    ]
    lines = ({**line, "amount": Decimal(line["amount"])} for line in body["items"])
    rows = [[row.get(name) for name in LINE] for row in (*counted, *due, *lines)]
    return csv_answer(LINE, rows, f"statement-{body['month']}.csv")
