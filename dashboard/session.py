"""The one writer: takes readings from sources, decodes them, keeps the histories, hands actions to sources.

Front ends read :attr:`Session.histories` and are told of changes; they never write.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence

from dashboard.clock import Clock
from dashboard.decoding import Decoder
from dashboard.model.action import Action, Outcome, Pause, RunSetup, RunTeardown, SetSetup, Stop, Verb, Verdict
from dashboard.model.capability import Capability
from dashboard.model.effect import has_happened, takes_effect_later
from dashboard.model.event import Event, EventKind
from dashboard.model.history import TargetHistory
from dashboard.model.observation import Outage, Snapshot
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import ELAPSED
from dashboard.recall import Recall
from dashboard.sources.base import Answer, Note, Reading, Source

Listener = Callable[[Reading], None]
"""Is given every reading, raw, before it is decoded."""
NoteListener = Callable[[Note], None]
"""Is given each mark and each action, and the latter again whenever more is known of it."""

_CONFIRM_AFTER = (0.0, 0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds before each further look for the effect of an accepted action. After the last it counts as not confirmed."""
_AT_ONCE = 0.03
"""Seconds in which a request is sent, and as a rule answered: drawing that it was asked for would hold it up."""
_LONGEST_LOOK = 15.0
"""Seconds that a look may take: the metrics that are asked for when it begins, and then its own status."""
_GIVEN_UP = "k6dash gave up waiting; it may have happened."


class Session:
    """All targets of one sitting."""

    def __init__(self, sources: Sequence[Source], clock: Clock) -> None:
        self.clock = clock
        self.sources = {source.target: source for source in sources}
        self.histories = {target: TargetHistory(target, clock.now()) for target in self.sources}
        self.listeners: list[Listener] = []
        self.note_listeners: list[NoteListener] = []
        self.on_change: list[Callable[[str], None]] = []
        """Called with the target after anything about it has changed."""
        self._recalls = {target: Recall(history) for target, history in self.histories.items()}
        self._decoders = {target: Decoder() for target in self.sources}
        self._waiting: dict[str, list[asyncio.Future[None]]] = {target: [] for target in self.sources}

    async def run(self) -> None:
        """Follow every source until it ends, or until cancelled."""
        async with asyncio.TaskGroup() as group:
            for source in self.sources.values():
                group.create_task(self._follow(source), name=f"follow {source.target}")

    async def _follow(self, source: Source) -> None:
        async for entry in source.readings():
            match entry:
                case Reading():
                    self.observe(entry)
                case Note():
                    self.recall(entry)

    async def aclose(self) -> None:
        """Let go of every target; the tests go on."""
        for source in self.sources.values():
            await source.aclose()

    def observe(self, reading: Reading) -> None:
        """Take in one reading."""
        for listener in self.listeners:
            listener(reading)
        history = self.histories[reading.target]
        run = history.run
        observation = self._decoders[reading.target].decode(reading)
        history.observe(observation)
        if reading.asking is not None:
            history.see_asking(reading.asking, reading.at)
        if not observation.is_look:
            # Half of what a stream sends says what the API says better: nobody has to draw for that.
            if observation.outcome != Snapshot() or reading.asking is not None:
                self._changed(reading.target)
            return
        if history.run is not run:
            self.sources[reading.target].forget()
        self._see_asking(reading.target, reading.at)
        waiting, self._waiting[reading.target] = self._waiting[reading.target], []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        self._changed(reading.target)

    def _see_asking(self, target: str, at: float) -> None:
        """Notice how the target is asked for its groups by now, and tell the listeners where that has changed."""
        asking = self.sources[target].groups_asking
        if asking is not None and self.histories[target].see_asking(asking, at):
            for listener in self.listeners:
                listener(Reading(target, at, asking=asking))

    def recall(self, note: Note) -> None:
        """Take in what the user did when the target was recorded."""
        self._tell(note)
        self._recalls[note.target].take(note)
        self._changed(note.target)

    def _tell(self, note: Note) -> None:
        for listener in self.note_listeners:
            listener(note)

    def _changed(self, target: str) -> None:
        for callback in self.on_change:
            callback(target)

    def want_groups(self, target: str) -> None:
        """Have the target asked for its groups and checks too, as far as that is safe."""
        self.sources[target].want_groups()
        self._see_asking(target, self.clock.now())
        self._changed(target)

    def mark(self, target: str, note: str = "", at: float | None = None) -> None:
        """Note that the user found a moment worth a mark: this one, or the one at which they began to say why."""
        history = self.histories[target]
        event = history.note(self.clock.now() if at is None else at, EventKind.MARK, note or "mark")
        if at is not None:
            event = dataclasses.replace(event, elapsed=history.run.value(*ELAPSED, at))
            history.revise(event)
        self._tell(Note(target, event))
        self._changed(target)

    def capability(self, target: str, verb: Verb) -> Capability:
        """Whether an action of this kind can work on the target now."""
        run = self.histories[target].run
        return self.sources[target].capability(verb, run.status, run.state())

    async def look_at_setup(self, target: str) -> Outage | None:
        """Have k6 give its setup data, which it is not asked for otherwise; what went wrong, if anything did."""
        log = self.histories[target].run.setup
        log.is_asking = True
        self._changed(target)
        try:
            reading = await self.sources[target].look_at_setup()
        finally:
            log.is_asking = False
        self.observe(reading)
        return reading.failure

    async def perform(self, target: str, action: Action) -> Outcome:
        """Hand an action to k6, look whether it happened, and note all of it as one event."""
        history = self.histories[target]
        source = self.sources[target]
        before = _describe(history)
        outcome = Outcome(action, Verdict.ASKED, before)
        capability = self.capability(target, action.verb)
        if capability.is_out:
            outcome = dataclasses.replace(outcome, verdict=Verdict.IMPOSSIBLE, explanation=capability.reason)
            self._note(history, outcome, None)
            return outcome
        run = history.run
        run.hear(outcome)
        event = self._note(history, outcome, None, is_told=False)
        telling = asyncio.get_running_loop().call_later(_AT_ONCE, self._changed, target)
        try:
            answer = await source.perform(action, run.status)
            telling.cancel()
            outcome = _answered(outcome, answer)
            run.hear(outcome)
            if outcome.verdict is Verdict.ACCEPTED:
                self._note(history, outcome, event)
                outcome = await self._confirm(history, run, source, outcome)
            else:
                source.poke()
        except asyncio.CancelledError:
            verdict = Verdict.UNCONFIRMED if outcome.verdict is Verdict.ACCEPTED else Verdict.UNANSWERED
            self._note(history, dataclasses.replace(outcome, verdict=verdict, explanation=_GIVEN_UP), event)
            raise
        finally:
            telling.cancel()
            if isinstance(action, Pause):
                run.statuses.is_pausing = False
        self._note(history, outcome, event)
        return outcome

    async def _confirm(self, history: TargetHistory, run: RunHistory, source: Source, outcome: Outcome) -> Outcome:
        """Look again until the effect of an accepted action shows, or it has had its chances."""
        if isinstance(outcome.action, RunSetup | SetSetup | RunTeardown):
            from dashboard.model.setup_effect import confirmed_on_setup

            failure = await self.look_at_setup(history.target)
            verdict, observed = confirmed_on_setup(outcome.action, run.setup.at(None), failure)
            return dataclasses.replace(outcome, verdict=verdict, observed=observed)
        for pause in _CONFIRM_AFTER:
            if pause:
                await self.clock.sleep(pause)
            await self._look_again(history.target, source)
            if _has_happened(outcome.action, run):
                return dataclasses.replace(outcome, verdict=Verdict.CONFIRMED, observed=_describe(history))
            later = takes_effect_later(outcome.action, run.status)
            if later and run.outage is None:
                return dataclasses.replace(outcome, verdict=Verdict.CONFIRMED, observed=later)
            if history.run is not run:
                break
        return dataclasses.replace(outcome, verdict=Verdict.UNCONFIRMED, observed=_describe(history))

    async def _look_again(self, target: str, source: Source) -> None:
        """Have the source look, and wait for what it sees; not for ever, since it may have ended."""
        seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[target].append(seen)
        source.poke()
        giving_up = asyncio.ensure_future(self.clock.sleep(_LONGEST_LOOK))
        try:
            await asyncio.wait((seen, giving_up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            seen.cancel()
            giving_up.cancel()
            await asyncio.gather(giving_up, return_exceptions=True)

    def _note(self, history: TargetHistory, outcome: Outcome, event: Event | None, *, is_told: bool = True) -> Event:
        title = f"{outcome.action} {outcome.verdict}"
        parts = [f"before: {outcome.before}"]
        if outcome.answer:
            parts.append(f"k6: {outcome.answer}")
        if outcome.explanation:
            parts.append(outcome.explanation)
        if outcome.observed:
            parts.append(f"then: {outcome.observed}")
        verdict = outcome.verdict
        if event is None:
            event = history.note(
                self.clock.now(),
                EventKind.ACTION,
                title,
                " · ".join(parts),
                is_bad=verdict.is_bad,
                is_open=verdict.is_open,
            )
        else:
            event = dataclasses.replace(
                event, title=title, detail=" · ".join(parts), is_bad=verdict.is_bad, is_open=verdict.is_open
            )
            history.revise(event)
        self._tell(Note(history.target, event, outcome))
        if is_told:
            self._changed(history.target)
        return event


def _answered(outcome: Outcome, answer: Answer) -> Outcome:
    return dataclasses.replace(
        outcome,
        verdict=answer.verdict,
        answer=answer.text,
        explanation=answer.explanation,
        took=answer.took,
    )


def _describe(history: TargetHistory) -> str:
    run = history.run
    state = run.state()
    if run.status is None or run.status.vus is None or state is State.UNREACHABLE:
        return str(state)
    return f"{state}, {run.status.vus}/{run.status.vus_max} VUs"


def _has_happened(action: Action, run: RunHistory) -> bool:
    """Whether what k6 was last seen to do is what ``action`` asked for."""
    if isinstance(action, Stop) and run.state().is_over:
        return True
    if run.status is None or (run.outage is not None and not isinstance(action, Stop)):
        return False
    return has_happened(action, run.status)
