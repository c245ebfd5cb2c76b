"""The verdict on the generator: a sentence with its evidence, its sign first, never by colour alone."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.verdict import WINDOW, Level
from dashboard.view.format import clean
from dashboard.view.generator_frame import VerdictFrame

_SIGNS = {
    Level.FINE: "✓",
    Level.NOTHING_TO_JUDGE: "◔",
    Level.UNKNOWN: "?",
    Level.TIGHT: "!",
    Level.SUSPECT: "✗",
}
_CLASSES = {level: f"-{level.name.lower().replace('_', '-')}" for level in Level}
_LONGEST = 400


class VerdictPanel(Static):
    """The verdict, and below it what else casts doubt."""

    BORDER_TITLE = "Is the load generator the bottleneck?"
    BORDER_SUBTITLE = f"judged by the last {WINDOW:g} s of load"

    frame: reactive[VerdictFrame | None] = reactive(None, layout=False, repaint=False)

    def watch_frame(self, frame: VerdictFrame | None) -> None:
        """Say it."""
        if frame is None:
            return
        for level, name in _CLASSES.items():
            self.set_class(level is frame.level, name)
        lines = [(f"{_SIGNS[frame.level]} {clean(frame.headline, _LONGEST)}", "bold")]
        lines += [(f"\n! {clean(each, _LONGEST)}", "") for each in frame.further]
        self.update(Content.assemble(*lines))
