"""k6's standard output, understood: banner, progress, and the end-of-test summary."""

from __future__ import annotations

import re
from typing import Final

from dashboard.duration import parse_duration
from dashboard.model.launched import Progress
from dashboard.model.progress import Phase

_RUNNING: Final = re.compile(r"^(running|paused|setup|teardown|init\w*)\b.*\(\d+", re.IGNORECASE)
_BEFORE_BAR: Final = r"^(?P<name>\S+(?: \S+)*?)\s+(?:(?P<mark>[•✓✗↓])\s*)?"
"""One way only to tell blanks apart: a script may print any line, and a line of blanks must not take minutes."""
_BAR: Final = re.compile(_BEFORE_BAR + r"\[\s*(?P<share>\d{1,3}(?:\.\d{1,9})?)%\s*\]\s*(?P<rest>.*)$")
_BARE_BAR: Final = re.compile(_BEFORE_BAR + r"\[[^\]]*\]\s*(?P<rest>.*)$")
_LONGEST_BAR: Final = 300
"""Characters of a line that may be a scenario's; k6 cuts the names."""
_BANNER_KEYS: Final = re.compile(r"^\s*(execution|script|output|web dashboard|scenarios|cloud run):")
_OF_BANNER: Final = re.compile(r"^\s{6,}\*\s|^[/\\|_‾( )]+(Grafana[/\\|_‾( )]*)?$")
_DASHBOARD: Final = re.compile(r"^\s*web dashboard: https?://(?P<address>\S+?)/?\s*$")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
"""What a script's own handleSummary() may put around its words."""
_VUS: Final = re.compile(r"^(\d{1,18})(?:/\d+)? VUs\b")
_TIME: Final = re.compile(r"(?:^|\s)(?P<spent>[\dhms.]{1,20}s)(?:/[\dhms.]+)?(?:\s|$)")
_ITERATIONS: Final = re.compile(r"\b(\d{1,18})/\d+ (?:shared )?iters\b")
_PHASES: Final = {"•": Phase.WAITING, "↓": Phase.ENDING, "✓": Phase.DONE, "✗": Phase.CUT_OFF}
"""By the sign before a scenario's bar (internal/ui/pb/progressbar.go)."""
_MOST_SUMMARY: Final = 4000


class Output:
    """Takes k6's standard output in lines, and keeps what is worth keeping of it."""

    def __init__(self) -> None:
        self.summary: list[str] = []
        """The end-of-test summary so far: all that is neither banner nor progress."""
        self.progress: dict[str, Progress] = {}
        """By scenario."""
        self.dashboard: str | None = None
        """``host:port`` of k6's own dashboard, if its banner names one."""
        self._in_banner = True

    def add(self, written: bytes) -> None:
        """Take in whole lines."""
        for line in _COLOURS.sub("", written.decode("utf-8", "replace")).splitlines():
            self._add(line.rstrip())

    def _add(self, line: str) -> None:
        if match := _DASHBOARD.match(line):
            self.dashboard = match["address"]
        if _RUNNING.match(line):
            self._in_banner = False
            self._drop_blank()
            return
        if bar := _bar(line):
            self._in_banner = False
            share = float(bar["share"]) / 100 if "share" in bar.groupdict() else None
            self.progress[bar["name"]] = _progress(bar["name"], bar["mark"] or "", share, bar["rest"].strip())
            return
        if self._in_banner and (not line.strip() or _BANNER_KEYS.match(line) or _OF_BANNER.match(line)):
            return
        if line.strip():
            self._in_banner = False
        if (line.strip() or self.summary) and len(self.summary) < _MOST_SUMMARY:
            self.summary.append(line)

    def _drop_blank(self) -> None:
        while self.summary and not self.summary[-1].strip():
            self.summary.pop()

    @property
    def text(self) -> str:
        """The summary, without blank lines around it."""
        return "\n".join(self.summary).rstrip()


def _bar(line: str) -> re.Match[str] | None:
    """The line of a scenario, if it is one."""
    if "[" not in line or len(line) > _LONGEST_BAR:
        return None
    return _BAR.match(line) or _BARE_BAR.match(line)


def _progress(name: str, mark: str, share: float | None, text: str) -> Progress:
    """What the line of a scenario says."""
    vus, time, iterations = _VUS.match(text), _TIME.search(text), _ITERATIONS.search(text)
    return Progress(
        name,
        share,
        text,
        mark in ("✓", "✗"),
        _PHASES.get(mark, Phase.RUNNING),
        int(vus[1]) if vus else None,
        _duration(time["spent"]) if time else None,
        int(iterations[1]) if iterations else None,
    )


def _duration(text: str) -> float | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None
