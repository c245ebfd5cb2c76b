"""What was typed for k6, read as k6 reads it (the flags of ``k6 run`` of v1.7.1 and v2.2.0); nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dashboard.quick import dataclass

_SHORT: Final = {
    "a": "address",
    "c": "config",
    "d": "duration",
    "e": "env",
    "h": "help",
    "i": "iterations",
    "l": "linger",
    "o": "out",
    "p": "paused",
    "q": "quiet",
    "s": "stage",
    "t": "type",
    "u": "vus",
    "v": "verbose",
    "w": "throw",
}
_WITH_VALUE: Final = frozenset(
    {
        *("address", "batch", "batch-per-host", "blacklist-ip", "block-hostnames", "compatibility-mode", "config"),
        *("console-output", "dns", "duration", "env", "execution-segment", "execution-segment-sequence", "features"),
        *("iterations", "local-ips", "log-format", "log-output", "max", "max-redirects", "min-iteration-duration"),
        *("out", "rps", "secret-source", "stage", "summary-export", "summary-mode", "summary-time-unit"),
        *("summary-trend-stats", "system-tags", "tag", "traces-output", "type", "user-agent", "vus"),
    }
)
"""These take the next word for their value where none is attached; all others take none, k6's later ones perhaps."""
STDIN: Final = "-"
"""The script that k6 reads from its standard input."""
_SYSTEM: Final = "include-system-env-vars"
_INSPECTABLE: Final = frozenset(
    {"compatibility-mode", "config", "env", _SYSTEM, "no-thresholds", "secret-source", "type"}
)
_BY_ENVIRONMENT: Final = {"vus": "K6_VUS", "duration": "K6_DURATION", "iterations": "K6_ITERATIONS"}


@dataclass(frozen=True, slots=True)
class K6Arguments:
    """The arguments of ``k6 run``."""

    typed: tuple[str, ...]
    """As they were typed, word for word."""
    script: str | None
    """The script or archive; ``-`` for standard input; None where none was named."""
    options: tuple[tuple[str, str | None], ...]
    """Each option's long name and value, in order; None where it takes none."""

    def last(self, name: str) -> str | None:
        """The value of an option; of the last one, which is the one that counts. None where it is not there."""
        return next((value or "" for known, value in reversed(self.options) if known == name), None)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of an option that may be repeated."""
        return tuple(value or "" for known, value in self.options if known == name)

    def for_inspect(self) -> tuple[str, ...]:
        """What ``k6 inspect`` takes of them: it knows few of ``run``'s options.

        ``run`` hands the environment to the script unless told otherwise; ``inspect`` does so only when told.
        """
        words = [] if any(name == _SYSTEM for name, _ in self.options) else [f"--{_SYSTEM}"]
        for name, value in self.options:
            if name in _INSPECTABLE:
                words.append(f"--{name}" if value is None else f"--{name}={value}")
        return (*words, self.script or "")

    def environment_for_inspect(self) -> dict[str, str]:
        """The load that was typed, in the form in which ``k6 inspect`` takes it."""
        found = {variable: value for name, variable in _BY_ENVIRONMENT.items() if (value := self.last(name))}
        if stages := self.every("stage"):
            found["K6_STAGES"] = ",".join(stages)
        return found


def parse(words: Sequence[str]) -> K6Arguments:
    """Read the words typed for ``k6 run``. The first ``--`` among them is k6dash's, not k6's, and is left out.

    >>> parse(["-u5", "script.js", "--out", "json=x", "-pl"]).options
    (('vus', '5'), ('out', 'json=x'), ('paused', None), ('linger', None))
    """
    typed = list(words)
    if "--" in typed:
        typed.remove("--")
    options: list[tuple[str, str | None]] = []
    script: str | None = None
    rest = iter(typed)
    for word in rest:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            options.append((name, value if equals else next(rest, "") if name in _WITH_VALUE else None))
        elif word.startswith("-") and word != STDIN:
            options.extend(_cluster(word[1:], rest))
        elif script is None:
            script = word
    return K6Arguments(tuple(typed), script, tuple(options))


def _cluster(letters: str, rest: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    """Short options written together; one that takes a value takes what is left of the word, or the next word."""
    for index, letter in enumerate(letters):
        name = _SHORT.get(letter, letter)
        if name not in _WITH_VALUE:
            yield name, None
            continue
        value = letters[index + 1 :].removeprefix("=")
        yield name, value or next(rest, "")
        return
