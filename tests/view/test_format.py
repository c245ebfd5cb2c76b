from __future__ import annotations

import math
import time
import unicodedata
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from dashboard.view.chart import Unit
from dashboard.view.format import (
    UNKNOWN,
    age_text,
    clean,
    clock_time,
    elapsed_text,
    fit,
    full,
    quantity,
    text_width,
    tick_text,
)

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates included
NASTY_TEXT = st.text(st.sampled_from("a日é\u0301\u0300\u200b\u202e\x1b[\n\t\x7f\x85\ufe0f\U0001f600"), max_size=60)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.845, Unit.MILLISECONDS, "845µs"),
        (0.0124, Unit.MILLISECONDS, "12.4µs"),
        (1e-9, Unit.MILLISECONDS, "<1µs"),
        (0, Unit.MILLISECONDS, "0ms"),
        (12.4, Unit.MILLISECONDS, "12.4ms"),
        (999.96, Unit.MILLISECONDS, "1.00s"),
        (1230, Unit.MILLISECONDS, "1.23s"),
        (59_960, Unit.MILLISECONDS, "1m00s"),
        (125_000, Unit.MILLISECONDS, "2m05s"),
        (3_599_600, Unit.MILLISECONDS, "1h00m"),
        (90_000_000, Unit.MILLISECONDS, "1d01h"),
        (-3, Unit.MILLISECONDS, "-3.00ms"),
        (512, Unit.BYTES, "512B"),
        (999_999, Unit.BYTES, "1.00MB"),
        (1.234e6, Unit.BYTES, "1.23MB"),
        (12_345, Unit.BYTES, "12.3kB"),
        (12.3e6, Unit.BYTES_PER_SECOND, "12.3MB/s"),
        (-12.3e6, Unit.BYTES_PER_SECOND, "-12MB/s"),
        (5, Unit.PER_SECOND, "5/s"),
        (123.4, Unit.PER_SECOND, "123/s"),
        (12_345, Unit.PER_SECOND, "12.3k/s"),
        (1e-5, Unit.PER_SECOND, "<0.01/s"),
        (0, Unit.RATIO, "0%"),
        (1, Unit.RATIO, "100%"),
        (0.5, Unit.RATIO, "50%"),
        (0.0012, Unit.RATIO, "0.12%"),
        (0.00001, Unit.RATIO, "<0.01%"),
        (0.99996, Unit.RATIO, ">99.99%"),
        (0.9996, Unit.RATIO, "99.96%"),
        (0.1234, Unit.RATIO, "12.3%"),
        (153, Unit.NUMBER, "153"),
        (12_345, Unit.NUMBER, "12345"),
        (153_000, Unit.NUMBER, "153k"),
        (0.1234, Unit.NUMBER, "0.123"),
        (math.nan, Unit.NUMBER, UNKNOWN),
        (None, Unit.RATIO, UNKNOWN),
        (math.inf, Unit.BYTES, "∞"),
    ],
)
def test_a_quantity_is_short_and_carries_its_unit(value: float | None, unit: Unit, text: str) -> None:
    assert quantity(value, unit) == text


@given(st.floats(), st.sampled_from(Unit))
@example(1.797693134862316e306, Unit.RATIO)
def test_a_quantity_never_takes_more_than_eight_cells(value: float, unit: Unit) -> None:
    assert 1 <= cell_len(quantity(value, unit)) <= 8
    assert full(value, unit)
    assert len(tick_text(value, unit)) <= 8


@given(st.floats(0, 1))
def test_a_ratio_is_extreme_only_if_it_is(value: float) -> None:
    assert (quantity(value, Unit.RATIO) == "0%") == (value == 0)
    assert (quantity(value, Unit.RATIO) == "100%") == (value == 1)


@given(st.integers(-99_999, 99_999))
def test_a_small_integer_is_exact(value: int) -> None:
    assert int(quantity(value, Unit.NUMBER)) == value


def test_ticks_lose_zeros_that_say_nothing() -> None:
    values = [(1000.0, Unit.MILLISECONDS), (1500.0, Unit.MILLISECONDS), (0.5, Unit.NUMBER), (0.0, Unit.RATIO)]
    assert [tick_text(*value) for value in values] == ["1s", "1.5s", "0.5", "0"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.5678, Unit.MILLISECONDS, "1,234.568 ms (1.23s)"),
        (12.5, Unit.MILLISECONDS, "12.500 ms"),
        (0.123456, Unit.RATIO, "12.346%"),
        (1_234_567, Unit.BYTES, "1,234,567 B (1.23MB)"),
        (1234.5, Unit.PER_SECOND, "1,234.500/s"),
        (None, Unit.NUMBER, UNKNOWN),
    ],
)
def test_in_full_a_number_has_its_digits(value: float | None, unit: Unit, text: str) -> None:
    assert full(value, unit) == text


def test_times() -> None:
    assert [elapsed_text(s) for s in (0, 42.9, 723, 3723, 86_400 * 3 + 4 * 3600 + 300)] == [
        *("00:00", "00:42", "12:03", "1:02:03", "3d 04:05"),
    ]
    assert [age_text(s) for s in (-1, 0.42, 9.97, 12.7, 185, 7300, 90_000)] == [
        *("0.0s", "0.4s", "9s", "12s", "3m", "2h", "1d"),
    ]
    assert clock_time(3661, UTC) == "01:01:01"
    assert clock_time(3661, timezone(timedelta(hours=2))) == "03:01:01"
    for unknown in (None, math.nan, math.inf):
        assert {elapsed_text(unknown), clock_time(unknown), age_text(unknown or math.nan)} == {UNKNOWN}
    assert clock_time(1e300) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("http_req_duration", "http_req_duration"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("one\ntwo\tthree\x7f", "one␊two␉three␡"),
        ("abc\u202edef\u200b", "abc·def·"),
        ("a\u2028b\x85", "a␤b�"),
        ("\ud800", "�"),
        ("e\u0301", "e\u0301"),
        ("z" + "\u0301" * 50, "z\u0301\u0301·"),
        ("\u0301x", "�x"),
        ("a[/]b", "a[/]b"),
    ],
)
def test_untrusted_text_becomes_something_to_be_seen(text: str, harmless: str) -> None:
    assert clean(text) == harmless


def test_text_is_cut_by_cells() -> None:
    assert clean("日本語", 6) == "日本語"
    assert clean("日本語x", 6) == "日本…"
    assert clean("abcdef", 4) == "abc…"
    assert clean("abc", 0) == ""


@given(ANY_TEXT | NASTY_TEXT, st.integers(0, 40))
def test_cleaned_text_is_harmless_short_and_stays_so(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert FORBIDDEN.isdisjoint(map(unicodedata.category, cleaned))
    assert text_width(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned


@given(ANY_TEXT | NASTY_TEXT, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_fitted_text_has_its_width(text: str, width: int, align: str) -> None:
    fitted = fit(clean(text), width, "right" if align == "right" else "left")
    assert text_width(fitted) == width


@given(NASTY_TEXT)
def test_widths_are_the_terminal_librarys(text: str) -> None:
    assert text_width(clean(text)) == cell_len(clean(text))


def test_a_time_of_day_is_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert clock_time(0) == "09:00:00"
    finally:
        monkeypatch.undo()
        time.tzset()
