from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.spark import bar, sparkline, stacked_bar

NAN = math.nan
RED, GREEN = Style(color="red"), Style(color="green")


def text(rows: list[list[Segment]]) -> list[str]:
    return ["".join(segment.text for segment in row) for row in rows]


@given(st.lists(st.floats(), max_size=40), st.integers(0, 20), st.integers(0, 4), st.sampled_from(Glyphs))
def test_a_sparkline_has_its_size_whatever_the_values(
    values: list[float], width: int, height: int, glyphs: Glyphs
) -> None:
    rows = sparkline(values, width, height, RED, glyphs)
    assert [len(row) for row in text(rows)] == [width] * height


def test_the_newest_is_at_the_right_and_the_baseline_is_zero() -> None:
    assert text(sparkline([4, 8], 5, glyphs=Glyphs.BLOCK)) == ["   ▄█"]
    assert text(sparkline([100, 101, 100], 3, glyphs=Glyphs.BLOCK)) == ["███"]
    assert text(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 3, glyphs=Glyphs.BLOCK)) == ["▆▇█"]


def test_braille_has_two_values_a_cell() -> None:
    assert text(sparkline([1, 2, 3, 4], 3, glyphs=Glyphs.BRAILLE)) == [" ⣠⣾"]
    assert text(sparkline([4], 1, glyphs=Glyphs.BRAILLE)) == ["⢸"]


def test_ascii_is_ascii() -> None:
    assert text(sparkline([0, 4, NAN, 7], 5, glyphs=Glyphs.ASCII)) == [" .=.#"]


def test_a_gap_is_a_gap_and_a_zero_is_a_value() -> None:
    rows = sparkline([8, NAN, 0, math.inf], 4, 1, RED, Glyphs.BLOCK)
    assert text(rows) == ["█·▁·"]
    assert [segment.style == RED for segment in rows[0]] == [True, False, True, False]
    assert text(sparkline([NAN], 1, 2, glyphs=Glyphs.BLOCK)) == [" ", "·"]


def test_a_negative_value_is_drawn_as_zero() -> None:
    assert text(sparkline([-5, 8], 2, glyphs=Glyphs.BLOCK)) == ["▁█"]


def test_an_upper_bound_is_full_height() -> None:
    assert text(sparkline([4, 99], 2, glyphs=Glyphs.BLOCK, upper=8)) == ["▄█"]


def test_rows_stand_on_each_other() -> None:
    assert text(sparkline([1, 2, 3, 4], 4, 2, glyphs=Glyphs.BLOCK)) == ["  ▄█", "▄███"]


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "    "), (1, "████"), (0.5, "██  "), (0.001, "▏   "), (0.9999, "███▉"), (NAN, "    "), (7, "████")],
)
def test_a_bar_is_full_or_empty_only_if_its_share_is(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_an_ascii_bar_counts_whole_cells() -> None:
    assert bar(0.5, 4, Glyphs.ASCII) == "##  "
    assert bar(0.5, 0) == ""


@given(st.lists(st.floats(), max_size=8), st.integers(0, 30))
def test_a_stacked_bar_has_its_width(sizes: list[float], width: int) -> None:
    segments = stacked_bar([(size, RED) for size in sizes], width)
    assert sum(len(segment.text) for segment in segments) == width


def test_a_small_part_is_seen() -> None:
    assert stacked_bar([(999, GREEN), (1, RED)], 10) == [Segment("█" * 9, GREEN), Segment("█", RED)]
    assert stacked_bar([(1, GREEN), (3, RED)], 8) == [Segment("██", GREEN), Segment("██████", RED)]
    assert stacked_bar([(0, GREEN)], 3) == [Segment("   ")]
