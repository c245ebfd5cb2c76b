"""Screen 6: the setup data as a tree and as text, and what k6 does with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dashboard.model.action import RunSetup, RunTeardown, SetSetup, SetupAction
from dashboard.model.history import TargetHistory
from dashboard.model.json_text import Fault, Kind, Node, Outline, outline, pretty, visible
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.model.run_history import RunHistory
from dashboard.quick import dataclass
from dashboard.view.format import clock_time
from dashboard.view.header import selected_run
from dashboard.view.lazy import LazyRows
from dashboard.view.selection import Selection

MOST_VALUES: Final = 20_000
"""Values of the setup data that are shown; what lies behind them is not even read."""
_UNFOLDED: Final = 300
"""Data of more values than this begin with all but their first level folded."""

_READ_ONCE: Final = "A VU reads the setup data once, at its first iteration."
_REACH: Final = (
    _READ_ONCE
    + " Those that have iterated keep what they have; VUs that begin later, and teardown(), get the new data."
)


@dataclass(frozen=True, slots=True)
class SetupRow:
    """One value of the tree."""

    key: str
    """The places on the way to it, such as ``0.2.1``."""
    depth: int
    name: str
    """The member's name, or its place in brackets; made harmless."""
    text: str
    """A scalar as it is written, made harmless; of what contains others how many they are."""
    kind: Kind
    is_folded: bool | None
    """None for what contains nothing."""


@dataclass(frozen=True, slots=True)
class SetupFrame:
    """Screen 6."""

    heading: str
    rows: LazyRows[SetupRow]
    text: str
    """The data as JSON that reads best, made harmless; empty where there are none."""
    empty: str
    """What to say where there is nothing to show."""
    note: str
    """What went wrong with the last look, or what k6 does with the data."""
    is_bad: bool
    """Whether the note is of something that went wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is done to the test."""

    question: str
    consequences: str
    yes: str
    no: str
    is_danger: bool


def build_setup(history: TargetHistory, selection: Selection, turned: frozenset[str]) -> SetupFrame:
    """The setup data at the moment shown; ``turned`` are the keys of rows that are folded against their habit."""
    run = selected_run(history, selection)
    seen = run.setup.at(selection.cursor)
    failure = run.setup.failure(selection.cursor)
    note, is_bad = (failure, True) if failure else (_state_note(run, selection.cursor), False)
    if seen is None or seen.data.text is None:
        is_asking = run.setup.is_asking and selection.cursor is None
        empty = "asking k6 …" if is_asking else _nothing(run, selection.cursor, is_known=seen is not None)
        heading = "setup data" if seen is None else _heading(run, "none", seen.at, selection)
        return SetupFrame(heading, LazyRows((), _no_row, ()), "", empty, note, is_bad)
    data = seen.data.text
    tree = _tree(data, turned)
    heading = _heading(run, tree.size, seen.at, selection)
    return SetupFrame(heading, tree.rows, tree.text, "", note, is_bad)


def _heading(run: RunHistory, size: str, since: float, selection: Selection) -> str:
    parts = ["setup data", size, f"since {clock_time(since)}"]
    if run.setup.asked_at is not None and selection.cursor is None:
        parts.append(f"read {clock_time(run.setup.asked_at)}")
    return " · ".join(parts)


def _nothing(run: RunHistory, at: float | None, *, is_known: bool) -> str:
    if run.origin.is_file:
        return "k6 does not write the setup data into this file"
    if not is_known:
        return "not asked for yet"
    status = run.status if at is None else run.status_at(at)
    if status is not None and not status.has_started:
        return "there are none yet: setup() runs when the test starts"
    return "there are none: the script has no setup(), it returned nothing, or they were cleared"


def _state_note(run: RunHistory, at: float | None) -> str:
    status, state = (run.status, run.state()) if at is None else (run.status_at(at), run.state_at(at))
    if status is None or state is State.UNREACHABLE or state.is_over or state is State.TEARDOWN:
        return _READ_ONCE
    if not status.has_started:
        return "setup() overwrites these data when the test starts, unless k6 was started with --no-setup."
    return _REACH


@dataclass(frozen=True, slots=True)
class _Tree:
    rows: LazyRows[SetupRow]
    text: str
    size: str


@lru_cache(maxsize=2)
def _read(data: str) -> Outline:
    read = outline(data, MOST_VALUES)
    return read if not isinstance(read, Fault) else Outline((), is_whole=False)


@lru_cache(maxsize=2)
def _text(data: str) -> str:
    read = _read(data)
    lines = list(pretty(read))
    if not read.is_whole:
        lines.append(f"… and more: the first {len(read.nodes):,} values are shown")
    return visible("\n".join(lines))


@lru_cache(maxsize=4)
def _tree(data: str, turned: frozenset[str]) -> _Tree:
    read = _read(data)
    shown = {key: (node, name) for key, node, name in _rows(read, turned)}
    many = len(read.nodes) > _UNFOLDED

    def make(key: str) -> SetupRow:
        node, name = shown[key]
        folded = None if not node.size else _is_folded(key, node, turned, many=many)
        return SetupRow(key, node.depth, name, _shown_text(node, 2000), node.kind, folded)

    values = f"{len(read.nodes):,} value{'s' if len(read.nodes) != 1 else ''}"
    if not read.is_whole:
        values = f"the first {values}"
    size = f"{len(data):,} characters, {values}"
    return _Tree(LazyRows(tuple(shown), make, (data, turned)), _text(data), size)


def _is_folded(key: str, node: Node, turned: frozenset[str], *, many: bool) -> bool:
    return (many and node.depth > 0) != (key in turned)


def _rows(read: Outline, turned: frozenset[str] | None) -> Iterator[tuple[str, Node, str]]:
    """Every value that no fold hides, all where there are no folds, with its key and name."""
    keys: list[str] = []
    kinds: list[Kind] = []
    many = len(read.nodes) > _UNFOLDED
    index = 0
    while index < len(read.nodes):
        node = read.nodes[index]
        del keys[node.depth :], kinds[node.depth :]
        key = f"{keys[-1]}.{node.place}" if keys else "0"
        keys.append(key)
        name = "data" if not kinds else _name(node, kinds[-1])
        kinds.append(node.kind)
        yield key, node, name
        hides = turned is not None and bool(node.size) and _is_folded(key, node, turned, many=many)
        index = node.end if hides else index + 1


def _name(node: Node, parent: Kind) -> str:
    if parent is Kind.ARRAY:
        return f"[{node.place}]"
    plain = node.name[1:-1]
    # A name that reads like a word is shown as one; any other as it is written.
    return plain if plain.replace("_", "").replace("-", "").isalnum() and plain.isascii() else visible(node.name[:400])


def _shown_text(node: Node, limit: int) -> str:
    match node.kind:
        case Kind.OBJECT:
            return f"{{ {node.size:,} }}" if node.size else "{ }"
        case Kind.ARRAY:
            return f"[ {node.size:,} ]" if node.size else "[ ]"
        case _:
            text = visible(node.text[:limit])
            return text if len(node.text) <= limit else f"{text}… ({len(node.text):,} characters)"


def _no_row(key: str) -> SetupRow:
    raise KeyError(key)


def editable(data: str | None) -> str:
    """Setup data as they are given into an editor: the same value, and nothing in it that hides."""
    if data is None:
        return ""
    read = outline(data)
    return visible(data if isinstance(read, Fault) else "\n".join(pretty(read)))


def question_of(action: SetupAction, status: RunStatus | None, state: State) -> Question:
    """What to ask before ``action`` is handed to a k6 in this state: what k6 really does with it."""
    started = status is not None and status.has_started
    over = state.is_over
    match action:
        case RunSetup():
            what = "setup() runs now, beside the load. " + _REACH
            if not started:
                what = (
                    "setup() runs now, and once more when the test starts: what it returns now is overwritten then, "
                    "unless k6 was started with --no-setup."
                )
            what += " k6 answers when it has finished; its checks and requests count in the metrics."
            return Question("Run setup() now?", what, "Yes, run it", "No, leave it", is_danger=False)
        case SetSetup(text):
            what = _REACH
            if not started:
                what = (
                    "The test has not started: setup() overwrites the data when it does, unless k6 was started with "
                    "--no-setup or the script has no setup()."
                )
            if text is None:
                asked, what = "Take the setup data away?", f"VUs then get undefined. {what}"
                return Question(asked, what, "Yes, clear them", "No, keep them", is_danger=True)
            size = f"{len(text):,} character{'s' if len(text) != 1 else ''}"
            what = f"The value of {size} is sent as it is written. {what}"
            return Question(
                "Put this in the place of the setup data?", what, "Yes, send it", "No, not yet", is_danger=True
            )
        case RunTeardown():
            what = (
                "teardown() runs now, while the VUs go on, and once more at the end of the test. What it takes away, "
                "the VUs may still need."
            )
            if over:
                what = (
                    "The test has ended, and teardown() has had its turn. It runs once more, with the data as they are."
                )
            elif not started:
                what = (
                    "teardown() runs now, although nothing has been set up yet, and once more at the end of the test."
                )
            elif status is not None and status.status == ExecutionStatus.SETUP:
                what = "teardown() runs now, while setup() still runs, and once more at the end of the test."
            return Question("Run teardown() now?", what, "Yes, run it", "No, leave it", is_danger=not over)
