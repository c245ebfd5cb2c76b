"""The one registry of what a user can do: it feeds the bindings, the key bar, the palette, the help and the README."""

from __future__ import annotations

from enum import StrEnum

from dashboard.model.action import Verb
from dashboard.quick import dataclass
from dashboard.tui.keynames import key_text


class Group(StrEnum):
    """Where a command stands in help and palette."""

    TEST = "the test"
    VIEW = "the view"
    SCREENS = "screens"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can do."""

    id: str
    """Also the name of the app's action: ``pause`` is ``action_pause``. Stable: users bind keys to it."""
    keys: tuple[str, ...]
    """In Textual's spelling; the first is the one shown."""
    label: str
    """A word or two, for the key bar."""
    description: str
    """A whole sentence."""
    group: Group
    action: str = ""
    """The action with its arguments, where it is not just the id."""
    verb: Verb | None = None
    """What it does to the test, if anything: where k6 cannot, the key is dim and explains."""
    needs_present: bool = False
    """Whether it is about the test as it runs now, so that it means nothing over a recording."""
    of_past: bool = False
    """Whether it moves through the past: the key bar shows it first while the past is shown."""
    in_bar: bool = False
    """Whether the key bar shows it."""
    goes_first: bool = False
    """Whether it is done before the keys after it are looked at: they belong to what it opens."""
    pairs: bool = False
    """Whether the key bar leaves the label to the next command, which does the reverse."""
    screen: str = ""
    """The screen on which alone its keys work, and the key bar shows it; empty where they work on all."""
    also_on: str = ""
    """Another screen on which they do the like."""

    @property
    def run(self) -> str:
        """The action string."""
        return self.action or self.id

    def works_on(self, screen: str) -> bool:
        """Whether its keys work on a screen."""
        return self.screen in ("", screen) or (bool(self.also_on) and self.also_on == screen)

    @property
    def key_text(self) -> str:
        """The keys as a person reads them."""
        return " ".join(key_text(key) for key in self.keys)


COMMANDS: tuple[Command, ...] = (
    Command(
        "pause",
        ("p",),
        "pause",
        "Pause the test, or let it go on; also starts a test that waits at its start.",
        Group.TEST,
        verb=Verb.PAUSE,
        in_bar=True,
    ),
    Command(
        "more_vus",
        ("plus", "equals_sign", "w"),
        "VU",
        "Run one VU more. Presses within 0.3 s become one request.",
        Group.TEST,
        action="vus(1)",
        verb=Verb.SET_VUS,
        in_bar=True,
        pairs=True,
    ),
    Command(
        "fewer_vus",
        ("minus", "s"),
        "VU",
        "Run one VU less; k6 interrupts its iteration.",
        Group.TEST,
        action="vus(-1)",
        verb=Verb.SET_VUS,
        in_bar=True,
    ),
    Command("many_more_vus", ("W",), "10 VUs", "Run ten VUs more.", Group.TEST, action="vus(10)", verb=Verb.SET_VUS),
    Command("many_fewer_vus", ("S",), "10 VUs", "Run ten VUs less.", Group.TEST, action="vus(-10)", verb=Verb.SET_VUS),
    Command(
        "stop",
        ("x",),
        "stop",
        "Stop the test, after a question. Iterations are cut off; teardown() still runs.",
        Group.TEST,
        verb=Verb.STOP,
        in_bar=True,
    ),
    Command("set_vus", ("v",), "VUs", "Type the number of VUs.", Group.TEST, verb=Verb.SET_VUS, in_bar=True),
    Command(
        "edit_setup",
        ("e",),
        "edit",
        "Edit the setup data, and send them after a question.",
        Group.TEST,
        verb=Verb.SET_SETUP,
        in_bar=True,
        screen="setup",
    ),
    Command(
        "run_setup",
        ("u",),
        "setup()",
        "Run setup() now, after a question; what it returns becomes the setup data.",
        Group.TEST,
        verb=Verb.RUN_SETUP,
        in_bar=True,
        screen="setup",
    ),
    Command(
        "run_teardown",
        ("d",),
        "teardown()",
        "Run teardown() now, after a question; it runs again at the end.",
        Group.TEST,
        verb=Verb.RUN_TEARDOWN,
        in_bar=True,
        screen="setup",
    ),
    Command(
        "clear_setup",
        ("C",),
        "clear",
        "Take the setup data away, after a question.",
        Group.TEST,
        verb=Verb.SET_SETUP,
        screen="setup",
    ),
    Command(
        "record",
        ("R",),
        "record",
        "Record from now on into a file, or stop recording.",
        Group.TEST,
        needs_present=True,
    ),
    Command(
        "mark",
        ("m",),
        "mark",
        "Mark this moment on the charts and in the events, with a note if you type one.",
        Group.TEST,
        needs_present=True,
        in_bar=True,
    ),
    Command(
        "freeze",
        ("f",),
        "freeze",
        "Freeze the display, or let it follow again. Data is collected all the while.",
        Group.VIEW,
        in_bar=True,
        of_past=True,
    ),
    Command("play", ("space",), "play", "Let the moment shown move on, or stand still.", Group.VIEW, of_past=True),
    Command(
        "back",
        ("left",),
        "seek",
        "Show a moment 10 s earlier; goes into the past of a live run too.",
        Group.VIEW,
        action="move(-10)",
        of_past=True,
        pairs=True,
    ),
    Command("forward", ("right",), "seek", "Show a moment 10 s later.", Group.VIEW, action="move(10)", of_past=True),
    Command("far_back", ("shift+left",), "earlier", "Show a moment a minute earlier.", Group.VIEW, action="move(-60)"),
    Command("far_forward", ("shift+right",), "later", "Show a moment a minute later.", Group.VIEW, action="move(60)"),
    Command(
        "step_back",
        ("comma",),
        "step",
        "Show the look before.",
        Group.VIEW,
        action="step(-1)",
        of_past=True,
        pairs=True,
    ),
    Command("step_forward", ("full_stop",), "step", "Show the next look.", Group.VIEW, action="step(1)", of_past=True),
    Command("next_event", ("n",), "next event", "Show what happened next.", Group.VIEW, action="to_event(1)"),
    Command("last_event", ("N",), "event before", "Show what happened before.", Group.VIEW, action="to_event(-1)"),
    Command("slower", ("less_than_sign",), "slower", "Play slower.", Group.VIEW, action="pace(-1)"),
    Command("faster", ("greater_than_sign",), "faster", "Play faster.", Group.VIEW, action="pace(1)"),
    Command(
        "narrower", ("left_square_bracket",), "window", "Show a shorter time.", Group.VIEW, in_bar=True, pairs=True
    ),
    Command("wider", ("right_square_bracket",), "window", "Show a longer time.", Group.VIEW, in_bar=True),
    Command(
        "baseline",
        ("b",),
        "baseline",
        "Draw the run of --baseline behind this one, or leave it out.",
        Group.VIEW,
    ),
    Command(
        "filter",
        ("slash",),
        "filter",
        "Filter the list by a part of the name; ! before it excludes.",
        Group.VIEW,
        in_bar=True,
        goes_first=True,
    ),
    Command("sort", ("o",), "sort", "Sort the metrics, the checks or the errors by the next column.", Group.VIEW),
    Command("reverse", ("O",), "reverse", "Turn the order round.", Group.VIEW),
    Command(
        "open",
        ("enter",),
        "open",
        "Open the chosen metric, check, event or line, fold a group, or show the chosen chart as large as it goes.",
        Group.VIEW,
    ),
    Command("close", ("escape",), "back", "Close what was opened; give up a filter.", Group.VIEW),
    Command(
        "next_kind",
        ("t",),
        "kind",
        "Show the events of one kind, or the log of one level, only: of the next one, and in the end of all again.",
        Group.VIEW,
        in_bar=True,
        screen="events",
        also_on="log",
    ),
    Command(
        "copy",
        ("c",),
        "copy",
        "Copy the chosen event's or log line's whole text to the terminal's clipboard.",
        Group.VIEW,
        in_bar=True,
        screen="events",
        also_on="log",
    ),
    Command(
        "read_setup",
        ("r",),
        "read",
        "Ask k6 for the setup data again; it is not asked by itself.",
        Group.VIEW,
        in_bar=True,
        screen="setup",
    ),
    Command(
        "setup_form",
        ("T",),
        "form",
        "Show the setup data as a tree or as text.",
        Group.VIEW,
        in_bar=True,
        screen="setup",
    ),
    Command("earlier_run", ("left_curly_bracket",), "earlier run", "Show the run before this one.", Group.VIEW),
    Command("later_run", ("right_curly_bracket",), "later run", "Show the run after this one.", Group.VIEW),
    Command("glyphs", ("g",), "drawing", "Draw with braille, with blocks, or with plain ASCII.", Group.VIEW),
    Command("overview", ("1",), "overview", "The run at a glance.", Group.SCREENS, action="show('overview')"),
    Command("metrics", ("2",), "metrics", "Every metric and submetric.", Group.SCREENS, action="show('metrics')"),
    Command(
        "checks",
        ("3",),
        "checks",
        "Groups and checks, with their passes and fails. Opening it lets k6dash ask k6 for them.",
        Group.SCREENS,
        action="show('checks')",
    ),
    Command(
        "generator",
        ("4",),
        "generator",
        "Whether the machine that makes the load is the bottleneck.",
        Group.SCREENS,
        action="show('generator')",
    ),
    Command(
        "events",
        ("5",),
        "events",
        "Actions, outages, changes, thresholds, marks.",
        Group.SCREENS,
        action="show('events')",
    ),
    Command(
        "setup",
        ("6",),
        "setup",
        "The setup data: seen, edited, made anew.",
        Group.SCREENS,
        action="show('setup')",
    ),
    Command(
        "log",
        ("7",),
        "log",
        "What k6 and the script say, and the errors in it by kind; of a test that k6dash run started.",
        Group.SCREENS,
        action="show('log')",
    ),
    Command(
        "plan",
        ("8",),
        "plan",
        "What the script plans, how far it has come, and its thresholds.",
        Group.SCREENS,
        action="show('plan')",
    ),
    Command(
        "help",
        ("question_mark", "f1"),
        "help",
        "What every key does, and what the signs mean.",
        Group.GENERAL,
        in_bar=True,
    ),
    Command("command_palette", ("ctrl+p",), "palette", "Find any command by name.", Group.GENERAL),
    Command("summary", ("E",), "summary", "How a k6 that k6dash started has ended, with its summary.", Group.GENERAL),
    Command(
        "interrupt",
        ("ctrl+c",),
        "interrupt",
        "Interrupt a k6 that k6dash started: gracefully, the second time at once. Else leave.",
        Group.GENERAL,
    ),
    Command(
        "leave",
        ("q",),
        "quit",
        "Leave k6dash. The test goes on; of a k6 that k6dash started, it is asked what is to become of it.",
        Group.GENERAL,
        in_bar=True,
    ),
)
