"""Following one run to its end: a text for each look, conditions judged, and an exit code."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from dashboard.duration import duration_text
from dashboard.errors import ExitCode, UsageError
from dashboard.headless.bond import Attached, Bond
from dashboard.headless.formats import Format
from dashboard.model.action import Stop
from dashboard.model.asking import Asked
from dashboard.model.condition import Condition
from dashboard.model.event import Event, EventKind
from dashboard.model.gate import Gate
from dashboard.model.history import TargetHistory
from dashboard.model.observation import Snapshot
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.quick import dataclass
from dashboard.session import Session
from dashboard.view.format import clean, elapsed_text
from dashboard.view.gate import standing_text, turn_text
from dashboard.view.tick import Tick, Ticks


class Then(StrEnum):
    """What is done when a condition first fails."""

    GO_ON = "go-on"
    """Watch to the end."""
    LEAVE = "leave"
    """Leave at once. The test goes on."""
    STOP = "stop"
    """Stop the test, and watch it end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is followed, and until when."""

    limit: float | None = None
    """Seconds from k6's first answer after which to leave; None for the whole run."""
    until: State | None = None
    """The state at which to leave; None for the end of the run."""
    patience: float = 30.0
    """Seconds to wait for a k6 that does not answer."""
    conditions: tuple[Condition, ...] = ()
    grace: float = 0.0
    """Seconds of the test's clock in which no condition is judged."""
    then: Then = Then.GO_ON
    has_groups: bool = False
    """Whether the final counts of the checks are waited for, where k6 lingers."""


class Sink(Protocol):
    """Where texts go."""

    error: OSError | None

    def write(self, text: str) -> None:
        """Write soon."""
        ...


class Follower:
    """One sitting without a screen."""

    def __init__(
        self,
        session: Session,
        target: str,
        plan: Plan,
        form: Format,
        sink: Sink,
        say: Callable[[str], None],
        bond: Bond | None = None,
    ) -> None:
        """Nothing is done before :meth:`run`.

        Args:
            session: What is watched.
            target: Which of its targets.
            plan: Until when, and what has to hold.
            form: What a look looks like.
            sink: Where that goes.
            say: Takes a line of talk.
            bond: Whose k6 it is; somebody else's, unless told otherwise.
        """
        self._session = session
        self._history: TargetHistory = session.histories[target]
        self._run: RunHistory = self._history.run
        self._plan = plan
        self._form = form
        self._sink = sink
        self._say = say
        self._bond = bond or Attached()
        self._ticks = Ticks()
        self._gate = Gate(plan.conditions, plan.grace)
        self._done: asyncio.Future[int] | None = None
        self._acting: asyncio.Task[None] | None = None
        self._first_answer: float | None = None

    @property
    def followed(self) -> RunHistory:
        """The run that is followed."""
        return self._run

    async def run(self) -> int:
        """Follow until the run ends, the plan does, or :meth:`leave` is called; the exit code.

        Raises:
            UsageError: a condition does not fit its metric, or the output cannot be written.
        """
        self._done = asyncio.get_running_loop().create_future()
        self._session.on_change.append(self._look)
        self._session.listeners.append(self._bond.take)
        watching = asyncio.ensure_future(self._session.run())
        timing = asyncio.ensure_future(self._time())
        watching.add_done_callback(self._source_ended)
        try:
            code = await self._done
        finally:
            self._session.on_change.remove(self._look)
            self._session.listeners.remove(self._bond.take)
            working = [task for task in (watching, timing, self._acting) if task is not None]
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
        self._conclude()
        return self._bond.judged(code, stopped=self._acting is not None) if self._gate.failed else code

    def leave(self, code: int, why: str = "") -> None:
        """End, for the first reason that is given."""
        if self._done is not None and not self._done.done():
            if why:
                self._say(why)
            self._done.set_result(code)

    def output_failed(self) -> None:
        """End, because nothing can be written any more."""
        error = self._sink.error
        if self._done is None or self._done.done():
            return
        if isinstance(error, BrokenPipeError):
            self._done.set_result(ExitCode.PIPE_CLOSED)
        elif error is not None:
            reason = error.strerror or errno.errorcode.get(error.errno or 0, "unknown")
            self._done.set_exception(UsageError(f"the output cannot be written: {reason}"))

    def _source_ended(self, watching: asyncio.Future[None]) -> None:
        if watching.cancelled() or self._done is None or self._done.done():
            return
        error = watching.exception()
        if error is not None:
            self._done.set_exception(error)
        else:
            self._end_of_run()

    # What is seen

    def _look(self, target: str) -> None:
        if target != self._history.target or self._done is None or self._done.done():
            return
        if self._history.run is not self._run:
            self._end_of_run()
            return
        last = self._history.last
        if last is not None and not isinstance(last.outcome, Snapshot) and self._bond.is_between(self._run):
            return
        tick = self._ticks.next(self._history)
        if tick is None:
            return
        self._say_events(tick)
        self._judge()
        self._sink.write(self._form.write(tick))
        self._see_whether_to_end(tick)

    def _say_events(self, tick: Tick, besides: EventKind | None = None) -> None:
        for event in tick.events:
            if event.kind not in (EventKind.ACTION, besides):
                self._say(_event_text(event))

    def _judge(self) -> None:
        look = self._history.last
        if look is None or not isinstance(look.outcome, Snapshot):
            return
        self._first_answer = look.at if self._first_answer is None else self._first_answer
        try:
            turned = self._gate.observe(look.outcome, look.at)
        except ValueError as error:
            if self._done is not None and not self._done.done():
                self._done.set_exception(UsageError(str(error)))
            return
        for judgement in turned:
            self._say(turn_text(judgement))
        if any(not judgement.evaluation.holds for judgement in turned):
            self._act()

    def _act(self) -> None:
        match self._plan.then:
            case Then.GO_ON:
                pass
            case Then.LEAVE:
                self.leave(ExitCode.THRESHOLDS_CROSSED, "leaving; the test goes on")
            case Then.STOP if self._acting is None:
                self._acting = asyncio.ensure_future(self._stop())
            case Then.STOP:
                pass

    async def _stop(self) -> None:
        self._say("stopping the test")
        outcome = await self._session.perform(self._history.target, Stop())
        parts = [str(part) for part in (outcome.answer, outcome.explanation, outcome.observed) if part]
        self._say(clean(f"stop {outcome.verdict}: {'; '.join(parts)}" if parts else f"stop {outcome.verdict}", 400))
        if outcome.verdict.is_bad and not self._run.state().is_over:
            self.leave(ExitCode.THRESHOLDS_CROSSED, "leaving; the test may go on")

    # When to end

    def _see_whether_to_end(self, tick: Tick) -> None:
        if self._plan.until is not None and tick.state is self._plan.until:
            self.leave(ExitCode.OK)
            return
        is_told = tick.metrics is not None or tick.outage is not None
        if is_told and self._bond.is_over(self._run) and not self._is_awaiting_groups(tick):
            self._end_of_run()

    def _is_awaiting_groups(self, tick: Tick) -> bool:
        """Whether a k6 that lingers is still to be asked for its groups: a moment after the end they are final."""
        asking = self._session.sources[self._history.target].groups_asking
        is_to_be_asked = asking is not None and asking.asked is Asked.NOT_YET
        return self._plan.has_groups and tick.outage is None and tick.groups is None and is_to_be_asked

    def _end_of_run(self) -> None:
        run = self._run
        process = run.launched
        if process is not None and process.exit is not None:
            if (tick := self._ticks.last(self._history)) is not None:
                # How it ended is the last that is said, in full.
                self._say_events(tick, besides=EventKind.STATE)
                self._sink.write(self._form.write(tick))
        elif run.status is None:
            self.leave(ExitCode.UNREACHABLE, f"{self._history.target} gave nothing")
            return
        code = self._bond.verdict(run, self._say)
        if self._plan.until not in (None, run.state()) and code == ExitCode.OK:
            self.leave(ExitCode.TIMED_OUT, f"the run ended before it was seen {self._plan.until}")
            return
        self.leave(code)

    async def _time(self) -> None:
        """End when k6 has not answered for too long, or the time is up."""
        clock = self._session.clock
        began = clock.now()
        while True:
            newest = self._history.last_snapshot
            silent_until = (newest.at if newest is not None else began) + self._plan.patience
            ends = [silent_until]
            if self._plan.limit is not None and self._first_answer is not None:
                ends.append(self._first_answer + self._plan.limit)
            now = clock.now()
            if now >= min(ends):
                break
            await clock.sleep(min(ends) - now if self._first_answer is not None else min(1.0, min(ends) - now))
        if now >= silent_until:
            waited = duration_text(self._plan.patience)
            seen = "has not answered for" if newest is not None else "was not reached in"
            last = self._history.last
            reason = getattr(last.outcome, "message", "") if last is not None else ""
            self.leave(
                ExitCode.UNREACHABLE, clean(f"{self._history.target} {seen} {waited}{f': {reason}' * bool(reason)}")
            )
        elif self._plan.until is not None:
            self.leave(ExitCode.TIMED_OUT, f"the run was not seen {self._plan.until} in that time")
        else:
            self.leave(ExitCode.OK)

    def _conclude(self) -> None:
        for standing in self._gate.standings():
            self._say(standing_text(standing))


def _event_text(event: Event) -> str:
    words = f"{event.title}: {event.detail}" if event.detail and event.kind is EventKind.OUTAGE else event.title
    return f"{elapsed_text(event.elapsed)} {clean(words)}"
