"""The kinds of event, each a switch with the number of its events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.reactive import reactive

from dashboard.model.event import EventKind
from dashboard.tui.messages import KindsChosen
from dashboard.tui.widgets.lines import LinesWidget, put, row_width
from dashboard.view.frame import KindCount


class KindsRow(LinesWidget, can_focus=True):
    """One line: all, and each kind. Arrows move, space switches; a click switches what is under the pointer."""

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

    kinds: reactive[tuple[KindCount, ...]] = reactive((), layout=False, repaint=False)
    cursor: reactive[int] = reactive(0, layout=False, repaint=False)
    """0 is all; the kinds follow."""

    def watch_kinds(self) -> None:
        """Draw the new counts."""
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
        """All, and each kind; where there is no room for every one, those of which there is no event give way."""
        items = self._all_items()
        if sum(row_width(item) for item in items) > self.content_size.width:
            for place, each in enumerate(self.kinds, start=1):
                if not (each.count or each.is_wanted or (self.has_focus and place == self.cursor)):
                    items[place] = []
        return items

    def _all_items(self) -> list[list[Segment]]:
        wanted_any = any(each.is_wanted for each in self.kinds)
        total = sum(each.count for each in self.kinds)
        entries = [("all", total, not wanted_any)]
        entries += [(str(each.kind), each.count, each.is_wanted) for each in self.kinds]
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
        """Go to the kind before or after."""
        self.cursor = (self.cursor + step) % (len(self.kinds) + 1)

    def action_switch(self) -> None:
        """Switch the kind under the cursor; with all, no kind is picked."""
        picked = {each.kind for each in self.kinds if each.is_wanted}
        if self.cursor == 0:
            picked = set[EventKind]()
        else:
            picked ^= {self.kinds[self.cursor - 1].kind}
        self.post_message(KindsChosen(frozenset(picked)))


_ROOMY = 104
"""From this width on, each kind has a box before it."""
