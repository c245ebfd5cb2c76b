"""k6's event stream beside its API: when it is read, whether it is of the same test, and what becomes of a bad one."""

from __future__ import annotations

import json

import pytest

from dashboard.api.events import EventDecoder
from dashboard.model.observation import OutageKind
from dashboard.sources import stream as feed
from dashboard.sources.base import Document, Reading
from dashboard.sources.same_test import Kinship, SameTest
from dashboard.sources.stream import decode_news
from tests.sources.fake import START, TARGET
from tests.sources.streaming import (
    NOTHING_MORE,
    STOP,
    Stream,
    announcing,
    beginning,
    event,
    look,
    outage,
    period,
    streaming,
)

ITERATIONS = announcing(iterations="counter")
HUGE = 10**400
"""A whole number that is larger than any float."""


def past(count: float = 10.0, end: float = START) -> bytes:
    return beginning(at=end - 1.0) + ITERATIONS + period(end, iterations=[count, count])


async def joined(stream: Stream, count: float = 10.0) -> None:
    """A stream of the test that the API shows, read from its beginning."""
    await stream.seen(look(START, iterations=count))
    stream.say(past(count))
    await stream.later(0.2)
    assert stream.news == ["joined"]


async def test_nothing_is_opened_before_the_api_has_answered() -> None:
    async with streaming() as stream:
        await stream.later(5.0)
        await stream.seen(outage(START + 5))
        assert stream.opened == 0
        await stream.seen(look(START + 6, iterations=1))
        assert stream.opened == 1


async def test_the_past_comes_first_and_then_each_event_at_once() -> None:
    async with streaming() as stream:
        await joined(stream)
        assert stream.told == past()
        stream.say(period(START + 1, iterations=[15, 5]))
        await stream.turns()
        assert stream.told == past() + period(START + 1, iterations=[15, 5])


async def test_at_the_last_event_the_connection_is_closed_and_stays_so() -> None:
    async with streaming() as stream:
        await joined(stream)
        stream.say(STOP)
        await stream.turns()
        assert (stream.opened, stream.closed, stream.news[-1]) == (1, 1, "ended")
        await stream.seen(look(START + 2, status=9, iterations=10))
        await stream.later(30.0)
        assert stream.opened == 1


async def test_a_stream_that_has_stopped_already_is_closed_at_once() -> None:
    async with streaming(compares=False) as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(past() + STOP)
        await stream.turns()
        assert (stream.closed, stream.news) == (1, ["joined", "ended"])


async def test_the_next_run_is_read_anew() -> None:
    async with streaming() as stream:
        await joined(stream)
        stream.say(STOP)
        await stream.seen(outage(START + 2))
        await stream.seen(look(START + 4, iterations=1))
        assert stream.opened == 2
        stream.say(past(1.0))
        await stream.later(0.3)
        assert stream.news == ["joined", "ended", "joined"]


async def test_a_run_that_takes_the_place_of_another_unseen_is_read_anew() -> None:
    async with streaming() as stream:
        await joined(stream)
        stream.feed.forget()
        stream.say(period(START + 1, iterations=[15, 5]))
        await stream.seen(look(START + 2, iterations=1))
        assert (stream.opened, stream.closed) == (2, 1)


async def run_until_settled(stream: Stream) -> None:
    """A run that both have shown the same of for so long that nothing is compared any more."""
    await joined(stream)
    for second in range(1, 31):
        await stream.later(1.0)
        await stream.seen(look(stream.clock.now(), iterations=10 + 100 * second))
        stream.say(period(stream.clock.now(), iterations=[10 + 100 * second, 100]))
        await stream.turns()
    assert stream.news == ["joined"]


async def run_anew(stream: Stream, *, counts: float = 10.0, is_noticed: bool = True) -> None:
    """The first seconds of another run, whose stream has ``counts`` times as many iterations as the API a second."""
    stream.past = past(1.0, end=stream.clock.now())
    # This look comes before the session has noticed that it is of another run.
    await stream.seen(look(stream.clock.now(), iterations=1))
    if is_noticed:
        stream.feed.forget()
    await stream.later(0.2)
    for second in range(1, 9):
        await stream.later(1.0)
        await stream.seen(look(stream.clock.now(), iterations=10 * second))
        stream.say(period(stream.clock.now(), iterations=[counts * second, counts]))
        await stream.turns()


@pytest.mark.parametrize("is_seen_to_go", [True, False])
async def test_the_next_run_is_not_compared_with_what_the_run_before_has_counted(is_seen_to_go: bool) -> None:
    async with streaming() as stream:
        await run_until_settled(stream)
        stream.say(NOTHING_MORE)
        await stream.later(1.0)
        if is_seen_to_go:
            await stream.seen(outage(stream.clock.now()))
            await stream.later(1.0)
        await run_anew(stream, is_noticed=not is_seen_to_go)
        # Of a k6 that has gone, nothing is missed.
        assert stream.news == ["joined", "joined"] if is_seen_to_go else ["joined", "lost", "joined"]
        assert stream.is_open()


@pytest.mark.parametrize("is_seen_to_go", [True, False])
async def test_a_strangers_stream_is_not_joined_for_what_the_run_before_has_counted(is_seen_to_go: bool) -> None:
    async with streaming() as stream:
        await run_until_settled(stream)
        stream.say(NOTHING_MORE)
        await stream.later(1.0)
        if is_seen_to_go:
            await stream.seen(outage(stream.clock.now()))
            await stream.later(1.0)
        # More than the new run has counted, and less than the one before had.
        stream.past = past(500.0, end=stream.clock.now())
        await stream.seen(look(stream.clock.now(), iterations=1))
        if not is_seen_to_go:
            stream.feed.forget()
        for second in range(1, 5):
            await stream.later(1.0)
            await stream.seen(look(stream.clock.now(), iterations=10 * second))
            stream.say(period(stream.clock.now(), iterations=[500 + 10 * second, 10]))
            await stream.turns()
        assert [news for news in stream.news[1:] if news != "lost"] == ["other"]
        assert stream.told.count(b"event: config") == 1


async def test_the_next_run_is_compared_as_carefully_as_the_first() -> None:
    async with streaming() as stream:
        await run_until_settled(stream)
        stream.say(NOTHING_MORE)
        await stream.seen(outage(stream.clock.now()))
        await stream.later(1.0)
        await run_anew(stream, counts=1000.0)
        assert stream.news[-1] == "other"
        assert not stream.is_open()


def test_a_counter_that_falls_is_of_another_run_before_anybody_says_so() -> None:
    same = SameTest()
    for second in range(5):
        same.look(look(START + second, iterations=1000))
    same.look(look(START + 5, iterations=1))
    same.take(beginning(at=START + 5) + ITERATIONS, START + 6, is_live=False)
    for later in (6.0, 6.5, 7.0):
        same.take(period(START + later, iterations=[later, 1]), START + later, is_live=True)
    assert (same.kinship, same.why) == (Kinship.SAME, "")


async def test_what_was_being_compared_with_the_run_before_is_read_anew() -> None:
    async with streaming() as stream:
        await stream.seen(look(START))
        stream.say(past())
        await stream.later(1.0)
        assert (stream.opened, stream.news) == (1, [])
        stream.feed.forget()
        await stream.seen(look(stream.clock.now(), iterations=10))
        await stream.later(0.6)
        assert (stream.opened, stream.news) == (2, [])
        stream.say(past())
        await stream.later(0.2)
        assert (stream.news, stream.told) == (["joined"], past())


# Found by itself


async def test_where_nobody_has_promised_a_stream_there_is_one_look() -> None:
    async with streaming(is_promised=False) as stream:
        stream.is_there = False
        for second in range(60):
            await stream.seen(look(START + second, iterations=second))
            await stream.later(1.0, step=0.5)
        assert (stream.opened, stream.readings) == (1, [])


async def test_there_is_one_look_more_for_each_k6_that_comes() -> None:
    async with streaming(is_promised=False) as stream:
        stream.is_there = False
        for kind, opened in ((OutageKind.TIMED_OUT, 1), (OutageKind.REFUSED, 2), (OutageKind.REFUSED, 3)):
            await stream.seen(look(START, iterations=1))
            await stream.seen(outage(START + 1, kind))
            await stream.seen(look(START + 2, iterations=1))
            assert stream.opened == opened


@pytest.mark.parametrize(("status", "looks"), [(0, 0), (1, 0), (3, 0), (4, 1), (7, 1), (9, 1), (None, 1)])
async def test_the_look_waits_until_k6_has_started_its_outputs(status: int | None, looks: int) -> None:
    async with streaming(is_promised=False) as stream:
        await stream.seen(look(START, status=status))
        assert stream.opened == looks


# Promised


async def test_a_promised_stream_is_tried_until_it_is_there_and_missed_aloud() -> None:
    async with streaming() as stream:
        stream.is_there = False
        for second in range(6):
            await stream.seen(look(START + second, iterations=1))
            await stream.later(1.0)
        assert stream.opened > 3
        assert stream.news == ["absent"]
        assert "refused" in stream.why
        stream.is_there, stream.closed = True, stream.opened
        await stream.seen(look(START + 8, iterations=10))
        await stream.later(3.2)
        stream.say(past())
        await stream.later(0.3)
        assert stream.news == ["absent", "joined"]


async def test_a_promised_stream_that_comes_in_time_is_missed_by_nobody() -> None:
    async with streaming(compares=False) as stream:
        stream.is_there = False
        await stream.seen(look(START))
        await stream.later(0.2)
        stream.is_there, stream.closed = True, stream.opened
        await stream.seen(look(START))
        stream.say(past())
        await stream.later(0.2)
        assert stream.news == ["joined"]


async def test_a_stream_that_breaks_off_is_said_to_be_lost_and_tried_again() -> None:
    async with streaming() as stream:
        await joined(stream)
        stream.say(NOTHING_MORE)
        await stream.later(0.2)
        assert stream.news == ["joined"]  # k6 may just have ended
        await stream.seen(look(START + 1, iterations=20))
        assert stream.news == ["joined", "lost"]
        assert stream.opened == 2
        stream.say(past() + period(START + 1, iterations=[15, 5]))
        await stream.later(0.3)
        assert stream.news == ["joined", "lost", "joined"]


async def test_a_stream_that_ends_with_k6_is_lost_to_nobody() -> None:
    async with streaming() as stream:
        await joined(stream)
        stream.say(NOTHING_MORE)
        await stream.seen(outage(START + 1))
        await stream.later(60.0, step=1.0)
        assert (stream.news, stream.opened) == (["joined"], 1)


async def test_silence_for_longer_than_any_period_is_a_loss() -> None:
    async with streaming(compares=False) as stream:
        await joined(stream)
        stream.say(*[b":"] * 20)
        await stream.later(620.0, step=10.0)
        await stream.seen(look(START + 620, iterations=20))
        assert (stream.closed, stream.news[:2]) == (1, ["joined", "lost"])
        assert "nothing for 600 s" in stream.why


# The same test


async def test_a_stream_with_a_metric_that_the_test_lacks_is_of_another_one() -> None:
    async with streaming(is_promised=False) as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(beginning(at=START - 1) + announcing(iterations="counter", cats="trend"))
        stream.say(period(START, cats=[1, 2, 3, 4, 5, 6, 7], iterations=[1, 1]))
        await stream.later(1.0)
        await stream.seen(look(stream.clock.now(), iterations=20))
        assert stream.is_open()  # one doubt may be a matter of when who was asked
        await stream.later(1.0)
        await stream.seen(look(stream.clock.now(), iterations=30))
        await stream.later(0.6)
        assert (stream.news, stream.told) == (["other"], b"")
        assert stream.why == "it tells of cats, which this test does not have"
        assert not stream.is_open()
        await stream.later(30.0, step=0.5)
        assert stream.opened == 1


async def test_a_stream_with_a_threshold_that_the_test_lacks_is_of_another_one() -> None:
    async with streaming() as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(beginning({"dogs{a:b}": ["count>1"]}, at=START - 1))
        for _ in range(2):
            await stream.later(1.0)
            await stream.seen(look(stream.clock.now(), iterations=20))
        await stream.later(0.6)
        assert (stream.news, stream.told) == (["other"], b"")
        assert "dogs" in stream.why


async def test_a_stream_that_counts_more_than_the_api_is_of_another_test() -> None:
    async with streaming() as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(past(9310.0))
        for _ in range(2):
            await stream.later(1.0)
            await stream.seen(look(stream.clock.now(), iterations=120))
        await stream.later(0.6)
        assert (stream.news, stream.told) == (["other"], b"")
        assert stream.why == "it counts 9310 iterations where this test has 120"


async def test_a_stream_that_falls_behind_the_api_is_of_another_test_however_like_it_began() -> None:
    async with streaming() as stream:
        await joined(stream)
        for second in range(1, 7):
            await stream.seen(look(stream.clock.now(), iterations=10 + 100 * second))
            stream.say(period(START + second, iterations=[10 + second, 1]))
            await stream.later(1.0)
        assert stream.news == ["joined", "other"]
        assert "where this test has" in stream.why
        assert not stream.is_open()


async def test_an_api_that_is_asked_too_soon_after_the_stream_contradicts_nothing() -> None:
    async with streaming() as stream:
        await joined(stream)
        for second in range(1, 12):
            await stream.later(0.9)
            stream.say(period(stream.clock.now(), iterations=[10 + 100 * second, 100]))
            await stream.later(0.1)
            # k6 has not handed on yet what it told its stream of a moment ago.
            await stream.seen(look(stream.clock.now(), iterations=100 * second))
        assert stream.news == ["joined"]


async def test_a_stream_that_is_ahead_for_a_moment_is_of_the_same_test() -> None:
    async with streaming() as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(past(12.0))  # counted since that look
        await stream.later(0.5)
        assert stream.news == []
        await stream.seen(look(stream.clock.now(), iterations=14))
        await stream.later(0.6)
        assert stream.news == ["joined"]
        assert stream.told == past(12.0)


async def test_a_busy_test_stays_the_same_test() -> None:
    async with streaming() as stream:
        await joined(stream)
        for second in range(1, 30):
            await stream.later(1.0)
            await stream.seen(look(stream.clock.now(), iterations=10 + 100 * second))
            stream.say(period(START + second, iterations=[10 + 100 * second - 40, 100]))
            await stream.turns()
        assert stream.news == ["joined"]


async def test_where_the_list_is_poisoned_single_metrics_tell_as_well() -> None:
    refused = json.dumps({"errors": [{"status": "500", "title": "Encoding error", "detail": "+Inf"}]}).encode()
    whole = look(START, iterations=10)
    single = json.dumps({"data": json.loads(whole.documents[1].body)["data"][0]}).encode()
    documents = (whole.documents[0], Document("/v1/metrics", 500, refused, 0.001))
    async with streaming() as stream:
        await stream.seen(Reading(TARGET, START, (*documents, Document("/v1/metrics/iterations", 200, single, 0.001))))
        # The list would not tell of the metric that poisons it.
        stream.say(beginning(at=START - 1) + announcing(iterations="counter", odd="gauge"))
        stream.say(period(START, iterations=[10, 10], odd=[0]))
        await stream.later(0.2)
        assert stream.news == ["joined"]


async def test_a_stream_that_cannot_be_compared_is_left_alone() -> None:
    async with streaming() as stream:
        await stream.seen(look(START))
        stream.say(past())
        await stream.later(31.0, step=0.25)
        assert (stream.news, stream.told, stream.is_open()) == (["other"], b"", False)


async def test_an_undecided_stream_does_not_hold_a_k6_that_has_gone() -> None:
    async with streaming() as stream:
        await stream.seen(look(START))
        stream.say(past())
        await stream.later(1.0)
        assert stream.is_open()
        await stream.seen(outage(START + 1))
        await stream.later(0.6)
        assert (stream.is_open(), stream.told) == (False, b"")


@pytest.mark.parametrize(("off", "behind"), [(-300.0, 299.5), (300.0, -300.0)])
async def test_the_clock_of_another_machine_is_told_apart(off: float, behind: float) -> None:
    async with streaming() as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(past(end=START + off))
        await stream.later(0.2)
        news = decode_news(stream.readings[0].documents[0].body)
        assert news is not None
        # The newest event came some time within its period: half of one, taken in the middle.
        assert abs(news.behind - behind) < 0.25


async def test_a_clock_that_agrees_is_left_as_it_is() -> None:
    async with streaming() as stream:
        await joined(stream)
        news = decode_news(stream.readings[0].documents[0].body)
        assert news is not None
        assert news.behind == 0.0


# Hostile streams


@pytest.mark.parametrize("promised", [True, False])
@pytest.mark.parametrize(
    "said",
    [
        event("hello", {}),
        b"<html>\n\n<body>\n\n",
        b"data: [[[[\n\n",
        b"\xff\xfe\n\n\n\n",
        b"x" * 9_000_000,
    ],
    ids=["another server's", "html", "broken", "bytes", "endless line"],
)
async def test_what_is_no_stream_of_k6_is_left(said: bytes, promised: bool) -> None:
    async with streaming(is_promised=promised) as stream:
        await stream.seen(look(START, iterations=10))
        stream.say(said)
        for _ in range(30):
            await stream.later(1.0, step=0.25)
            await stream.seen(look(stream.clock.now(), iterations=10))
            stream.say(said)
        assert stream.told == b""
        assert stream.news == (["absent"] if promised else [])
        assert stream.opened < 20 if promised else stream.opened == 1


@pytest.mark.parametrize("compares", [True, False])
async def test_what_means_nothing_within_a_stream_does_no_harm(compares: bool) -> None:
    odd = [
        event("metric", [1, 2]),
        event("param", []),
        event("cumulative", {"a": 1}),
        event("snapshot", ["?"]),
        event("metric", {"x": None}),
        b"event: cumulative\ndata: [[1e999]\n\n",
        event("cumulative", [[HUGE, 1], [HUGE]]),
        event("snapshot", [[HUGE, 1], [HUGE]]),
        b": a comment\n\n",
        b"\n\n\n\n",
    ]
    async with streaming(compares=compares) as stream:
        await joined(stream)
        stream.say(*odd, period(START + 1, iterations=[15, 5]))
        await stream.turns()
        decoder = EventDecoder()
        windows = decoder.decode(stream.told).windows
        assert stream.news == ["joined"]
        assert [window.end for window in windows] == [START, START + 1]


async def test_pieces_may_end_anywhere() -> None:
    async with streaming() as stream:
        await stream.seen(look(START, iterations=10))
        whole = past()
        stream.say(*(whole[at : at + 7] for at in range(0, len(whole), 7)))
        await stream.turns(2000)
        await stream.later(0.2)
        assert stream.told == whole


async def test_a_past_without_a_pause_is_kept_back_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_MOST_KEPT_BACK", 10_000)
    async with streaming() as stream:
        await stream.seen(look(START, iterations=1e6))
        whole = beginning(at=START) + ITERATIONS
        stream.say(whole, *(period(START + at, iterations=[float(at), 1.0]) for at in range(1, 300)))
        await stream.turns(2000)  # and no time passes
        assert stream.news == ["joined"]


async def test_what_cannot_be_compared_is_kept_back_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_MOST_KEPT_BACK", 10_000)
    async with streaming() as stream:
        await stream.seen(look(START))
        stream.say(past())
        await stream.later(1.0)
        assert stream.is_open()
        stream.say(*(period(START + at, iterations=[10.0 + at, 1.0]) for at in range(1, 300)))
        await stream.turns(2000)  # and no time passes
        assert (stream.news, stream.told, stream.is_open()) == (["other"], b"", False)


async def test_a_long_past_comes_in_parts() -> None:
    async with streaming() as stream:
        await stream.seen(look(START, iterations=3e9))
        periods = b"".join(period(START + at, iterations=[float(at), float(at)]) for at in range(1, 9000))
        stream.say(beginning(at=START) + ITERATIONS + periods)
        await stream.later(0.2)
        await stream.turns(2000)
        parts = [document.body for reading in stream.readings[1:] for document in reading.documents]
        assert len(parts) > 3
        assert max(len(part) for part in parts) < 300_000
        assert all(part.endswith(b"\n\n") for part in parts)
        decoder = EventDecoder()
        assert sum(len(decoder.decode(part).windows) for part in parts) == 8999


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"state":"?"}',
        b'{"state":"lost","behind":"x"}',
        b'{"state":"lost","behind":1e99}',
        b'{"state":"lost","behind":1%s}' % (b"0" * 400),
    ],
    ids=["nothing", "list", "state", "text", "large", "huge"],
)
def test_news_that_are_none_are_none(body: bytes) -> None:
    assert decode_news(body) is None
