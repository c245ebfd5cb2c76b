"""A row of switches, each with a number: kinds of event, levels of the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from dashboard.quick import dataclass
from dashboard.tui.widgets.lines import LinesWidget, put, row_width


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch."""

    name: str
    count: int
    is_wanted: bool
    """Whether it was picked; where none was, all are shown."""
    short: str = ""
    """Its name where there is little room; empty where it has but one."""


class SwitchRow(LinesWidget, can_focus=True):
    """One line: all, and each switch. Arrows move, space switches; a click switches what is under the pointer."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "kinds--label",
        "kinds--count",
        "kinds--wanted",
        "kinds--none",
        "kinds--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "before", show=False, id="kinds.before"),
        Binding("right", "move(1)", "after", show=False, id="kinds.after"),
        Binding("space,enter", "switch", "switch", show=False, id="kinds.switch"),
    ]

    switches: reactive[tuple[Switch, ...]] = reactive((), layout=False, repaint=False)
    cursor: reactive[int] = reactive(0, layout=False, repaint=False)
    """0 is all; the switches follow."""

    total: reactive[int] = reactive(0, layout=False, repaint=False)
    """The number beside all."""

    @dataclass
    class Picked(Message):
        """These are wanted; all where there is none."""

        names: frozenset[str]

    def watch_switches(self) -> None:
        """Draw the new counts."""
        self.redraw()

    def watch_total(self) -> None:
        """Draw the new number."""
        self.redraw()

    def watch_cursor(self) -> None:
        """Move the cursor's colour."""
        self.redraw()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Show the cursor while keys arrive here."""
        super().watch_has_focus(_has_focus)
        self.redraw()

    @property
    def _is_roomy(self) -> bool:
        return self.content_size.width >= _ROOMY

    def _items(self) -> list[list[Segment]]:
        """All, and each switch; where there is no room for every one, those with nothing behind them give way."""
        items = self._all_items()
        if sum(row_width(item) for item in items) > self.content_size.width:
            for place, each in enumerate(self.switches, start=1):
                if not (each.count or each.is_wanted or (self.has_focus and place == self.cursor)):
                    items[place] = []
        return items

    def _all_items(self) -> list[list[Segment]]:
        wanted_any = any(each.is_wanted for each in self.switches)
        entries = [("all", self.total, not wanted_any)]
        roomy = self._is_roomy
        entries += [
            (each.name if roomy else each.short or each.name, each.count, each.is_wanted) for each in self.switches
        ]
        return [self._item(index, *entry) for index, entry in enumerate(entries)]

    def _item(self, index: int, name: str, count: int, wanted: bool) -> list[Segment]:
        sign = ("[x] " if wanted else "[ ] ") if self._is_roomy else ("·" if wanted else " ")
        if self.has_focus and index == self.cursor:
            label = number = self.style_of("kinds--cursor")
        elif wanted:
            label = number = self.style_of("kinds--wanted")
        elif not count:
            label = number = self.style_of("kinds--none")
        else:
            label, number = self.style_of("kinds--label"), self.style_of("kinds--count")
        return [put(sign + name, label), put(f" {count}", number), Segment("  " if self._is_roomy else " ")]

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The line."""
        return [[segment for item in self._items() for segment in item]]

    def on_click(self, event: Click) -> None:
        """Switch what is under the pointer."""
        offset = event.get_content_offset(self)
        x = 0
        for index, item in enumerate(self._items()):
            x += row_width(item)
            if offset is not None and offset.x < x:
                self.cursor = index
                self.action_switch()
                return

    def action_move(self, step: int) -> None:
        """Go to the switch before or after."""
        self.cursor = (self.cursor + step) % (len(self.switches) + 1)

    def action_switch(self) -> None:
        """Turn the switch under the cursor; with all, none is picked."""
        picked = frozenset(each.name for each in self.switches if each.is_wanted)
        if self.cursor == 0:
            self.post_message(self.Picked(frozenset()))
        else:
            self.post_message(self.Picked(picked ^ {self.switches[self.cursor - 1].name}))


_ROOMY = 104
"""From this width on, each switch has a box before it."""
