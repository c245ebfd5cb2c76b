"""Numbers, times and untrusted text, made short and harmless for one line of a terminal."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime, tzinfo
from typing import Literal

from dashboard.view.chart import Unit

UNKNOWN = "\u2013"
"""What stands where there is no number."""
ELLIPSIS = "…"

_LIMIT = 8
"""The most cells that :func:`quantity` takes."""
_SI = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")
_MARKS_A_BASE = 2
"""Combining marks kept on one character: enough for every living language, too few to climb other lines."""


def quantity(value: float | None, unit: Unit) -> str:
    """Write ``value`` in at most eight cells, with its unit.

    A ratio never rounds to a false extreme: the smallest failure is ``<0.01%``, not ``0%``.

    >>> quantity(1234.5, Unit.MILLISECONDS), quantity(0.00004, Unit.RATIO)
    ('1.23s', '<0.01%')
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    match unit:
        case Unit.MILLISECONDS:
            return _duration(value)
        case Unit.RATIO:
            return _percent(value)
        case Unit.BYTES:
            return _scaled(value, "B")
        case Unit.BYTES_PER_SECOND:
            return _scaled(value, "B/s")
        case Unit.PER_SECOND:
            return _scaled(value, "/s")
        case Unit.NUMBER:
            return _scaled(value, "")


def tick_text(value: float, unit: Unit) -> str:
    """Write a round value for an axis: as :func:`quantity`, without zeros that say nothing.

    >>> tick_text(1000, Unit.MILLISECONDS), tick_text(0, Unit.MILLISECONDS)
    ('1s', '0')
    """
    if value == 0:
        return "0"
    text = quantity(value, unit)
    end = next((i for i, character in enumerate(text) if character not in "-.0123456789"), len(text))
    if "." not in text[:end] or "e" in text:
        return text
    return text[:end].rstrip("0").rstrip(".") + text[end:]


def full(value: float | None, unit: Unit) -> str:
    """Write ``value`` with its digits, thousands separated, for where there is room.

    >>> full(1234567.0, Unit.BYTES)
    '1,234,567 B (1.23MB)'
    """
    if value is None or math.isnan(value) or math.isinf(value):
        return quantity(value, unit)
    short = quantity(value, unit)
    match unit:
        case Unit.MILLISECONDS:
            text = f"{_digits(value)} ms"
            return f"{text} ({short})" if abs(value) >= 1000 else text
        case Unit.RATIO:
            return f"{_digits(value * 100)}%" if math.isfinite(value * 100) else short
        case Unit.BYTES | Unit.BYTES_PER_SECOND:
            text = f"{_digits(value)} {'B' if unit is Unit.BYTES else 'B/s'}"
            return f"{text} ({short})" if abs(value) >= 1000 else text
        case Unit.PER_SECOND:
            return f"{_digits(value)}/s"
        case Unit.NUMBER:
            return _digits(value)


def count_text(count: int) -> str:
    """Write a count to the last digit, in at most eleven cells; beyond that, shortened.

    >>> count_text(1234567), count_text(12345678901)
    ('1,234,567', '12.3G')
    """
    text = f"{count:,}"
    return text if len(text) <= 11 else quantity(float(count), Unit.NUMBER)


def elapsed_text(seconds: float | None) -> str:
    """Write a length of time as a clock counts it; the unknown keeps its place.

    >>> elapsed_text(42), elapsed_text(3723), elapsed_text(3 * 86400 + 4 * 3600 + 5 * 60)
    ('00:42', '1:02:03', '3d 04:05')
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    sign = "-" if seconds <= -1 else ""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days}d {hours:02}:{minutes:02}"
    if hours:
        return f"{sign}{hours}:{minutes:02}:{rest:02}"
    return f"{sign}{minutes:02}:{rest:02}"


def age_text(seconds: float | None) -> str:
    """Write how old something is: tenths below ten seconds, then the largest unit alone.

    >>> age_text(0.42), age_text(12.7), age_text(185)
    ('0.4s', '12s', '3m')
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    for size, name in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{name}"
    return f"{int(seconds)}s"


def clock_time(epoch: float | None, tz: tzinfo | None = None) -> str:
    """Write the time of day at ``epoch`` in ``tz``, in the machine's own zone without one.

    >>> clock_time(0, UTC)
    '00:00:00'
    """
    if epoch is None or not math.isfinite(epoch):
        return UNKNOWN
    try:
        moment = datetime.fromtimestamp(epoch, UTC)
        return (moment.astimezone() if tz is None else moment.astimezone(tz)).strftime("%H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return UNKNOWN


def clean(text: str, limit: int = 200) -> str:
    """Make untrusted text harmless in one terminal line of at most ``limit`` cells.

    What would steer the terminal or hide is replaced by something to be seen, so that two names that differ
    look different; what is too long ends in an ellipsis.

    >>> clean("a" + chr(27) + "[31mb" + chr(10))
    'a␛[31mb␊'
    """
    if limit <= 0:
        return ""
    if text.isascii() and text.isprintable():
        return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS
    kept: list[str] = []
    width = cut = marks = 0
    may_carry = False
    for character in text:
        shown = _harmless(character)
        if unicodedata.category(character) in ("Mn", "Me"):
            if not may_carry:
                shown, may_carry, marks = "�", True, 0
            elif marks < _MARKS_A_BASE:
                marks += 1
            elif marks == _MARKS_A_BASE:
                shown, marks = "·", marks + 1
            else:
                continue
        elif shown:
            may_carry, marks = True, 0
        if not shown:
            continue
        width += character_width(shown)
        if width > limit:
            return "".join(kept[:cut]) + ELLIPSIS
        kept.append(shown)
        if width <= limit - 1:
            cut = len(kept)
    return "".join(kept)


def fit(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """Make ``text`` exactly ``width`` cells wide: padded, or cut with an ellipsis.

    >>> fit("abc", 5), fit("abc", 5, "right"), fit("abcdef", 4)
    ('abc  ', '  abc', 'abc…')
    """
    if width <= 0:
        return ""
    cells = text_width(text)
    if cells > width:
        kept, cells = _prefix(text, width - 1)
        text, cells = kept + ELLIPSIS, cells + 1
    padding = " " * (width - cells)
    return padding + text if align == "right" else text + padding


def fit_both_ends(text: str, width: int) -> str:
    """Make ``text`` exactly ``width`` cells wide: padded, or with an ellipsis in its middle.

    >>> fit_both_ends("abcdefgh", 5), fit_both_ends("ab", 3)
    ('ab…gh', 'ab ')
    """
    if width < 3 or text_width(text) <= width:
        return fit(text, width)
    head, cells = _prefix(text, (width - 1) // 2)
    tail, more = _prefix(text[::-1], width - 1 - cells)
    return fit(f"{head}{ELLIPSIS}{tail[::-1]}", cells + 1 + more) + " " * (width - cells - 1 - more)


def text_width(text: str) -> int:
    """How many cells ``text`` takes."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def character_width(character: str) -> int:
    """How many cells one character takes: none for a combining mark, two for a wide one."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _prefix(text: str, width: int) -> tuple[str, int]:
    cells = 0
    for index, character in enumerate(text):
        size = character_width(character)
        if cells + size > width:
            return text[:index], cells
        cells += size
    return text, cells


_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters that show nothing: the Hangul fillers and the empty braille cell."""


def _harmless(character: str) -> str:
    code = ord(character)
    if code < 32:
        return chr(0x2400 + code)
    if code < 127:
        return character
    if code == 127:
        return "␡"
    if code in (0xFE0E, 0xFE0F):  # they choose an emoji's colour, and make its width a matter of opinion
        return ""
    if character in _INVISIBLE or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return "·"
    match unicodedata.category(character):
        case "Cf":
            return "·"
        case "Zl" | "Zp":
            return "␤"
        case "Cc" | "Cs" | "Co" | "Cn":
            return "�"
        case _:
            return character


def _digits(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1e15 or abs(value) < 1e-3:
        return f"{value:.6g}"
    return f"{value:,.3f}" if abs(value) >= 1 else f"{value:.6f}".rstrip("0")


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def _plain(value: float, digits: int) -> str:
    """Write ``value`` with ``digits`` significant digits, without an exponent."""
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, digits - 1 - magnitude)}f}"


def _exponent(value: float, digits: int) -> str:
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa}e{int(power)}"


def _scaled(value: float, suffix: str) -> str:
    if value == int(value) and abs(value) < (100_000 if not suffix else 1000):
        return f"{int(value)}{suffix}"
    if abs(value) < 0.01 and suffix:
        return f"<0.01{suffix}" if value > 0 else f">-.01{suffix}"
    for digits in (3, 2, 1):
        text = _with_prefix(value, digits, suffix)
        if len(text) <= _LIMIT:
            return text
    return f">999Y{suffix}" if value > 0 else f"<-1Y{suffix}"


def _with_prefix(value: float, digits: int, suffix: str) -> str:
    rounded = _significant(value, digits)
    if math.isinf(rounded) or abs(rounded) >= 1e27:
        return _exponent(value, digits) + suffix
    if abs(rounded) < 0.001:
        return _exponent(value, digits) + suffix
    step = min(len(_SI) - 1, max(0, math.floor(math.log10(abs(rounded)) + 1e-12) // 3))
    return _plain(_significant(rounded / 1000**step, digits), digits) + _SI[step] + suffix


def _percent(value: float) -> str:
    percent = value * 100
    if math.isinf(percent):
        return ">1e307%" if percent > 0 else "<-1e300%"
    if value in (0, 1) or (percent == round(percent) and abs(percent) < 10_000):
        return f"{round(percent)}%"
    if 0 < percent < 0.005 or (percent > 0 and f"{percent:.2f}" == "0.00"):
        return "<0.01%"
    if -0.005 <= percent < 0:
        return ">-.01%"
    if percent < 100 and f"{percent:.2f}" == "100.00":
        return ">99.99%"
    if 100 < percent < 100.05:
        return ">100%"
    if 99.9 <= percent < 100 or abs(percent) < 9.995:
        return f"{percent:.2f}%"
    return f"{percent:.1f}%" if abs(percent) < 9_999 else _with_prefix(percent, 1, "%")


def _duration(value: float) -> str:
    size = abs(value)
    sign = "-" if value < 0 else ""
    if size == 0:
        return "0ms"
    rounded = _significant(size, 3)
    if rounded < 0.001:
        return f"{sign}<1µs" if not sign else ">-1µs"
    if rounded < 1:
        return f"{sign}{_plain(_significant(rounded * 1000, 3), 3)}µs"
    if rounded < 1000:
        return f"{sign}{_plain(rounded, 3)}ms"
    if rounded < 60_000:
        return f"{sign}{_plain(rounded / 1000, 3)}s"
    seconds = size / 1000
    if round(seconds) < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{sign}{minutes}m{rest:02}s"
    if round(seconds / 60) < 1440:
        hours, rest = divmod(round(seconds / 60), 60)
        return f"{sign}{hours}h{rest:02}m"
    if round(seconds / 3600) < 2400:
        days, rest = divmod(round(seconds / 3600), 24)
        return f"{sign}{days}d{rest:02}h"
    days = round(seconds / 86400)
    return f"{sign}{days}d" if days < 100_000 else f"{sign}{_exponent(seconds / 86400, 1)}d"
