"""k6's event stream, from bytes to windows."""

from __future__ import annotations

import json

import pytest

from dashboard.api.events import EventDecoder, split_events
from dashboard.model.metric import Contains, MetricType

START_MS = 1_795_526_848_000


def event(name: str, data: object, number: int = 0) -> bytes:
    return f"id: {number}\ndata: {json.dumps(data)}\nevent: {name}\n\n".encode()


BEGINNING = b"".join(
    (
        event("config", {"title": "k6 dashboard"}),
        event(
            "param", {"thresholds": {"m": ["avg<1"]}, "scenarios": ["main"], "endOffset": 36000, "scriptPath": "a.js"}
        ),
        event("metric", {"time": {"type": "gauge", "contains": "time"}}),
        event("start", [[START_MS]]),
        event("metric", {"m": {"type": "trend", "contains": "time"}, "c": {"type": "counter"}}),
    )
)
TREND = [1.0, 9.0, 2.0, 0.5, 5.0, 6.0, 8.0]


def test_a_snapshot_is_a_window_a_metric_in_the_order_of_the_names() -> None:
    decoder = EventDecoder()
    news = decoder.decode(BEGINNING + event("snapshot", [[10, 5], TREND, [START_MS + 2000]]))
    counter, trend = news.windows
    assert (counter.metric, counter.type, counter.statistics) == ("c", MetricType.COUNTER, {"count": 10.0, "rate": 5.0})
    assert (trend.metric, trend.contains, trend.statistics["p(99)"]) == ("m", Contains.TIME, 8.0)
    assert (trend.start, trend.end) == (START_MS / 1000, START_MS / 1000 + 2)
    assert news.plan is not None
    assert (news.plan.duration, news.plan.thresholds[0].source, news.plan.scenarios[0].name) == (36.0, "avg<1", "main")


def test_a_rate_is_by_how_long_the_period_was() -> None:
    news = EventDecoder().decode(BEGINNING + event("snapshot", [[10, 10], [], [START_MS + 4000]]))
    assert [window.statistics for window in news.windows] == [{"count": 10.0, "rate": 2.5}]


def test_a_rate_of_a_test_whose_time_passes_faster_is_by_its_own_seconds() -> None:
    hastened = BEGINNING.replace(b'"endOffset"', b'"period": 1000, "endOffset"')
    twentieth = event("snapshot", [[10, 10], [], [START_MS + 50]]), event("snapshot", [[12, 12], [], [START_MS + 100]])
    news = EventDecoder().decode(hastened + b"".join(twentieth))
    assert [window.statistics["rate"] for window in news.windows] == [10.0, 12.0]


def test_the_last_period_of_a_test_may_be_cut_short() -> None:
    paced = BEGINNING.replace(b'"endOffset"', b'"period": 1000, "endOffset"')
    periods = event("snapshot", [[10, 10], [], [START_MS + 1000]]), event("snapshot", [[2, 2], [], [START_MS + 1100]])
    news = EventDecoder().decode(paced + b"".join(periods))
    assert [round(window.statistics["rate"], 3) for window in news.windows] == [10.0, 20.0]


def test_names_that_come_later_take_their_place_in_the_order() -> None:
    decoder = EventDecoder()
    decoder.decode(BEGINNING + event("snapshot", [[], TREND, [START_MS + 1000]]))
    later = event("metric", {"early": {"type": "rate"}}) + event("snapshot", [[], [0.5], TREND, [START_MS + 2000]])
    news = decoder.decode(later)
    assert [window.metric for window in news.windows] == ["early", "m"]


def test_another_stream_begins_anew() -> None:
    decoder = EventDecoder()
    decoder.decode(BEGINNING + event("metric", {"early": {"type": "rate"}}))
    news = decoder.decode(BEGINNING + event("snapshot", [[1, 1], TREND, [START_MS + 1000]]))
    assert [window.metric for window in news.windows] == ["c", "m"]


@pytest.mark.parametrize(
    "snapshot",
    [
        event("snapshot", [[1, 1], TREND]),
        event("snapshot", {"m": 1}),
        event("snapshot", [[1, 1], TREND, ["soon"]]),
        event("snapshot", [[1, 1], TREND, [START_MS - 1]]),
        b"event: snapshot\ndata: [[\n\n",
        b"event: snapshot\n\n",
        b"\xff\xff\n\n",
    ],
)
def test_what_cannot_be_told_apart_is_left_out(snapshot: bytes) -> None:
    decoder = EventDecoder()
    assert decoder.decode(BEGINNING + snapshot).windows == ()
    assert decoder.decode(event("snapshot", [[1, 1], TREND, [START_MS + 9000]])).windows != ()


def test_a_number_larger_than_any_float_is_left_out_alone() -> None:
    news = EventDecoder().decode(
        BEGINNING + event("snapshot", [[10**400, 5], [10**400, *TREND[1:]], [START_MS + 2000]])
    )
    counter, trend = news.windows
    assert counter.statistics == {"rate": 5.0}
    assert "avg" not in trend.statistics
    assert trend.statistics["max"] == 9.0
    assert EventDecoder().decode(BEGINNING + event("snapshot", [[1, 5], TREND, [10**400]])).windows == ()


def test_only_whole_events_are_taken() -> None:
    whole = event("start", [[1]])
    assert split_events(whole + b"data: [") == (whole, b"data: [")
    assert split_events(b"data: [") == (b"", b"data: [")
