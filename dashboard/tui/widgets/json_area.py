"""An editor for JSON that shows where the text goes wrong."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from rich.text import Text
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from dashboard.model.json_text import Fault, visible


class JSONArea(TextArea):
    """Takes what can be shown, and marks the line and the place of a fault."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*TextArea.COMPONENT_CLASSES, "json--line", "json--place"}

    fault: Fault | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the key that copies to whoever else wants it, where there is nothing to copy."""
        if action == "copy" and not self.selected_text:
            return False
        return super().check_action(action, parameters)

    def mark(self, fault: Fault | None) -> None:
        """Mark the place of a fault; None takes the mark away."""
        if fault == self.fault:
            return
        self.fault = fault
        self.notify_style_update()
        self.refresh()

    def go_to_fault(self) -> None:
        """Put the cursor where the fault is."""
        if self.fault is not None:
            line = self.document.get_line(self.fault.line - 1)
            self.move_cursor((self.fault.line - 1, min(self.fault.column - 1, len(line))))

    def edit(self, edit: Edit) -> EditResult:
        """Take an edit; a clipboard may hold anything, and what would steer the terminal becomes an escape."""
        text = visible(edit.text.replace("\r\n", "\n").replace("\r", "\n"))
        return super().edit(edit if text == edit.text else dataclasses.replace(edit, text=text))

    def get_line(self, line_index: int) -> Text:
        """A line, with the fault in it marked."""
        line = super().get_line(line_index)
        if self.fault is not None and self.fault.line - 1 == line_index:
            line.stylize(self.get_component_rich_style("json--line", partial=True))
            at = min(self.fault.column - 1, max(0, len(line.plain) - 1))
            line.stylize(self.get_component_rich_style("json--place", partial=True), at, at + 1)
        return line
