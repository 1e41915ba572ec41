"""The map of the reservation context: which message goes to which function."""

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation import commands, feeds, gates, personal_data, queries
from contracts.reservation import series as series_contract
from contracts.reservation import waitlist as waitlist_contract
from handlers.delivery.work import CommandRoute, QueryRoute
from handlers.reservation import ending, erasing, questions, waitlist, waitlist_offering
from handlers.reservation import gates as gate_keeping
from handlers.reservation.assessing import Assessment
from handlers.reservation.batches import BatchCreation
from handlers.reservation.changing import BookingChange
from handlers.reservation.creating import BookingCreation
from handlers.reservation.exporting import PersonExport
from handlers.reservation.feeds import Feed
from handlers.reservation.following import Watch, may_follow
from handlers.reservation.free_text import discreet, discreet_query
from handlers.reservation.free_time import FreeTime
from handlers.reservation.knowledge import Knowledge
from handlers.reservation.series import SeriesCreation
from handlers.reservation.series_cancelling import cancel_series
from handlers.reservation.series_changing import SeriesChange
from handlers.reservation.series_reading import get_series
from handlers.reservation.series_retrying import SkippedRetry


def reservation_routes(
    knowledge: Knowledge, engine: AsyncEngine, secret: str
) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the reservation context handles."""
    creation = BookingCreation(knowledge)
    change = BookingChange(knowledge, engine)
    status = ending.StatusChange(knowledge, engine)
    lists = questions.BookingLists(secret)
    histories = questions.BookingHistories(secret)
    batch = BatchCreation(creation)
    free = FreeTime(knowledge, secret)
    return (
        discreet(CommandRoute(commands.BookingCreate, creation.decide, creation.prepare)),
        discreet(CommandRoute(commands.BookingCreateBatch, batch.decide, batch.prepare)),
        discreet(CommandRoute(commands.BookingUpdate, change.decide, change.prepare)),
        discreet(CommandRoute(commands.BookingCancel, ending.cancel_booking)),
        discreet(CommandRoute(commands.BookingChangeStatus, status.decide, status.prepare)),
        discreet(CommandRoute(commands.BookingExtendHold, ending.extend_booking_hold)),
        CommandRoute(commands.BookingExpire, ending.expire_booking),
        discreet_query(QueryRoute(queries.BookingGet, questions.get_booking)),
        discreet_query(QueryRoute(queries.BookingList, lists.list)),
        discreet_query(QueryRoute(queries.BookingHistory, histories.list)),
        QueryRoute(queries.AvailabilityGet, free.answer, free.prepare),
        QueryRoute(queries.AvailabilitySearch, free.search, free.prepare_search),
        *_series_routes(knowledge, engine),
        *_routes_for_others(knowledge, engine, secret),
        *_waitlist_routes(knowledge, engine, secret),
    )


def _series_routes(
    knowledge: Knowledge, engine: AsyncEngine
) -> tuple[CommandRoute | QueryRoute, ...]:
    series = SeriesCreation(knowledge)
    change = SeriesChange(knowledge, engine)
    retry = SkippedRetry(knowledge, engine)
    return (
        CommandRoute(series_contract.SeriesPreview, series.preview, series.prepare),
        discreet(CommandRoute(series_contract.SeriesCreate, series.decide, series.prepare)),
        discreet(CommandRoute(series_contract.SeriesUpdate, change.decide, change.prepare)),
        discreet(CommandRoute(series_contract.SeriesCancel, cancel_series)),
        discreet(CommandRoute(series_contract.SeriesRetrySkipped, retry.decide, retry.prepare)),
        discreet_query(QueryRoute(series_contract.SeriesGet, get_series)),
    )


def _routes_for_others(
    knowledge: Knowledge, engine: AsyncEngine, secret: str
) -> tuple[CommandRoute | QueryRoute, ...]:
    """What other contexts ask for, before or after they change something."""
    assessment = Assessment(knowledge, engine)
    export = PersonExport(secret)
    feed = Feed(knowledge, engine, secret)
    return (
        QueryRoute(feeds.BookingFeed, feed.answer, feed.prepare),
        QueryRoute(queries.BookingFollow, may_follow, Watch(knowledge).prepare),
        CommandRoute(gates.GateClose, gate_keeping.close_gate),
        CommandRoute(gates.GateOpen, gate_keeping.open_gate),
        CommandRoute(gates.GateLimit, gate_keeping.limit_capacity),
        CommandRoute(gates.GateUnlimit, gate_keeping.unlimit_capacity),
        CommandRoute(gates.HoursAssess, assessment.decide, assessment.prepare),
        CommandRoute(personal_data.BookingErasePerson, erasing.erase_person),
        QueryRoute(personal_data.BookingExportPerson, export.answer, private=True),
    )


def _waitlist_routes(
    knowledge: Knowledge, engine: AsyncEngine, secret: str
) -> tuple[CommandRoute | QueryRoute, ...]:
    joining = waitlist.Joining(knowledge)
    offering = waitlist_offering.Offering(knowledge, engine)
    line = waitlist.WaitlistLists(secret)
    return (
        CommandRoute(waitlist_contract.WaitlistJoin, joining.join, joining.prepare),
        CommandRoute(waitlist_contract.WaitlistLeave, waitlist.leave),
        CommandRoute(waitlist_contract.WaitlistOffer, offering.offer, offering.prepare),
        CommandRoute(waitlist_contract.WaitlistSettle, waitlist_offering.settle),
        CommandRoute(waitlist_contract.WaitlistExpire, waitlist_offering.expire_entry),
        QueryRoute(waitlist_contract.WaitlistGet, waitlist.get_entry),
        QueryRoute(waitlist_contract.WaitlistList, line.list),
    )
