from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.command_line import read_command_line


@pytest.mark.parametrize(
    ("line", "script", "flags"),
    [
        ("k6 run script.js", "script.js", ()),
        ("k6 run --paused dir/script.ts", "dir/script.ts", ("--paused",)),
        ("k6 run -e TOKEN=SECRET -e=B=SECRET -eC=SECRET s.js", "s.js", ("-e", "-e", "-e")),
        ("k6 run --env TOKEN=SECRET --env=B=SECRET s.js", "s.js", ("--env", "--env")),
        ("k6 run s.js --out influxdb=http://SECRET@host/db", "s.js", ("--out",)),
        ("k6 run --user-agent SECRET.js s.js", "s.js", ("--user-agent",)),
        ("k6 run -qe TOKEN=SECRET s.js", "s.js", ("-q",)),
        ("k6 run --invented SECRET.js", None, ("--invented",)),
        ("k6 run -- s.js", "s.js", ()),
        ("k6 run https://SECRET:SECRET@host/s.js?token=SECRET", "https://host/s.js", ()),
        ("k6 run -", None, ()),
        ("k6 run --SECRET", None, ()),
        ("k6 run SECRET", None, ()),
        ("", None, ()),
    ],
)
def test_names_come_through_and_values_do_not(line: str, script: str | None, flags: tuple[str, ...]) -> None:
    command = read_command_line(line.split())
    assert (command.script, command.flags) == (script, flags)
    assert "SECRET" not in repr(command)


@given(st.lists(st.text() | st.integers() | st.none()))
def test_any_list_can_be_read(words: list[object]) -> None:
    read_command_line(words)
