from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.untrusted import clean, well_formed


def test_what_steers_a_terminal_becomes_visible() -> None:
    assert clean("a\x1b[31mb\x07") == "a\ufffd[31mb\ufffd"
    assert clean("\u202eevil\u2066\u200b") == "\ufffdevil\ufffd\ufffd"
    assert clean(b"\xff\xfe caf\xc3\xa9") == "\ufffd\ufffd café"


def test_white_space_collapses() -> None:
    assert clean("Error: boom\n\tat setup\r\n") == "Error: boom at setup"


def test_a_long_text_is_cut() -> None:
    assert clean("x" * 201) == "x" * 199 + "…"
    assert clean("x" * 200) == "x" * 200
    assert clean("a" + " " * 10_000 + "b") == "a…"


@given(st.text(st.characters()) | st.binary(), st.integers(2, 300))
def test_the_result_is_one_short_harmless_line(text: str | bytes, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters(), max_size=20))
def test_a_well_formed_text_can_be_encoded(text: str) -> None:
    encoded = well_formed(text).encode()
    assert encoded.decode() == text or any("\ud800" <= char <= "\udfff" for char in text)
