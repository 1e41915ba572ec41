"""What the watch saw last, as families of the relay process's page."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from handlers.delivery.stream_watch import Seen, StreamWatch


class WatchMetrics(Collector):
    """Nothing is asked of anybody when the page is made."""

    def __init__(self, watch: StreamWatch) -> None:
        self._watch = watch

    def collect(self) -> Iterable[Metric]:
        seen = self._watch.seen
        up = GaugeMetricFamily("slotstream_redis_up", "1 where Redis answers this process.")
        up.add_metric([], seen.redis_up)
        families = (*_memory(seen), *_streams(seen)) if seen.redis_up else ()
        return (up, *families, *_dead_letters(seen), *_outboxes(seen))


def _gauge(name: str, says: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"slotstream_{name}", says, labels=labels)


def _memory(seen: Seen) -> tuple[Metric, ...]:
    used = _gauge("redis_memory_used_bytes", "Memory that Redis uses.")
    used.add_metric([], seen.redis_used)
    limit = _gauge("redis_memory_limit_bytes", "What it may use; 0 where nothing limits it.")
    limit.add_metric([], seen.redis_limit)
    return (used, limit)


def _streams(seen: Seen) -> tuple[Metric, ...]:
    length = _gauge("stream_length", "Entries that a stream has.", "stream")
    for stream, count in seen.lengths.items():
        length.add_metric([stream], count)
    group = ("stream", "group")
    lag = _gauge("stream_lag", "Entries that the group has not been given yet.", *group)
    pending = _gauge("stream_pending", "Entries given out and not acknowledged.", *group)
    oldest = _gauge(
        "stream_oldest_pending_seconds", "Age of the oldest entry not acknowledged.", *group
    )
    unread = _gauge(
        "stream_oldest_unread_seconds", "Age of the oldest entry not given out yet.", *group
    )
    for one in seen.groups:
        labels = [one.stream, one.group]
        if one.lag is not None:
            lag.add_metric(labels, one.lag)
        pending.add_metric(labels, one.pending)
        oldest.add_metric(labels, one.oldest_pending_seconds)
        unread.add_metric(labels, one.oldest_unread_seconds)
    return (length, lag, pending, oldest, unread)


def _dead_letters(seen: Seen) -> tuple[Metric, ...]:
    depth = _gauge("dead_letter_depth", "Dead letters that nobody has dealt with.", "stream")
    oldest = _gauge("dead_letter_oldest_seconds", "Age of the oldest dead letter.", "stream")
    for stream, (count, seconds) in seen.dead.items():
        depth.add_metric([stream], count)
        oldest.add_metric([stream], seconds)
    return (depth, oldest)


def _outboxes(seen: Seen) -> tuple[Metric, ...]:
    rows = _gauge("outbox_unpublished", "Rows that are not on their stream yet.", "context")
    seconds = _gauge("outbox_oldest_seconds", "Age of the oldest of these rows.", "context")
    for context, found in seen.outboxes.items():
        rows.add_metric([context], found.rows)
        seconds.add_metric([context], found.seconds)
    return (rows, seconds)
