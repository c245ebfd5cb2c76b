from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.series import FACTOR, ROWS, Table

values = st.one_of(st.just(math.nan), st.floats(-1e6, 1e6, width=32))
columns = st.lists(values, min_size=1, max_size=300)


def table_of(numbers: list[float], start: float = 0.0) -> Table[str]:
    table = Table[str]()
    for index, number in enumerate(numbers):
        table.append(start + index, {} if number != number else {"x": number})
    return table


def same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


@given(columns, st.floats(-2, 302))
def test_a_value_is_that_of_the_newest_row_not_after(numbers: list[float], at: float) -> None:
    table = table_of(numbers)
    row = min(math.floor(at), len(numbers) - 1)
    expected = numbers[row] if row >= 0 else math.nan
    assert same(table.value("x", at), expected)
    found = table.moment(at).value("x")
    assert (found is None and expected != expected) or found == expected


@given(columns, st.integers(0, 299), st.integers(1, 299), st.integers(1, 60))
def test_an_extract_keeps_lowest_and_highest_at_any_zoom(
    numbers: list[float], start: int, length: int, rows: int
) -> None:
    extract = table_of(numbers).extract("x", start, start + length, rows)
    inside = [number for number in numbers[start : start + length + 1] if number == number]
    lows = [low for low in extract.lows if low == low]
    highs = [high for high in extract.highs if high == high]
    assert list(extract.times) == sorted(set(extract.times))
    assert all(start <= at <= start + length for at in extract.times)
    if inside:
        # A row folded at the left edge may reach back a little; nothing of the inside is lost.
        assert min(lows) <= min(inside)
        assert max(highs) >= max(inside)
    assert set(lows) | set(highs) <= set(numbers)


@given(st.integers(1, 400), st.integers(1, 100))
def test_an_extract_ends_with_the_newest_row(count: int, rows: int) -> None:
    extract = table_of([float(number) for number in range(count)]).extract("x", 0, count, rows)
    assert extract.times[-1] == count - 1
    assert extract.lasts[-1] == count - 1


def test_an_extract_is_about_as_wide_as_wanted() -> None:
    table = table_of([float(number % 7) for number in range(3000)])
    for rows in (10, 50, 120):
        extract = table.extract("x", 0, 3000, rows)
        assert rows / FACTOR <= len(extract.times) <= rows * FACTOR + FACTOR * 6


def test_old_rows_stay_at_the_coarser_levels() -> None:
    count = 3 * ROWS
    table = table_of([float(number) for number in range(count)])
    assert table.first is not None
    assert table.first < FACTOR
    assert table.last == count - 1
    assert table.value("x", count - 1) == count - 1
    old = table.value("x", 100.0)
    assert 100 - FACTOR <= old <= 100
    extract = table.extract("x", 0, count, 100)
    assert min(extract.lows) == 0
    assert max(extract.highs) == count - 1


def test_the_rows_held_do_not_grow_for_ever() -> None:
    table = table_of([1.0] * (4 * ROWS))
    size = table.size
    for index in range(ROWS):
        table.append(4.0 * ROWS + index, {"x": 1.0})
    assert table.size < 1.2 * size


def test_the_newest_rows_keep_every_digit() -> None:
    table = Table[str]()
    table.append(1, {"x": 123.456789012345})
    assert table.value("x", 1) == 123.456789012345


def test_counts_keep_every_digit_at_every_level() -> None:
    table = Table[str]()
    for index in range(2 * ROWS):
        table.append(index, {"count": 16_777_217.0 + index}, exact=("count",))
    assert table.value("count", 3.0) == 16_777_220.0


def test_a_huge_number_is_no_infinite_one() -> None:
    table = Table[str]()
    for index in range(8):
        table.append(index, {"x": 1e300 if index % 2 else -1e300})
    extract = table.extract("x", 0, 8, 1)
    assert all(math.isfinite(value) for value in (*extract.lows, *extract.highs, *extract.lasts))


def test_a_column_begins_with_its_first_value() -> None:
    table = Table[str]()
    for index in range(10):
        table.append(index, {"x": 1.0} if index < 5 else {"x": 1.0, "late": 2.0})
    assert table.since("late") == 5
    assert table.since("never") is None
    assert "late" in table
    assert list(table.keys) == ["x", "late"]
    assert table.value("late", 4) != table.value("late", 4)
    assert table.value("late", 5) == 2.0


@pytest.mark.parametrize("at", [1.0, 0.5])
def test_two_rows_of_one_moment_are_refused(at: float) -> None:
    table = Table[str]()
    table.append(1.0, {})
    with pytest.raises(ValueError, match="after one at"):
        table.append(at, {})


def test_nothing_is_known_before_the_first_row() -> None:
    table = table_of([1.0], start=10.0)
    assert table.value("x", 9.9) != table.value("x", 9.9)
    assert table.moment(9.9).value("x") is None
    assert Table[str]().first is None
    assert Table[str]().last is None


def test_the_neighbours_of_a_moment_are_its_rows() -> None:
    table = table_of([float(index) for index in range(3 * ROWS)])
    end = table.last or 0.0
    assert table.later(end) is None
    assert table.earlier(end) == end - 1
    assert table.later(end - 1) == end
    assert table.later(end - 1.5) == end - 1
    assert table.later(-1e9) is not None
    assert table.earlier(-1e9) is None
    # Of what is folded the rows are further apart, and each is still found once.
    at, found = end, list[float]()
    while (before := table.earlier(at)) is not None:
        at = before
        found.append(at)
    assert found == sorted(set(found), reverse=True)
    assert len(found) > ROWS


def test_a_table_keeps_as_many_rows_as_it_is_told() -> None:
    few, many = Table[str](), Table[str](3 * ROWS)
    for index in range(3 * ROWS):
        few.append(float(index), {"x": float(index)})
        many.append(float(index), {"x": float(index)})
    assert many.value("x", 1.0) == 1.0
    assert few.value("x", 1.0) != 1.0
