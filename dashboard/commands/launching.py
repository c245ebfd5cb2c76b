"""One sitting with a k6 that k6dash starts: on a screen or without one, and again where a port was lost."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import click

from dashboard.commands.headless import Headless, conditions_of, follow, say, talk_output
from dashboard.commands.screen import Screen
from dashboard.errors import UsageError
from dashboard.launch.command import Command, compose
from dashboard.launch.exit_codes import FAILED
from dashboard.launch.ports import Ports, is_taken
from dashboard.launch.process import K6Process
from dashboard.launch.report import unknown_flag
from dashboard.launch.retry import lost_port
from dashboard.quick import dataclass
from dashboard.view.launched import goes_on_text

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.api.address import Target
    from dashboard.clock import Clock
    from dashboard.launch.arguments import K6Arguments
    from dashboard.launch.folder import RunFolder
    from dashboard.sources.base import Source
    from dashboard.sources.groups import GroupsPolicy
    from dashboard.tui.keymap import Keys

TRIES: Final = 4
"""How often k6 is started at most before a port that is lost again and again is taken for something else."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is started, whatever it is watched with."""

    program: str
    typed: K6Arguments
    folder: RunFolder
    script: Path | None
    """The file that k6 reads on its standard input."""
    with_events: bool
    own_options: frozenset[str]
    """The names of k6dash's own options, which k6 does not know."""
    read_only: bool
    """Whether it is to be looked at and no more."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What a front end is given of one k6."""

    source: Source
    process: K6Process
    clock: Clock
    interval: float
    record: Path | None
    """A file to record into that has been created for it."""
    may_steer: bool


class FrontEnd(Protocol):
    """What a k6 is watched with."""

    with_json_log: bool
    """Whether the log had better come as JSON, where the user has no opinion."""

    def watch(self, seat: Seat) -> int:
        """Watch until k6 has ended or k6dash is left; the exit code."""
        ...


class Cockpit:
    """The screen."""

    with_json_log = True

    def __init__(self, screen: Screen, keys: Keys | None) -> None:
        self._screen = screen
        self._keys = keys

    def watch(self, seat: Seat) -> int:
        """Draw; what k6 has written stands on the terminal afterwards."""
        from dashboard.commands.cockpit import watch
        from dashboard.launch.exit_codes import as_exit_code
        from dashboard.launch.report import last_words
        from dashboard.model.json_text import visible
        from dashboard.tui.leaving import Launched

        process = seat.process
        code = watch(
            seat.source,
            seat.clock,
            seat.interval,
            self._screen,
            None,
            keys=self._keys,
            record=None if seat.record is None else (seat.record, True),
            leaving=Launched(process, may_steer=seat.may_steer),
        )
        if process.code is None:
            return code
        output, log = last_words(process.folder, process.code)
        if output:
            click.echo(visible(output))
        if log:
            click.echo(visible(log), err=True)
        return as_exit_code(process.code)


class Headlessly:
    """No screen."""

    with_json_log = False
    """k6's log is passed on in k6's own form."""

    def __init__(self, settings: Headless, interval: float) -> None:
        """Nothing is started yet.

        Raises:
            UsageError: a condition cannot be.
        """
        conditions_of(settings, interval)
        self._settings = settings

    def watch(self, seat: Seat) -> int:
        """Follow; Ctrl-C is for k6."""
        from dashboard.headless.bond import Launched
        from dashboard.model.json_text import visible

        process = seat.process
        talk = talk_output()
        talk.write(f"k6dash: k6 runs as pid {process.pid}, its API is at {process.command.address}\n")

        def interrupt() -> str:
            process.interrupt()
            if process.interrupts > 1:
                return "interrupted again: k6 ends at once"
            return "interrupted: k6 lets running iterations finish, then runs teardown(); again ends it at once"

        return follow(
            seat.source,
            seat.clock,
            seat.interval,
            self._settings,
            record=None if seat.record is None else (seat.record, True),
            bond=Launched(talk, visible if sys.stderr.isatty() or sys.stdout.isatty() else str),
            talk=talk,
            interrupt=interrupt if seat.may_steer else None,
        )


def sit(
    front_end: FrontEnd, start: Start, clock: Clock, interval: float, groups: GroupsPolicy, record: str | None
) -> int:
    """Start k6 and watch it; the exit code.

    Raises:
        UsageError: it cannot be started, or not recorded.
    """
    path = None
    with Ports() as ports:
        for tries_left in reversed(range(TRIES)):
            command = compose(
                start.program,
                start.typed,
                os.environ,
                ports.find,
                with_events=start.with_events,
                with_json_log=front_end.with_json_log,
            )
            target = _target(command)
            # Asked before k6 is there. It will say itself that it cannot listen.
            is_ours = urlsplit(target.url).port in ports.given or not is_taken(target.url)
            if record is not None and path is None:
                path = _create(record, target.label, clock)
            process = K6Process(command, start.folder, start.script)
            try:
                source = _source(start, process, clock, interval, groups, is_ours=is_ours)
                code = front_end.watch(Seat(source, process, clock, interval, path, not start.read_only))
            except KeyboardInterrupt:
                # Before anybody watches, Ctrl-C is k6's as well.
                process.interrupt()
                say(f"interrupted: k6 ends; what it says is in {start.folder.path}")
                raise
            except Exception:
                if process.code is None:
                    for line in goes_on_text(process.launch).split("\n"):
                        say(line)
                raise
            ports.release()
            lost = lost_port(process.code, start.folder, ports.given, start.typed, os.environ)
            if process.code == FAILED and (flag := unknown_flag(start.folder)) in start.own_options:
                say(f"--{flag} is k6dash's own: it stands before the script and k6's options")
            if lost is not None:
                say(lost.words(may_retry=tries_left > 0))
            if lost is None or not lost.may_retry or not tries_left:
                return code
    raise AssertionError


def _target(command: Command) -> Target:
    """Where k6's API will be.

    Raises:
        UsageError: that cannot be known, or where its event stream will be cannot be reached.
    """
    from dashboard.api.address import parse_target

    try:
        target = parse_target(command.address)
    except UsageError as error:
        raise UsageError(f"--address {error}".replace("is not a target", "is no address to look at")) from None
    if command.events is not None:
        try:
            parse_target(command.events)
        except UsageError as error:
            why = str(error).replace("is not a target", "is no address to look at")
            raise UsageError(f"k6's web dashboard: {why}; --no-events leaves it alone") from None
    return target


def _create(record: str, label: str, clock: Clock) -> Path:
    """Create the file of the recording, while nothing is started yet that could not be recorded.

    Raises:
        UsageError: it cannot be created.
    """
    from dashboard.commands.record import may_replace, recording_path
    from dashboard.sources.recorder import create_file

    path = recording_path(record, label, clock.now())
    try:
        create_file(path, replace=may_replace(path)).close()
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    return path


def _source(
    start: Start, process: K6Process, clock: Clock, interval: float, groups: GroupsPolicy, *, is_ours: bool
) -> Source:
    from dashboard.launch.inspect import ask_plan
    from dashboard.launch.threads import beside_the_loop
    from dashboard.targets import launched_source

    script = None if start.script is None else str(start.script)

    async def inspect() -> bytes:
        return await beside_the_loop(lambda: ask_plan(start.program, start.typed, process.command.environment, script))

    source = launched_source(process, inspect, clock, interval, groups, is_ours=is_ours)
    if not start.read_only:
        return source
    from dashboard.sources.read_only import ReadOnlySource

    return ReadOnlySource(source)
