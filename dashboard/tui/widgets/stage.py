"""The stage: all screens in one switcher, of which one is seen and fed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import FilterTyped, SortChosen
from dashboard.tui.panes.base import Pane
from dashboard.tui.panes.events import EventsPane
from dashboard.tui.panes.metric import MetricPane
from dashboard.tui.panes.metrics import MetricsPane
from dashboard.tui.panes.overview import OverviewPane
from dashboard.tui.widgets.filter import FilterInput
from dashboard.tui.widgets.table import LineTable
from dashboard.view.selection import MetricSort, Selection

PANES: Final[Mapping[str, Callable[..., Widget]]] = {
    "overview": OverviewPane,
    "metrics": MetricsPane,
    "metric": MetricPane,
    "events": EventsPane,
}
"""The screens by name; each is a :class:`~dashboard.tui.panes.base.Pane`."""


class Stage(ContentSwitcher):
    """Knows the screens by name, and feeds the one that is seen."""

    def __init__(self) -> None:
        super().__init__(initial="overview", id="screens")

    def compose(self) -> ComposeResult:
        """The screens; those that are not seen cost next to nothing."""
        for name, make in PANES.items():
            yield make(id=name)

    @property
    def shown(self) -> str:
        """The name of the screen that is seen."""
        return self.current or "overview"

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
        """Let every screen draw with these characters."""
        for pane in self.children:
            if isinstance(pane, Pane):
                pane.glyphs = glyphs

    def turn_to(self, name: str) -> None:
        """Let another screen be seen, and let the keys go to its list if it has one."""
        self.current = name
        tables = self._pane.query(LineTable)
        self.screen.set_focus(tables.first() if tables else None)

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
        self.turn_to(self.shown)
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        self.post_message(FilterTyped(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go from the filter to what it left."""
        event.stop()
        self.turn_to(self.shown)

    def on_line_table_sort_requested(self, event: LineTable.SortRequested) -> None:
        """Tell by which column the user wants the metrics sorted."""
        event.stop()
        self.post_message(SortChosen(MetricSort(event.column_key)))
