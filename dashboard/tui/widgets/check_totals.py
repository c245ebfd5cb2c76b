"""All checks together: how many passed since the start and lately, and a bar of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.spark import stacked_bar
from dashboard.tui.widgets.lines import LinesWidget, put, row_width
from dashboard.tui.widgets.tiles import signed
from dashboard.view.chart import Kind, Unit
from dashboard.view.check_frames import ChecksSummary
from dashboard.view.format import age_text, clock_time
from dashboard.view.frame import Number


class CheckTotals(LinesWidget):
    """Two lines: words and numbers, and the bar."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "totals--passed",
        "totals--failed",
        "totals--value",
        "totals--note",
    }

    summary: reactive[ChecksSummary | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def watch_summary(self) -> None:
        """Draw the new numbers."""
        self.redraw()

    def watch_glyphs(self) -> None:
        """Draw with other characters."""
        self.redraw()

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """What is known of all checks; where the groups are not known, what the metric tells."""
        summary = self.summary
        if summary is None:
            return
        note = self.style_of("totals--note")
        if summary.looked_at is None:
            if summary.stand_in is not None:
                share = put(signed(summary.stand_in, self.glyphs), self.style_of("totals--value"))
                yield [share, put(" of all checks passed, as the metric checks tells", note)]
            return
        parts = self._parts(summary)
        while len(parts) > 1 and sum(map(row_width, parts)) > width:
            parts.pop()
        yield [segment for part in parts for segment in part]
        passed, failed = self.style_of("totals--passed"), self.style_of("totals--failed")
        tally = summary.tally
        if tally.total:
            bar = stacked_bar(((tally.passes, passed), (tally.fails, failed)), width, self.glyphs)
            if self.glyphs is Glyphs.ASCII and tally.fails and len(bar) > 1:
                # Without colours the two parts have to differ in their characters.
                bar[-1] = Segment("x" * len(bar[-1].text), failed)
            yield bar

    def _parts(self, summary: ChecksSummary) -> list[list[Segment]]:
        """What the first line tells, the most important first."""
        note, value = self.style_of("totals--note"), self.style_of("totals--value")
        tally, recent = summary.tally, summary.recent
        tone = self.style_of("totals--failed" if tally.fails else "totals--passed")
        parts = [
            [
                put(signed(Number(tally.share, Unit.RATIO, Kind.CUMULATIVE), self.glyphs), tone),
                put(f" passed, {tally.fails:,} of {tally.total:,} failed", note),
            ]
        ]
        if recent is not None:
            lately = signed(Number(recent.share, Unit.RATIO, Kind.INTERVAL), self.glyphs)
            words = f" of {recent.total:,} in {age_text(summary.seconds)}"
            parts.append([put("   "), put(lately, value), put(words, note)])
        groups = "" if not summary.groups else f" in {summary.groups} group{'s' if summary.groups != 1 else ''}"
        checks = f"   {summary.checks} check{'s' if summary.checks != 1 else ''}{groups}"
        omitted = f", {summary.omitted} more not shown" if summary.omitted else ""
        parts.append([put(checks + omitted, note)])
        parts.append([put(f"   {summary.order}", note)])
        parts.append([put(f"   as of {clock_time(summary.looked_at)}", note)])
        return parts
