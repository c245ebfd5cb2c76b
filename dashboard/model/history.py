"""Everything known of one target: its runs, one history each, and what happened in them.

Only the session writes here.
"""

from __future__ import annotations

from collections import deque

from dashboard.model.another_run import is_another
from dashboard.model.asking import Asked, Asking
from dashboard.model.cost import Costs
from dashboard.model.event import Event, EventKind
from dashboard.model.launched import Exit
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.model.series import ROWS
from dashboard.model.stream import StreamNews, StreamState
from dashboard.model.verdict import Cause, Level, gather, judge

MOST_EVENTS = 5000
_MOST_ASKINGS = 200
_UNWANTED = Asking()
MOST_RUNS = 8
MOST_NUMBERS = 4_000_000
"""Numbers held by all runs together, about 50 MB; where there are more, the oldest runs are given up."""


class TargetHistory:
    """Everything known of one target."""

    def __init__(self, target: str, first_seen: float, rows: int = ROWS, asking: Asking = _UNWANTED) -> None:
        """Nothing known yet.

        Args:
            target: Its address.
            first_seen: Since when it is looked at, in seconds since the Unix epoch.
            rows: Looks of a run that are kept as they were; older ones are folded.
            asking: Whether k6 is asked for its groups, until something else is said.
        """
        self.target = target
        self.first_seen = first_seen
        self.runs: deque[RunHistory] = deque(maxlen=MOST_RUNS)
        """Oldest first; the last one is the current run."""
        self._rows = rows
        self.runs.append(RunHistory(1, first_seen, rows))
        self.events: deque[Event] = deque(maxlen=MOST_EVENTS)
        """Oldest first."""
        self.looks = 0
        """How often the target was looked at."""
        self.last: Observation | None = None
        """The newest look, whatever it gave."""
        self.last_snapshot: Observation | None = None
        """The newest look that gave something."""
        self.round_trip: float | None = None
        """Seconds that the newest GET of the metrics took."""
        self._first_asking = asking
        self._askings: deque[tuple[float, Asking]] = deque(maxlen=_MOST_ASKINGS)
        """Whether k6 was asked for its groups from a moment on."""
        self.costs = Costs()
        """What looking has cost k6."""
        self._next_event = 1
        self.doubt: tuple[Cause, ...] = ()
        """For what the generator of the current run is suspect now, or was at its end."""
        self._noted_state: State | None = None
        self._noted_kinds: set[OutageKind] = set()

    @property
    def run(self) -> RunHistory:
        """The current run."""
        return self.runs[-1]

    @property
    def asking(self) -> Asking:
        """Whether k6 is asked for its groups now."""
        return self.asking_at(None)

    def asking_at(self, at: float | None) -> Asking:
        """Whether k6 was asked for its groups at a moment; now where it is None."""
        return next(
            (asking for since, asking in reversed(self._askings) if at is None or since <= at), self._first_asking
        )

    def observe(self, observation: Observation) -> None:
        """Take in one look, in the order of time, and note what changed by it."""
        if isinstance(observation.outcome, Snapshot) and observation.outcome.setup is not None:
            self.run.setup.add(observation.outcome.setup, observation.at)
        if isinstance(observation.outcome, Snapshot) and observation.outcome.setup_failure:
            self.run.setup.fail(observation.outcome.setup_failure, observation.at)
        if isinstance(observation.outcome, Snapshot) and not observation.outcome.is_look:
            if observation.outcome.stream is not None:
                self._note_stream(observation.outcome.stream, observation.at)
            self.run.add_beside(observation.outcome, observation.at)
            if observation.outcome.plan is not None:
                self._note_crossings(observation.at)
            news = observation.outcome.launched
            if news is not None and news.exit is not None:
                self._note_exit(news.exit, observation.at)
            return
        self.last = observation
        self.looks += 1
        match observation.outcome:
            case Outage() as outage:
                self.run.miss(outage, observation.at)
                if self.run.status is not None:
                    self._note_outage(outage, observation.at)
            case Snapshot() as snapshot:
                self._observe_snapshot(snapshot, observation)
        if not self.run.origin.is_file:
            self.costs.add(observation)
        if observation.process is not None:
            self.run.generator.add(observation.process, at_work=self.run.is_at_work)
            self._note_generator(observation.at)
        self._note_state(observation.at)

    def _observe_snapshot(self, snapshot: Snapshot, observation: Observation) -> None:
        at = observation.at
        self.last_snapshot = observation
        if snapshot.metrics is not None and not snapshot.origin.is_file:
            self.round_trip = observation.round_trip
        if is_another(self.run, snapshot, at):
            self._begin_run(at)
        elif self.run.outage is not None and self.run.status is not None:
            seconds = at - self.run.outage.start
            self.note(at, EventKind.OUTAGE, f"k6 is back after {seconds:.0f} s")
        self._noted_kinds.clear()
        run = self.run
        poisoned, was_coherent, tainted = run.poisoned, run.is_coherent, run.tainted()
        run.add(snapshot, at)
        if snapshot.metrics is not None:
            self._note_poison(poisoned, was_coherent, at)
            self._note_thresholds(tainted, at)
            self._note_crossings(at)

    def _begin_run(self, at: float) -> None:
        self.run.leave(at)
        self.runs.append(RunHistory(self.run.number + 1, at, self._rows))
        while len(self.runs) > 2 and sum(run.size for run in self.runs) > MOST_NUMBERS:
            self.runs.popleft()
        self._noted_state = None
        self.doubt = ()
        self.note(at, EventKind.RUN, f"run {self.run.number} begins", "Another run of k6 answers at this address.")

    def _note_outage(self, outage: Outage, at: float) -> None:
        """Note an outage, and once each other thing that is wrong while it lasts."""
        if outage.kind in self._noted_kinds:
            return
        self._noted_kinds.add(outage.kind)
        run = self.run
        if outage.kind is OutageKind.REFUSED and run.has_gone and run.launched is not None:
            # Its port closes just before its process ends, which tells how.
            return
        if outage.kind is OutageKind.REFUSED and run.status is not None and run.status.is_final:
            self.note(at, EventKind.OUTAGE, "k6 has gone", f"{outage.message}. The last data stays.")
        elif outage.kind is OutageKind.CLOSED:
            self.note(at, EventKind.OUTAGE, "the file ends", f"{outage.message}.")
        elif outage.kind is OutageKind.REFUSED and run.has_gone:
            how = (
                "It had been told to stop."
                if run.was_stopped
                else "k6 closes its port when a run is over and does not say how it ended; "
                "run it with --linger to keep the result readable."
            )
            self.note(at, EventKind.OUTAGE, "k6 has gone", f"{outage.message}. {how}")
        else:
            self.note(at, EventKind.OUTAGE, f"k6 {WHAT_IS_WRONG[outage.kind]}", outage.message, is_bad=True)

    def _note_poison(self, before: tuple[str, ...], was_coherent: bool, at: float) -> None:
        run = self.run
        for name in run.poisoned:
            if name not in before:
                self.note(
                    at,
                    EventKind.OUTAGE,
                    f"{name} is poisoned",
                    "A sample of it is infinite, and k6 can no longer give the list of metrics: they "
                    "are read one by one, so that numbers of one row may be of different moments.",
                    is_bad=True,
                )
        if was_coherent and not run.is_coherent and not run.poisoned:
            self.note(
                at,
                EventKind.OUTAGE,
                "a metric is poisoned",
                "A sample of some metric is infinite, and k6 cannot give the list of metrics. Which one it is cannot "
                "be known, nor the names of the script's own metrics: k6's own are read one by one.",
                is_bad=True,
            )
        elif run.is_coherent and not was_coherent:
            self.note(at, EventKind.OUTAGE, "the list of metrics is back", "No sample is infinite any more.")

    def _note_thresholds(self, before: tuple[str, ...], at: float) -> None:
        tainted = self.run.tainted()
        for name in tainted:
            if name not in before:
                self.note(at, EventKind.THRESHOLD, f"{name} crossed", "A threshold on it is crossed.", is_bad=True)
        for name in before:
            if name not in tainted:
                self.note(at, EventKind.THRESHOLD, f"{name} holds again", "No threshold on it is crossed now.")

    def _note_crossings(self, at: float) -> None:
        """Note each expression that fails for the first time, by its own numbers."""
        for judgement in self.run.judge_thresholds(at):
            planned = judgement.planned
            detail = judgement.why or f"It is {judgement.value:.6g}, {-(judgement.margin or 0.0):.6g} beyond the bound."
            if planned.abort_on_fail:
                detail += " It ends the test as soon as k6 finds it so"
                detail += f", after {planned.delay:g} s of it." if planned.delay else "."
            self.note(at, EventKind.THRESHOLD, f"{planned.metric} {planned.source} fails", detail, is_bad=True)

    def _note_generator(self, at: float) -> None:
        """Note when the generator becomes suspect, of what, and when no longer."""
        verdict = judge(gather(self.run, None))
        causes = tuple(finding.cause for finding in verdict.findings if finding.level is Level.SUSPECT)
        if not verdict.evidence.is_at_work:
            return
        before, self.doubt = self.doubt, causes
        if bool(causes) == bool(before):
            return
        if causes:
            about = ", ".join(causes)
            detail = (
                f"{about}: what is measured from here on may be the generator. The generator screen has the evidence."
            )
            self.note(at, EventKind.GENERATOR, "generator suspect", detail, is_bad=True)
        else:
            self.note(
                at, EventKind.GENERATOR, "generator well again", "Its numbers cast no doubt on the test any more."
            )

    def _note_stream(self, news: StreamNews, at: float) -> None:
        """Note what goes wrong with the event stream, and that it goes right again."""
        before = self.run.stream
        was_lost = before is not None and before.state in (StreamState.LOST, StreamState.ABSENT)
        match news.state:
            case StreamState.JOINED if was_lost:
                self.note(at, EventKind.OUTAGE, "the event stream is back", "What it had told meanwhile is there too.")
            case StreamState.LOST:
                detail = f"{news.why}. Until it is back there are no exact percentiles of each period."
                self.note(at, EventKind.OUTAGE, "the event stream is lost", detail, is_bad=True)
            case StreamState.ABSENT:
                self.note(at, EventKind.OUTAGE, f"no event stream at {news.where}", f"{news.why}.", is_bad=True)
            case StreamState.OTHER:
                title = "event stream is of another test"
                detail = f"At {news.where}: {news.why}. Nothing of it is shown."
                self.note(at, EventKind.OUTAGE, title, detail, is_bad=news.is_promised)
            case _:
                pass

    def _note_exit(self, end: Exit, at: float) -> None:
        self.note(at, EventKind.STATE, f"k6 ended with exit code {end.code}", end.meaning, is_bad=end.code != 0)
        self._note_state(at)

    def _note_state(self, at: float) -> None:
        state = self.run.state()
        if state is State.UNREACHABLE or state is self._noted_state:
            return
        detail = f"was {self._noted_state}" if self._noted_state is not None else "as first seen"
        self._noted_state = state
        self.note(at, EventKind.STATE, str(state), detail, is_bad=state is State.FAILED)

    def see_asking(self, asking: Asking, at: float) -> bool:
        """Take in whether k6 is asked for its groups, and note if it was and is no more; whether that is new."""
        before = self.asking
        if asking == before:
            return False
        if asking.asked is Asked.NO_MORE and before.asked is not Asked.NO_MORE:
            self.note(at, EventKind.OUTAGE, "groups are asked for no more", f"{asking.why}.", is_bad=True)
        self._askings.append((at, asking))
        return True

    def note(
        self,
        at: float,
        kind: EventKind,
        title: str,
        detail: str = "",
        *,
        is_bad: bool = False,
        is_open: bool = False,
    ) -> Event:
        """Add an event."""
        event = Event(self._next_event, at, self.run.elapsed, kind, title, detail, is_bad, is_open)
        self._next_event += 1
        self.events.append(event)
        return event

    def revise(self, event: Event) -> None:
        """Replace the event of the same id: more became known of it. One that was dropped stays dropped."""
        for index in range(len(self.events) - 1, -1, -1):
            if self.events[index].id == event.id:
                self.events[index] = event
                return


WHAT_IS_WRONG = {
    OutageKind.REFUSED: "does not listen",
    OutageKind.UNREACHABLE: "cannot be reached",
    OutageKind.TIMED_OUT: "does not answer",
    OutageKind.REJECTED: "refuses to answer",
    OutageKind.UNDECODABLE: "answers with something else",
    OutageKind.CLOSED: "wrote no more",
}
"""What is to be said after ``k6``."""
