"""What is printed of a launched k6 once the cockpit has gone: its own words, where a user would look for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from dashboard.launch.exit_codes import OK, explain
from dashboard.launch.folder import TAIL, RunFolder
from dashboard.launch.log_lines import decode_log
from dashboard.launch.output import Output
from dashboard.model.log import Level, LogLine, Origin

_UNKNOWN_FLAG: Final = re.compile(rb"unknown flag: --([a-z0-9-]+)")
_MOST_LINES: Final = 10


def unknown_flag(folder: RunFolder) -> str | None:
    """The long option that k6 did not know and therefore did not start."""
    found = _UNKNOWN_FLAG.search(folder.tail_of_log())
    return found[1].decode() if found else None


def last_words(folder: RunFolder, code: int) -> tuple[str, str]:
    """k6's summary for the standard output, and for the standard error its last errors and its exit code in words.

    A k6 that could not start has said why in its log: that is what is told, in k6's words.
    """
    output = Output()
    output.add(folder.ends_of_output())
    errors = [
        line for line in decode_log(folder.tail_of_log(), 0.0) if line.level is Level.ERROR and line.origin is Origin.K6
    ]
    more = " or more" if folder.log.stat().st_size > TAIL else ""
    told = list(_each_once(map(_as_k6_tells, errors), more))[-_MOST_LINES:] if code != OK else []
    if code != OK or not output.text:
        told.append(f"k6 ended with exit code {code}: {explain(code)}.")
    return output.text, "\n".join(told)


def _each_once(told: Iterable[str], more: str) -> Iterator[str]:
    """Each of them once, where it came last, and how often: a script that throws does so in every iteration."""
    counts: dict[str, int] = {}
    for words in told:
        counts[words] = counts.pop(words, 0) + 1
    for words, count in counts.items():
        yield f"{words}  ({count} times{more})" if count > 1 else words


def _as_k6_tells(line: LogLine) -> str:
    """An entry as k6 writes it to a terminal, without its colours."""
    fields = "".join(f" {name}={value}" for name, value in line.fields if name != "source")
    return f"ERRO {line.message.rstrip()}{fields}"
