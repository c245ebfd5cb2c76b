"""The app's vocabulary: what happened, told upwards."""

from __future__ import annotations

from textual.message import Message

from dashboard.model.action import Outcome
from dashboard.model.event import EventKind
from dashboard.quick import dataclass
from dashboard.view.checks_view import ChecksView
from dashboard.view.log_choice import LogChoice
from dashboard.view.selection import MetricSort


@dataclass
class TargetChanged(Message):
    """Something about a target changed; only the newest counts."""

    target: str

    def can_replace(self, message: Message) -> bool:
        """One redraw serves many changes."""
        return isinstance(message, TargetChanged) and message.target == self.target


@dataclass
class ActionEnded(Message):
    """An action has its outcome."""

    target: str
    outcome: Outcome


@dataclass
class CommandChosen(Message):
    """The user pointed at a command, as on the key bar."""

    command_id: str


@dataclass
class MetricChosen(Message):
    """The user wants one metric opened."""

    name: str


@dataclass
class GroupsWanted(Message):
    """The user looks at groups and checks, for which nobody has asked k6 yet."""


@dataclass
class CheckChosen(Message):
    """The user wants one check opened, by the key of its line."""

    key: str


@dataclass
class ChecksArranged(Message):
    """The user wants the tree of checks in another order, or a group folded."""

    view: ChecksView


@dataclass
class MomentChosen(Message):
    """The user wants the charts at a moment."""

    at: float


@dataclass
class FilterTyped(Message):
    """The user typed a filter for the list that is seen."""

    text: str


@dataclass
class SortChosen(Message):
    """The user wants the metrics sorted by a column."""

    sort: MetricSort


@dataclass
class SetupWanted(Message):
    """The user wants to see the setup data as they are now."""


@dataclass
class KindsChosen(Message):
    """The user wants these kinds of event; all where there is none."""

    kinds: frozenset[EventKind]


@dataclass
class LogArranged(Message):
    """The user wants other lines of the log, or its errors in another order."""

    choice: LogChoice


@dataclass
class LogLineChosen(Message):
    """The user wants a line of the log opened."""

    details: tuple[tuple[str, str], ...]
    """What each part is called, and what it says; untrusted text of many lines."""
    text: str
    """What is copied of it. It is harmless already."""


@dataclass
class CopyWanted(Message):
    """The user wants a text in the clipboard. It is harmless already."""

    text: str
