"""A tiny Textual app: the terminal harness is tried on it, and benchmarks measure against it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static


class HelloApp(App[int]):
    """Says hello, and what it was told since."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave", "Leave"), ("c", "colour", "Colour")]

    def compose(self) -> ComposeResult:
        yield Static("hello", id="hello")
        yield Static("", id="said", markup=False)

    def say(self, text: str) -> None:
        self.query_one("#said", Static).update(text)

    def on_key(self, event: events.Key) -> None:
        self.say(f"key {event.key}")

    def on_click(self, event: events.Click) -> None:
        self.say(f"click {event.screen_x},{event.screen_y}")

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#hello", Static).update(f"hello {event.size.width}x{event.size.height}")

    def action_colour(self) -> None:
        self.query_one("#hello", Static).styles.background = "#ff0000"

    def action_leave(self) -> None:
        self.exit(return_code=7)


if __name__ == "__main__":
    app = HelloApp()
    app.run()
    raise SystemExit(app.return_code)
