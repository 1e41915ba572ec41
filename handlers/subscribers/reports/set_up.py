"""What the subscriber process does about reports: hears, works out open days, answers."""

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.subscriber.reports import ReportSurvey
from handlers.delivery.asking import Asker
from handlers.delivery.checking import Route
from handlers.delivery.operations import own_ping
from handlers.delivery.process import Process
from handlers.delivery.work import CommandRoute
from handlers.subscribers.reports.hearing import CONTEXTS, HEARD, hear
from handlers.subscribers.reports.questions import report_queries
from handlers.subscribers.reports.rules import OpenTimeOf
from handlers.subscribers.reports.surveying import Survey, Surveyor

GROUP = "report"


def report_routes(engine: AsyncEngine, asker: Asker, open_time_of: OpenTimeOf) -> tuple[Route, ...]:
    """Every message of the report context."""
    survey = CommandRoute(ReportSurvey, Survey(open_time_of).decide)
    return (survey, *report_queries(engine, asker))


def keep_reports(process: Process, open_time_of: OpenTimeOf) -> None:
    """The process keeps the figures up and answers for them."""
    engine = process.engine("subscriber")
    routes = report_routes(engine, process.asker, open_time_of)
    about_itself = own_ping("report", engine, database="subscriber")
    process.serve("report", "subscriber", (*routes, about_itself))
    process.consume(GROUP, CONTEXTS, "subscriber", hear, HEARD)
    process.every(Surveyor(process.timer_engine("subscriber"), process.asker).run)
