"""What the user does with the view: screens, lists, filters, orders."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dashboard.tui.cockpit import OPENED, Cockpit
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import (
    CheckChosen,
    ChecksArranged,
    CopyWanted,
    FilterTyped,
    GroupsWanted,
    KindsChosen,
    LogArranged,
    LogLineChosen,
    MetricChosen,
    SortChosen,
)
from dashboard.view.selection import MetricSort, narrower, wider

if TYPE_CHECKING:
    from dashboard.tui.widgets.stage import Stage


class Looking(Cockpit):
    """The actions and messages that change what is shown of a moment."""

    async def on_metric_chosen(self, event: MetricChosen) -> None:
        """Open a metric."""
        await self._on_stage(partial(self._open_metric, event.name))

    async def _open_metric(self, name: str, stage: Stage) -> None:
        await self._open_in("metric", stage)
        self._select(replace(self._selection, metric=name))

    async def _open_in(self, name: str, stage: Stage) -> None:
        if stage.shown not in OPENED:
            self._came_from = stage.shown
        self.screen_stack[0].minimize()
        await stage.turn_to(name)

    async def on_check_chosen(self, event: CheckChosen) -> None:
        """Open a check."""
        await self._on_stage(partial(self._open_in, "check"))
        self._select(replace(self._selection, checks=replace(self._selection.checks, opened=event.key)))

    def on_checks_arranged(self, event: ChecksArranged) -> None:
        """Show the tree of checks as the user wants it."""
        self._select(replace(self._selection, checks=event.view))

    def on_groups_wanted(self, _event: GroupsWanted) -> None:
        """Have k6 asked for its groups from now on."""
        self._session.want_groups(self._target)

    async def action_close(self) -> None:
        """Close what was opened last; then give up the filter."""
        stage = self._stage
        if self.screen_stack[0].maximized is not None:
            self.screen_stack[0].minimize()
        elif stage is not None and stage.shown in OPENED:
            await self._turn_to(self._came_from, stage)
        elif stage is not None:
            stage.give_up_filter()

    def action_open(self) -> None:
        """Show the chosen panel as large as it goes."""
        focused = self.focused
        if focused is None:
            return
        if self.screen_stack[0].maximized is not None:
            self.screen_stack[0].minimize()
        else:
            self.screen_stack[0].maximize(focused)
            self.notify("Esc goes back.", timeout=2, markup=False)

    def action_narrower(self) -> None:
        """Show a shorter time."""
        self._select(replace(self._selection, window=narrower(self._selection.window)))

    def action_wider(self) -> None:
        """Show a longer time."""
        self._select(replace(self._selection, window=wider(self._selection.window)))

    def action_baseline(self) -> None:
        """Draw the baseline behind the run shown, or leave it out."""
        if self._compared is None:
            self.notify("There is none. --baseline FILE names a recorded run to draw behind this one.", markup=False)
            return
        shown = self._selection.baseline is not None
        self._select(replace(self._selection, baseline=None if shown else self._compared.baseline))

    async def action_filter(self) -> None:
        """Type a filter; on a screen without a list, go to the metrics first."""
        await self._on_stage(self._type_filter)

    async def _type_filter(self, stage: Stage) -> None:
        if stage.filter is None:
            await self._turn_to("metrics", stage)
        stage.type_filter()

    def on_filter_typed(self, event: FilterTyped) -> None:
        """Filter while it is typed."""
        self._select(replace(self._selection, filter=event.text))

    def on_sort_chosen(self, event: SortChosen) -> None:
        """Sort by a column; the same one again turns the order round."""
        if event.sort is self._selection.sort:
            self.action_reverse()
        else:
            self._sort(event.sort, descending=event.sort not in (MetricSort.NAME, MetricSort.TYPE))

    def action_sort(self) -> None:
        """Sort by the next column."""
        if self.screen_name == "checks":
            self._select(replace(self._selection, checks=self._selection.checks.next_sort()))
            return
        if self.screen_name == "log":
            self._select(replace(self._selection, log=self._selection.log.next_sort()))
            return
        orders = list(MetricSort)
        chosen = orders[(orders.index(self._selection.sort) + 1) % len(orders)]
        self._sort(chosen, descending=chosen not in (MetricSort.NAME, MetricSort.TYPE))

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self.screen_name == "checks":
            self._select(replace(self._selection, checks=self._selection.checks.reversed()))
            return
        if self.screen_name == "log":
            self._select(replace(self._selection, log=self._selection.log.reversed()))
            return
        self._sort(self._selection.sort, descending=not self._selection.descending)

    def _sort(self, sort: MetricSort, *, descending: bool) -> None:
        self._select(replace(self._selection, sort=sort, descending=descending))

    def action_glyphs(self) -> None:
        """Draw with the next set of characters."""
        every = list(Glyphs)
        self._glyphs = every[(every.index(self._glyphs) + 1) % len(every)]
        self._apply_glyphs()
        self.notify(f"Drawing with {self._glyphs}.", markup=False)

    def action_next_kind(self) -> None:
        """Show the events of the next kind, or the lines of the next level."""
        if self.screen_name == "log":
            self._select(replace(self._selection, log=self._selection.log.next_kind()))
            return
        from dashboard.view.events import next_kind

        self._select(replace(self._selection, kinds=next_kind(self._selection.kinds)))

    def on_kinds_chosen(self, event: KindsChosen) -> None:
        """Show the events of some kinds."""
        self._select(replace(self._selection, kinds=event.kinds))

    def on_log_arranged(self, event: LogArranged) -> None:
        """Show of the log what the user wants."""
        self._select(replace(self._selection, log=event.choice))

    def on_log_line_chosen(self, event: LogLineChosen) -> None:
        """Open a line of the log."""
        from dashboard.tui.screens.log_line import LogLineScreen

        self.push_screen(LogLineScreen(event.details, event.text))

    async def action_copy(self) -> None:
        """Copy the chosen event, or the chosen line of the log."""
        if self.screen_name == "log":
            await self.run_action("copy_line", self.screen_stack[0].query_one("#log"))
            return
        await self.run_action("copy_event", self.screen_stack[0].query_one("#events"))

    def on_copy_wanted(self, event: CopyWanted) -> None:
        """Hand a text to the terminal's clipboard."""
        self.copy_to_clipboard(event.text)
        self.notify("Copied, if the terminal lets programs copy.", markup=False, timeout=2)
