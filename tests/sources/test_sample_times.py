"""When a test began, by its first samples, and the times in them."""

from __future__ import annotations

import pytest

from dashboard.sources.sample_times import SETUP, Point, beginning, moment_of, time_of


def at(metric: str, moment: float, value: float = 1.0, group: str = "") -> Point:
    return Point(metric, moment, value, {"group": group})


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([], (None, None), id="nothing"),
        pytest.param([at("http_reqs", 7.0), at("iteration_duration", 8.0, 3000.0)], (5.0, None), id="a duration"),
        pytest.param([at("vus_max", 3.0, 5.0)], (2.0, None), id="only VUs"),
        pytest.param(
            [at("vus_max", 3.0, 5.0), at("vus_max", 4.0, 9.0), at("http_reqs", 4.5)], (4.5, None), id="VUs being made"
        ),
        pytest.param(
            [at("vus_max", 3.0, 5.0), at("data_sent", 6.0, group=SETUP), at("http_reqs", 6.5)],
            (2.0, 6.0),
            id="a setup",
        ),
        pytest.param(
            [
                *(at("vus_max", 3.0, 5.0), at("vus_max", 4.0, 9.0)),
                *(at("data_sent", 6.0, group=SETUP), at("http_reqs", 6.5), at("vus_max", 8.0, 12.0)),
            ],
            (3.0, 6.0),
            id="a setup after VUs were made, and more of them later",
        ),
    ],
)
def test_the_beginning_is_the_earliest_thing_that_is_told(
    points: list[Point], expected: tuple[float | None, float | None]
) -> None:
    assert beginning(points) == expected


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20.5Z", 1_700_000_000.5),
        ("2023-11-14T22:13:20.05Z", 1_700_000_000.05),
        ("2023-11-14T22:13:20.1234Z", 1_700_000_000.1234),
        ("2023-11-14T22:13:20.123456789Z", 1_700_000_000.123456),
        ("2023-11-15T00:13:20.25+02:00", 1_700_000_000.25),
        (b"2023-11-14T22:13:20.5Z", 1_700_000_000.5),
        ("soon", None),
        (None, None),
        (b"\xff", None),
    ],
)
def test_times_are_read_as_go_writes_them(stamp: object, expected: float | None) -> None:
    assert moment_of(stamp) == expected


def test_a_time_that_was_cut_off_is_none() -> None:
    line = b'{"metric":"vus","type":"Point","data":{"time":"2023-11-14T22:13:20.5Z","value":1'
    assert time_of(line) == 1_700_000_000.5
    assert [time_of(line[:end]) for end in (30, 50, 65)] == [None] * 3
