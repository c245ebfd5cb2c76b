"""The stage: the screens in one switcher, of which one is seen and fed."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import Final

from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import FilterTyped, SortChosen
from dashboard.tui.panes.base import Pane
from dashboard.tui.sheets import OTHERS, wear
from dashboard.tui.widgets.filter import FilterInput
from dashboard.tui.widgets.table import LineTable
from dashboard.view.selection import MetricSort, Selection

PANES: Final[Mapping[str, str]] = {
    "overview": "dashboard.tui.panes.overview:OverviewPane",
    "metrics": "dashboard.tui.panes.metrics:MetricsPane",
    "metric": "dashboard.tui.panes.metric:MetricPane",
    "checks": "dashboard.tui.panes.checks:ChecksPane",
    "check": "dashboard.tui.panes.check:CheckPane",
    "generator": "dashboard.tui.panes.generator:GeneratorPane",
    "events": "dashboard.tui.panes.events:EventsPane",
    "setup": "dashboard.tui.panes.setup:SetupPane",
    "log": "dashboard.tui.panes.log:LogPane",
    "plan": "dashboard.tui.panes.plan:PlanPane",
}
"""The screens by name, and where each is: a widget that is a :class:`~dashboard.tui.panes.base.Pane`.

A screen is loaded and mounted when it is first gone to, so that those nobody looks at cost nothing.
"""
FIRST = "overview"


def load_pane(name: str) -> Widget:
    """Make the screen of that name, not mounted yet."""
    module, _, attribute = PANES[name].partition(":")
    pane: Widget = getattr(importlib.import_module(module), attribute)(id=name)
    return pane


class Stage(ContentSwitcher):
    """Knows the screens by name, and feeds the one that is seen."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(load_pane(FIRST), initial=FIRST, id="screens")
        self._glyphs = glyphs
        self._opening = asyncio.Lock()

    def on_mount(self) -> None:
        """Let the first screen draw with what the terminal has."""
        self.draw_with(self._glyphs)

    @property
    def shown(self) -> str:
        """The name of the screen that is seen."""
        return self.current or FIRST

    @property
    def _pane(self) -> Widget:
        return self.get_child_by_id(self.shown)

    def paint(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Feed the screen that is seen."""
        pane = self._pane
        if not isinstance(pane, Pane):
            raise TypeError(f"{pane} is no screen")
        pane.show(history, selection, now)

    def draw_with(self, glyphs: Glyphs) -> None:
        """Let every screen draw with these characters, those to come as well."""
        self._glyphs = glyphs
        for pane in self.children:
            if isinstance(pane, Pane):
                pane.glyphs = glyphs

    async def turn_to(self, name: str) -> None:
        """Let another screen be seen. One that has not been seen before is there when this returns."""
        async with self._opening:
            if not any(pane.id == name for pane in self.children):
                wear(self.app.stylesheet, OTHERS)  # pyright: ignore[reportUnknownMemberType]
                await self.add_content(load_pane(name))
                self.draw_with(self._glyphs)
        self.current = name
        self._focus_list()

    def _focus_list(self) -> None:
        """Let the keys go to the list of the screen that is seen, if it has one."""
        lists = self._pane.query(".-list") or self._pane.query(LineTable)
        self.screen.set_focus(lists.first() if lists else None)

    @property
    def _filter(self) -> FilterInput | None:
        found = self._pane.query(FilterInput)
        return found.first() if found else None

    @property
    def filter(self) -> str | None:
        """The filter of the screen that is seen; None where there is nothing to filter."""
        return None if self._filter is None else self._filter.value

    def type_filter(self) -> None:
        """Let the user type into the filter."""
        if self._filter is not None:
            self._filter.remove_class("-idle")
            # At once: what is typed on meanwhile is for the filter, and not for the keys that steer the test.
            self.screen.set_focus(self._filter)

    def give_up_filter(self) -> bool:
        """Empty the filter and leave it; whether there was anything to give up."""
        wanted = self._filter
        if wanted is None or not (wanted.value or wanted.has_focus):
            return False
        wanted.value = ""
        wanted.add_class("-idle")
        self._focus_list()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        self.post_message(FilterTyped(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go from the filter to what it left."""
        event.stop()
        self._focus_list()

    def on_line_table_sort_requested(self, event: LineTable.SortRequested) -> None:
        """Tell by which column the user wants the metrics sorted."""
        event.stop()
        self.post_message(SortChosen(MetricSort(event.column_key)))
