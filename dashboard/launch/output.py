"""k6's standard output, understood: banner, progress, and the end-of-test summary."""

from __future__ import annotations

import re
from typing import Final

from dashboard.model.launched import Progress

_RUNNING: Final = re.compile(r"^(running|paused|setup|teardown|init\w*)\b.*\(\d+", re.IGNORECASE)
_BAR: Final = re.compile(r"^(?P<name>\S.*?)\s+(?P<mark>[•✓✗↓]?)\s*\[\s*(?P<share>[\d.]+)%\s*\]\s*(?P<rest>.*)$")
_BARE_BAR: Final = re.compile(r"^(?P<name>\S.*?)\s+(?P<mark>[•✓✗↓]?)\s*\[[^\]]*\]\s*(?P<rest>.*)$")
_BANNER_KEYS: Final = re.compile(r"^\s*(execution|script|output|web dashboard|scenarios|cloud run):")
_OF_BANNER: Final = re.compile(r"^\s{6,}\*\s|^\s*[/\\|_‾( )]+(Grafana)?[/\\|_‾( )]*$")
_DASHBOARD: Final = re.compile(r"^\s*web dashboard: https?://(?P<address>\S+?)/?\s*$")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
"""What a script's own handleSummary() may put around its words."""
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
        if bar := _BAR.match(line) or _BARE_BAR.match(line):
            self._in_banner = False
            share = float(bar["share"]) / 100 if "share" in bar.groupdict() else None
            name = bar["name"]
            self.progress[name] = Progress(name, share, bar["rest"].strip(), bar["mark"] in ("✓", "✗"))
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
