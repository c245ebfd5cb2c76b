"""The lines of a log: drawn as they are looked at, followed at the end until the user looks at something else."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dashboard.model.log import Level, Origin
from dashboard.quick import dataclass
from dashboard.view.format import clean, clock_time, elapsed_text, fit, text_width
from dashboard.view.log_lines import LogRow, LogRows

_STYLES: Final = (
    *("time", "elapsed", "error", "warning", "info", "debug"),
    *("k6", "js", "message", "fields", "match", "cursor", "empty"),
)
_WORDS: Final = {Level.ERROR: "ERROR", Level.WARNING: "WARN", Level.INFO: "INFO", Level.DEBUG: "DEBUG"}
_WITH_ELAPSED: Final = 90
"""From this width on, k6's clock stands beside the time of day."""
_MOST_STRIPS: Final = 400
_NOTHING: Final = LogRows((), lambda _: None, None)


class LogList(ScrollView, can_focus=True):
    """Shows lines of a log, the newest last. While the cursor is on the newest, it stays on the newest."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"log--{name}" for name in _STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_by(-1)", "Up", show=False, id="log.up"),
        Binding("down,j", "cursor_by(1)", "Down", show=False, id="log.down"),
        Binding("pageup", "cursor_page(-1)", "Page up", show=False, id="log.page-up"),
        Binding("pagedown", "cursor_page(1)", "Page down", show=False, id="log.page-down"),
        Binding("home", "first", "First line", show=False, id="log.first"),
        Binding("end,G", "follow", "Follow", show=False, id="log.follow"),
        Binding("enter", "select", "Open", show=False, id="log.open"),
    ]

    rows: reactive[LogRows] = reactive(_NOTHING, layout=False, repaint=False, init=False)
    cursor: reactive[int | None] = reactive(None, layout=False, repaint=False, init=False)
    """The number of the line under the cursor; None where there is no line."""
    follows: reactive[bool] = reactive(True, layout=False, repaint=False, init=False)
    """Whether the cursor moves on to every new line."""
    needle: reactive[str] = reactive("", layout=False, repaint=False, init=False)
    """What is highlighted, in any case."""
    empty: reactive[str] = reactive("", layout=False, init=False)
    """What to say where there is no line."""

    @dataclass
    class Highlighted(Message):
        """The cursor is on another line, or it follows from now on, or no more."""

        number: int | None

    @dataclass
    class Selected(Message):
        """A line was chosen, with enter or a click on the line under the cursor."""

        number: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._strips: dict[tuple[int, bool, bool], Strip] = {}
        self._styles_known: dict[str, Style] = {}
        self._is_placing = False
        """Whether it is not the user who scrolls."""

    # What is shown

    def watch_rows(self, before: LogRows, rows: LogRows) -> None:
        """Follow the end, or keep what is seen where it is."""
        top = int(self.scroll_y)
        seen = before.numbers[top] if top < len(before) else None
        if rows.is_of_another_log(before):
            self._strips.clear()
        self.virtual_size = Size(0, len(rows))
        if self.follows or not rows:
            self.cursor = rows.numbers[-1] if rows else None
            self._scroll(len(rows))
        else:
            self.cursor = self._nearest(self.cursor)
            self._scroll(rows.place(seen) if seen is not None else top)
        self.refresh()

    def _nearest(self, number: int | None) -> int | None:
        """The line of that number, or the next one there is."""
        numbers = self.rows.numbers
        if number is None or not numbers:
            return numbers[-1] if numbers else None
        return numbers[min(self.rows.place(number), len(numbers) - 1)]

    def watch_needle(self) -> None:
        """Highlight something else."""
        self._forget()

    def watch_cursor(self) -> None:
        """Move the cursor's colour, and tell."""
        self.refresh()
        self.post_message(self.Highlighted(self.cursor))

    def watch_follows(self) -> None:
        """Tell."""
        self.post_message(self.Highlighted(self.cursor))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Show in the cursor whether keys arrive here."""
        super().watch_has_focus(_has_focus)
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn: its colours are another theme's."""
        super().notify_style_update()
        self._styles_known.clear()
        self._forget()

    def on_resize(self) -> None:
        """Draw at the new size, with the cursor in view."""
        self._forget()
        self.virtual_size = Size(0, len(self.rows))
        if self.follows:
            self._scroll(len(self.rows))
        else:
            self._show_cursor()

    def _forget(self) -> None:
        self._strips.clear()
        self.refresh()

    # Where it is looked at

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    @property
    def _place(self) -> int:
        return 0 if self.cursor is None else self.rows.place(self.cursor)

    def _scroll(self, top: int) -> None:
        """Have the line at place ``top`` first, as far as there are lines enough below it."""
        self._is_placing = True
        self.scroll_to(y=max(0, min(top, len(self.rows) - self._height)), animate=False, immediate=True, force=True)
        self._is_placing = False

    def _show_cursor(self) -> None:
        """Scroll as little as shows the cursor."""
        place, top, height = self._place, int(self.scroll_y), self._height
        if place < top:
            self._scroll(place)
        elif place >= top + height:
            self._scroll(place - height + 1)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw every line anew; who scrolls away from the end follows no more, who comes back follows again."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh()
        if self._is_placing or not self.rows:
            return
        is_at_end = int(new_value) >= len(self.rows) - self._height
        if is_at_end and not self.follows and new_value > old_value:
            self.cursor = self.rows.numbers[-1]
        elif not is_at_end and self.follows:
            # What is seen is what the cursor is on: an invisible one would be copied and opened.
            self.cursor = self.rows.numbers[min(len(self.rows) - 1, int(new_value) + self._height - 1)]
        self.follows = is_at_end and self.cursor == self.rows.numbers[-1]

    def action_cursor_by(self, lines: int) -> None:
        """Move the cursor; on the newest line it follows."""
        if not self.rows:
            return
        place = min(len(self.rows) - 1, max(0, self._place + lines))
        self.cursor = self.rows.numbers[place]
        self.follows = place == len(self.rows) - 1
        self._show_cursor()

    def action_cursor_page(self, direction: int) -> None:
        """Move the cursor by what is seen at once."""
        self.action_cursor_by(direction * max(1, self._height - 1))

    def action_first(self) -> None:
        """Go to the oldest line."""
        self.action_cursor_by(-len(self.rows))

    def action_follow(self) -> None:
        """Go to the newest line, and follow from there."""
        self.action_cursor_by(len(self.rows))

    def action_select(self) -> None:
        """Choose the line under the cursor."""
        if self.cursor is not None:
            self.post_message(self.Selected(self.cursor))

    def on_click(self, event: Click) -> None:
        """Move the cursor, or choose the line under it."""
        offset = event.get_content_offset(self)
        place = None if offset is None else offset.y + int(self.scroll_y)
        if place is None or place >= len(self.rows):
            return
        number = self.rows.numbers[place]
        if number == self.cursor or event.chain > 1:
            self.cursor = number
            self.action_select()
        self.cursor = number
        self.follows = place == len(self.rows) - 1

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Line ``y`` of what is seen."""
        width = self.scrollable_content_region.width
        place = y + int(self.scroll_y)
        if place < len(self.rows):
            number = self.rows.numbers[place]
            return self._strip(number, width, is_cursor=number == self.cursor)
        if not self.rows:
            said = wrap(clean(self.empty, 400), max(8, width - 2))
            line = y - max(0, (self._height - len(said)) // 2)
            if 0 <= line < len(said):
                return self._strip_of([Segment(f" {said[line]}", self._style("empty"))], width)
        return Strip.blank(width, self._style(""))

    def _strip(self, number: int, width: int, *, is_cursor: bool) -> Strip:
        known = (number, is_cursor, self.has_focus)
        strip = self._strips.get(known)
        if strip is not None and strip.cell_length == width:
            return strip
        row = self.rows.row(number)
        if row is None:
            return Strip.blank(width, self._style(""))
        strip = self._strip_of(list(self._segments(row, width)), width)
        if is_cursor:
            cursor, match = self._style("cursor"), self._style("match")
            styled = [(text, style or match) for text, style, _ in strip]
            strip = Strip([Segment(text, style if style == match else style + cursor) for text, style in styled], width)
        if len(self._strips) > _MOST_STRIPS:
            self._strips.clear()
        self._strips[known] = strip
        return strip

    def _strip_of(self, segments: list[Segment], width: int) -> Strip:
        return Strip(segments).adjust_cell_length(width, self._style(""))

    def _segments(self, row: LogRow, width: int) -> Iterator[Segment]:
        yield Segment(clock_time(row.at) + " ", self._style("time"))
        if width >= _WITH_ELAPSED:
            yield Segment(fit(elapsed_text(row.elapsed), 8, "right") + " ", self._style("elapsed"))
        yield Segment(fit(_WORDS[row.level], 6), self._style(row.level))
        yield Segment(f"{row.origin} ", self._style("js" if row.origin is Origin.SCRIPT else "k6"))
        room = width - (27 if width >= _WITH_ELAPSED else 18)
        more = f" (+{row.more} lines)" if row.more > 1 else " (+1 line)" if row.more else ""
        text = fit(
            clean(row.text, max(1, room - len(more) + 1)), min(room - len(more), text_width(clean(row.text, 500)))
        )
        yield from self._marked(text, self._style("message"))
        yield Segment(more, self._style("fields"))
        room -= text_width(text) + len(more) + 2
        if row.fields and room > 0:
            yield from self._marked(f"  {fit(clean(row.fields, room + 1), room)}", self._style("fields"))

    def _marked(self, text: str, style: Style) -> Iterator[Segment]:
        """A text with what was searched for highlighted."""
        wanted = self.needle.casefold()
        folded = text.casefold()
        if not wanted or len(folded) != len(text):
            yield Segment(text, style)
            return
        position = 0
        while (found := folded.find(wanted, position)) >= 0:
            end = found + len(wanted)
            yield Segment(text[position:found], style)
            yield Segment(text[found:end], self._style("match"))
            position = end
        yield Segment(text[position:], style)

    def _style(self, name: str) -> Style:
        """The style of a part; remembered, since Textual forgets it at every refresh."""
        if (style := self._styles_known.get(name)) is None:
            style = self.rich_style
            if name == "cursor":
                style = self.get_component_rich_style("log--cursor", partial=True)
            elif name:
                style += self.get_component_rich_style(f"log--{name}", partial=True)
            self._styles_known[name] = style
        return style
