"""The simulated event stream: exact statistics of each period, and an end as k6 has it."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

import pytest

from dashboard.api.events import EventDecoder, events
from dashboard.clock import ManualClock
from dashboard.model.window import Window
from dashboard.simulation.batches import Batch, bucket_middle
from dashboard.simulation.engine import Engine
from dashboard.simulation.event_stream import MOST_EVENTS, EventStream, shortened
from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import Scenario
from dashboard.simulation.scenario_file import load_scenario
from dashboard.simulation.sinks import RateSink, TrendSink
from tests.simulation.test_sinks import exact_percentile

START = 1_700_000_000.0

SHORT = """
[run]
vus = 2
duration = "5s"
graceful_stop = "1s"

[[step]]
request = "GET http://target/"
group = "shop"
median_ms = 40

[[step]]
think = "100ms"
"""


def started(scenario: Scenario, profile: Profile = Profile.V2, **options: object) -> tuple[Engine, EventStream]:
    stream = EventStream(scenario, profile)
    engine = Engine(scenario, profile, seed=7, clock=ManualClock(START), stream=stream, **options)  # type: ignore[arg-type]
    return engine, stream


def scenario_of(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "own.toml"
    path.write_text(text)
    return load_scenario(str(path))


def windows(stream: EventStream) -> list[Window]:
    return list(EventDecoder().decode(stream.since(0)[0]).windows)


def names(stream: EventStream) -> list[str]:
    return [event.name for event in events(stream.since(0)[0])]


@pytest.mark.parametrize("name", ["steady", "many", "grpc"])
def test_statistics_of_a_period_are_those_of_its_samples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[int, list[Batch]] = defaultdict(list)
    expected: list[tuple[float, ...]] = []
    take, end_period = TrendSink.take, TrendSink.end_period

    def noting(sink: TrendSink, batch: Batch) -> None:
        taken[id(sink)].append(batch)
        take(sink, batch)

    def checking(sink: TrendSink, seconds: float) -> tuple[float, ...]:
        told = end_period(sink, seconds)
        batches = taken.pop(id(sink), [])
        if not batches:
            assert told == ()
            return told
        expected.append(told)
        samples = [
            bucket_middle(key) for batch in batches for key, count in batch.buckets.items() for _ in range(count)
        ]
        assert len(samples) == sum(batch.samples for batch in batches)
        average, most, med, least, *high = told
        assert most == max(batch.highest for batch in batches)
        assert least == min(batch.lowest for batch in batches)
        assert math.isclose(average, math.fsum(batch.total for batch in batches) / len(samples), rel_tol=1e-9)
        for got, share in zip((med, *high), (0.5, 0.9, 0.95, 0.99), strict=True):
            assert math.isclose(got, exact_percentile(samples, share), rel_tol=0.005), share
        return told

    monkeypatch.setattr(TrendSink, "take", noting)
    monkeypatch.setattr(TrendSink, "end_period", checking)
    engine, stream = started(load_scenario(name))
    for half_second in range(1, 21):
        engine.advance_to(half_second / 2)  # whenever it is looked at
        engine.registry["http_req_duration"].sink.format(1.0)
    assert len(expected) > 50
    assert sum(window.statistics["p(95)"] > 0 for window in windows(stream) if "p(95)" in window.statistics) > 20


def test_periods_add_up_to_the_run() -> None:
    engine, stream = started(load_scenario("steady"))
    engine.advance_to(20.2)
    found = windows(stream)
    counted = sum(window.statistics["count"] for window in found if window.metric == "http_reqs")
    cumulative = [event.data for event in events(stream.since(0)[0]) if event.name == "cumulative"]
    assert f"[{counted:.0f}," in cumulative[-1]
    assert all(math.isclose(window.end - window.start, 1.0, abs_tol=0.002) for window in found)
    assert math.isclose(found[0].start, START, abs_tol=0.01)


def test_samples_are_told_by_their_group_too(tmp_path: Path) -> None:
    engine, stream = started(scenario_of(tmp_path, SHORT))
    engine.advance_to(3.5)
    last = {window.metric: window.statistics for window in windows(stream) if window.end > START + 2.9}
    assert last["http_req_duration{group:::shop}"] == last["http_req_duration"]
    assert last["group_duration{group:::shop}"]["p(99)"] > last["http_req_duration"]["p(99)"]
    assert "http_req_duration{group:::shop}" not in engine.registry.observed


def test_without_a_stream_nothing_is_kept_by_group(tmp_path: Path) -> None:
    engine = Engine(scenario_of(tmp_path, SHORT), Profile.V2, seed=7, clock=ManualClock(START))
    engine.advance_to(3.5)
    assert [metric.name for metric in engine.registry.streamed() if "{" in metric.name] == []


def test_the_numbers_of_the_run_are_the_same_with_a_stream_and_without() -> None:
    streaming, _ = started(load_scenario("many"))
    plain = Engine(load_scenario("many"), Profile.V2, seed=7, clock=ManualClock(START))
    for engine in (streaming, plain):
        engine.advance_to(12.0)
    told = [
        {name: metric.sink.format(12.0) for name, metric in engine.registry.observed.items()}
        for engine in (streaming, plain)
    ]
    assert told[0] == told[1]


def test_a_passing_k6_says_stop_and_waits_for_whoever_listens(tmp_path: Path) -> None:
    engine, stream = started(scenario_of(tmp_path, SHORT))
    with stream.listening():
        engine.advance_to(60.0)
        assert not engine.is_gone
        assert names(stream)[-2:] == ["cumulative", "stop"]
        assert stream.since(0)[0].endswith(b"event: stop\nretry: 9007199254740991\n\n")
    assert engine.exit_code is K6Exit.OK


def test_a_passing_k6_waits_for_the_last_of_all_who_listen(tmp_path: Path) -> None:
    engine, stream = started(scenario_of(tmp_path, SHORT))
    with stream.listening():
        with stream.listening():
            engine.advance_to(60.0)
        assert not engine.is_gone
    assert engine.is_gone


def test_a_signal_while_it_waits_ends_it(tmp_path: Path) -> None:
    engine, stream = started(scenario_of(tmp_path, SHORT))
    with stream.listening():
        engine.advance_to(60.0)
        engine.signal()
        assert engine.is_gone


@pytest.mark.parametrize("ends", ["crossed", "stopped"])
def test_any_other_end_comes_without_a_word(ends: str, tmp_path: Path) -> None:
    crossed = '\n[thresholds]\nhttp_req_duration = ["p(95)<1", "p(95)<1000"]\n"http_reqs{status:200}" = "count<1"\n'
    engine, stream = started(scenario_of(tmp_path, SHORT + (crossed if ends == "crossed" else "")))
    with stream.listening():
        engine.advance_to(3.5)
        if ends == "stopped":
            engine.abort(K6Exit.STOPPED_FROM_REST_API)
        engine.advance_to(60.0)
        assert engine.is_gone
    assert "stop" not in names(stream)
    failing = {event.data for event in events(stream.since(0)[0]) if event.name == "threshold"}
    # Thresholds on a tag are not judged here, as in k6.
    assert failing == ({'{"http_req_duration":["p(95)\\u003c1"]}'} if ends == "crossed" else set())


def test_a_period_with_an_infinite_sample_is_not_told(tmp_path: Path) -> None:
    engine, stream = started(
        scenario_of(tmp_path, SHORT + '\n[[metric]]\nname = "endless"\ntype = "gauge"\nvalue = inf\nafter = "2500ms"\n')
    )
    engine.advance_to(4.5)
    told = names(stream)
    assert (told.count("snapshot"), told.count("cumulative")) == (2, 2)


def test_what_waits_for_weeks_keeps_the_newest_periods_and_what_was_announced() -> None:
    engine, stream = started(load_scenario("steady"), paused=True)
    engine.advance_to(2.2 * MOST_EVENTS)
    whole, number = stream.since(0)
    assert number > 4 * MOST_EVENTS
    assert len(whole) < 200 * 2 * MOST_EVENTS
    found = list(EventDecoder().decode(whole).windows)
    assert {window.metric for window in found} == {"vus", "vus_max"}
    assert stream.since(number - 1)[0].count(b"\n\n") == 1
    assert math.isclose(found[-1].end, START + engine.now, abs_tol=1.1)


@pytest.mark.parametrize(
    ("value", "told"),
    # What k6 v1.7.1 and v2.2.0 made of these.
    [
        (0.123456789, 0.12345),
        (0.999999, 0.99999),
        (1.23456789, 1.2345),
        (9.99999, 9.9999),
        (12.3456789, 12.345),
        (99.999, 99.999),
        (123.456789, 123.45),
        (1234.56789, 1234.5),
        (12345.6789, 12345),
        (12345678.9, 12345678),
        (123456789012.0, 123456789012.0),
        (1.5e20, 1.5e20),
        (-1.23456789, -1.23456),
        (-0.000123456, -0.00012),
        (-12345.6789, -12345.6789),
        (0.000001234, 0.0),
        (1 / 3, 0.33333),
        (-2 / 3, -0.66666),
    ],
)
def test_numbers_are_cut_as_k6_cuts_them(value: float, told: float) -> None:
    assert shortened(value) == told


def test_tiny_negatives_stay_negative() -> None:
    assert math.copysign(1.0, shortened(-1e-9)) == -1.0


def test_a_long_run_has_longer_periods() -> None:
    soak = load_scenario("soak")
    assert EventStream(soak, Profile.V2).period == max(
        1.0, math.ceil((soak.run.seconds + soak.run.graceful_stop) / 2880)
    )


def test_a_rate_of_a_period_is_its_own() -> None:
    sink = RateSink()
    sink.add(1.0, 3)
    assert sink.end_period(1.0) == (1.0,)
    sink.add(0.0, 1)
    sink.add(1.0, 1)
    assert sink.end_period(1.0) == (0.5,)
    assert sink.end_period(1.0) == ()
    assert sink.aggregates(1.0) == (0.8,)
