"""A running k6, looked at again and again over its REST API, and steered through it.

Looking has a price inside k6: each GET of the metrics sorts every trend that has grown, under the lock that the load
generator needs. So there is one GET of the status and one of the metrics an interval, never two at a time, and after
an answer the metrics rest at least twenty times as long as k6 lately needed for them. The groups, which are dangerous
to ask for, have a module of their own to say when.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from dashboard.api import decode, encode
from dashboard.clock import Clock
from dashboard.errors import ApiError, Rejected, TimedOut, Unreachable
from dashboard.model.action import Action, Pause, Resume, SetVUs, Stop, Verb, Verdict
from dashboard.model.asking import Asking
from dashboard.model.capability import Capability, Control, capability
from dashboard.model.metric import Metric
from dashboard.model.observation import Outage
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.sources.base import Answer, Document, Reading
from dashboard.sources.failure import outage, unanswered
from dashboard.sources.groups import GroupsCaution, GroupsPolicy
from dashboard.sources.process import NoProber, Prober, ProcessWatch

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.api.refusal import Refusal

STATUS_TIMEOUT = 2.0
"""k6 answers this within milliseconds whatever the load; more than this is an outage."""
METRICS_TIMEOUT = 10.0
"""k6 sorts millions of samples within this; a shorter wait would call a slow answer an outage."""
GROUPS_TIMEOUT = 5.0
PATCH_TIMEOUT = 10.0
PAUSE_TIMEOUT = 60.0
"""Pausing answers when the running iterations have finished."""
PATIENCE = 20.0
"""The metrics rest for this many times the time that k6 took for them."""
LONGEST_RETRY = 3.0
"""Seconds between tries while nobody answers; longer only where the interval is."""

# Asked for one by one when the list has been poisoned before it was first seen: k6's own metrics that carry the
# overview. The names of a script's own metrics cannot be known then.
BUILTIN_METRICS = (
    "checks",
    "data_received",
    "data_sent",
    "dropped_iterations",
    "http_req_blocked",
    "http_req_connecting",
    "http_req_duration",
    "http_req_duration{expected_response:true}",
    "http_req_failed",
    "http_req_receiving",
    "http_req_sending",
    "http_req_tls_handshaking",
    "http_req_waiting",
    "http_reqs",
    "iteration_duration",
    "iterations",
    "vus",
    "vus_max",
)


class LiveSource:
    """One k6 at one address."""

    def __init__(
        self,
        target: str,
        open_client: Callable[[], Awaitable[Client]],
        clock: Clock,
        interval: float = 1.0,
        groups: GroupsPolicy = GroupsPolicy.WANTED,
        prober: Prober | None = None,
    ) -> None:
        """Nothing is opened before the first reading.

        Args:
            target: The address as shown.
            open_client: Makes the client; awaited once, so that its imports can be kept off the first frame.
            clock: Where time comes from.
            interval: Seconds between two looks.
            groups: Whether k6 may be asked for its groups, which can crash it while never-seen names appear.
            prober: Knows the machine that k6 runs on; None where that is another one.
        """
        self.target = target
        self.interval = interval
        self.control = Control.UNKNOWN
        self._open_client = open_client
        self._clock = clock
        self._client: Client | None = None
        self._opening = asyncio.Lock()
        self._getting = asyncio.Lock()
        self._caution = GroupsCaution(groups)
        self._poke = asyncio.Event()
        self._known: tuple[str, ...] = ()
        self._rest_until = 0.0
        """Before this moment the metrics are not asked for."""
        self._cadence = interval
        self._lately: deque[float] = deque(maxlen=3)
        self._process = ProcessWatch(clock, prober or NoProber())

    @property
    def cadence(self) -> float:
        """Seconds between two looks at the metrics now."""
        return self._cadence

    def poke(self) -> None:
        """Look again at once. A look under way may be too early to show what just happened: one more follows."""
        self._poke.set()

    def forget(self) -> None:
        """Another k6 answers there now: what was learnt of the one before does not hold."""
        self.control = Control.UNKNOWN
        self._known = ()
        self._caution.forget()
        self._process.forget()

    @property
    def groups_asking(self) -> Asking:
        """Whether k6 is asked for its groups, and why not."""
        return self._caution.asking

    def want_groups(self) -> None:
        """Ask for the groups too, from now on and while it is safe."""
        self._caution.want()

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _connected(self) -> Client:
        async with self._opening:
            if self._client is None:
                self._client = await self._open_client()
            return self._client

    async def readings(self) -> AsyncIterator[Reading]:
        """Look at k6 for ever. A k6 that has gone is tried again until one answers."""
        client = await self._connected()
        due = self._clock.now()
        delay = self.interval
        while True:
            self._poke.clear()
            began = self._clock.now()
            # A look that somebody asked for in between is at the status alone, and the regular one still comes.
            reading = await self._look(client, regular=began >= due)
            yield reading
            now = self._clock.now()
            if reading.failure is not None:
                # A k6 that comes back must be seen soon; one that struggles must not be pressed.
                due = now + delay
                delay = min(delay * 2, max(self.interval, LONGEST_RETRY))
            else:
                delay = self.interval
                if began >= due:
                    # A k6 whose status takes longer than the interval is left alone for as long as it took; and after
                    # a late look the next one waits, since what happens in a moment says little about the test.
                    due = max(due + self.interval, now + max(reading.documents[0].took, self.interval / 2))
            await self._wait(due - now)

    async def _wait(self, seconds: float) -> None:
        """Wait until the next look is due, or somebody asks for one now."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        poked = asyncio.ensure_future(self._poke.wait())
        try:
            await asyncio.wait((sleeping, poked), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            poked.cancel()
            await asyncio.gather(sleeping, poked, return_exceptions=True)

    async def _look(self, client: Client, *, regular: bool) -> Reading:
        """Ask for the status, and for the metrics if it is their turn. Stops at the first thing that goes wrong."""
        documents: list[Document] = []
        try:
            documents.append(await self._get(client, encode.STATUS, STATUS_TIMEOUT))
            _accept(documents[-1])
            status = decode.status(documents[-1].body)
        except ApiError as error:
            # The status costs k6 nothing: without it all of k6 has stopped, and not its metrics alone.
            self._cadence, self._rest_until = self.interval, 0.0
            self._lately.clear()
            if isinstance(error, Unreachable) and error.refused:
                self.forget()
            return Reading(self.target, self._clock.now(), tuple(documents), outage(error))
        failure: Outage | None = None
        listed: tuple[Metric, ...] | None = None
        if regular:
            # Before the metrics: when k6 is too busy to give those, this tells why.
            documents += await self._process.look(partial(self._get, client))
        if regular and self._clock.now() >= self._rest_until:
            began = self._clock.now()
            try:
                listed = await self._get_metrics(client, documents)
            except ApiError as error:
                failure = outage(error)
            self._rest(self._clock.now() - began)
        self._caution.see(status, listed, self._clock.now())
        if regular and failure is None and self._caution.is_due(self._clock.now()):
            await self._get_groups(client, documents)
        return Reading(self.target, self._clock.now(), tuple(documents), failure)

    def _rest(self, took: float) -> None:
        """Leave the metrics alone for as long as it takes k6 to forget that they were asked for.

        The middle one of the last three answers counts: a single slow one is as often this machine's fault.
        """
        self._lately.append(took)
        rest = PATIENCE * sorted(self._lately)[(len(self._lately) - 1) // 2]
        if rest <= self.interval:
            # Each regular look asks for them, even one that comes a little early.
            self._cadence, self._rest_until = self.interval, 0.0
        else:
            self._cadence, self._rest_until = rest, self._clock.now() + rest

    async def _get_metrics(self, client: Client, documents: list[Document]) -> tuple[Metric, ...] | None:
        """Ask for the metrics, one by one where the list is poisoned; give the list where there is one."""
        listed = await self._get(client, encode.METRICS, METRICS_TIMEOUT)
        documents.append(listed)
        refusal = decode.refusal(listed.endpoint, listed.status_code, listed.body)
        if refusal is None:
            metrics = decode.metrics(listed.body)
            self._known = tuple(metric.name for metric in metrics) or self._known
            return metrics
        if not decode.is_poisoned(refusal):
            raise refusal
        for name in dict.fromkeys((*self._known, *BUILTIN_METRICS)):
            document = await self._get(client, encode.metric_path(name), METRICS_TIMEOUT)
            documents.append(document)
        return None

    async def _get_groups(self, client: Client, documents: list[Document]) -> None:
        """Ask for the groups. That they cannot be had is no outage: the rest of the look is good."""
        try:
            document = await self._get(client, encode.GROUPS, GROUPS_TIMEOUT)
            _accept(document)
            groups = decode.groups(document.body)
        except ApiError as error:
            broke_off = isinstance(error, Unreachable) and not isinstance(error, TimedOut) and not error.refused
            self._caution.fail(str(error), self._clock.now(), broke_off=broke_off)
            return
        documents.append(document)
        self._caution.take_in(groups, len(document.body), document.took, self._clock.now())

    async def _get(self, client: Client, endpoint: str, timeout: float) -> Document:
        """Ask k6 something, after whatever it is being asked already: nothing overlaps but a PATCH."""
        async with self._getting:
            answer = await client.fetch("GET", endpoint, timeout=timeout)
        return Document(endpoint, answer.status_code, answer.body, answer.took)

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """Whether an action of this kind can work now, as far as is known without asking k6."""
        return capability(verb, self.control, status, state)

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Hand an action to k6. What this k6 can do is asked first where it is not known, and only then."""
        client = await self._connected()
        match action:
            case Pause():
                unable = await self._unable(client, action, status)
                return unable or await self._patch(client, action, encode.pause_body(), PAUSE_TIMEOUT)
            case SetVUs(vus, vus_max):
                unable = await self._unable(client, action, status)
                return unable or await self._patch(client, action, encode.vus_body(vus, vus_max), PATCH_TIMEOUT)
            case Resume():
                return await self._patch(client, action, encode.resume_body(), PATCH_TIMEOUT)
            case Stop():
                return await self._patch(client, action, encode.stop_body(), PATCH_TIMEOUT)
            case _:
                from dashboard.sources.setup import perform_on_setup

                return await perform_on_setup(client, self._clock, action)

    async def look_at_setup(self) -> Reading:
        """Look at the setup data alone, now. It costs k6 nothing."""
        from dashboard.sources.setup import look_at_setup

        return await look_at_setup(await self._connected(), self._clock, self.target)

    async def _unable(self, client: Client, action: Action, status: RunStatus | None) -> Answer | None:
        """Why ``action`` cannot work; None where it can, or may.

        The state is read anew: the test may have ended since the last look, and then k6 would never answer.
        """
        began = self._clock.now()
        try:
            document = await self._get(client, encode.STATUS, STATUS_TIMEOUT)
            _accept(document)
            status = decode.status(document.body)
        except Rejected as error:
            return Answer(Verdict.REFUSED, error.detail or error.title, took=self._clock.now() - began)
        except ApiError as error:
            return Answer(Verdict.IMPOSSIBLE, explanation=f"{error}, so it was not sent.")
        try:
            answer = await self.learn(client, status)
        except ApiError as error:
            return unanswered(error, self._clock.now() - began)
        known = capability(action.verb, self.control, status, status.state)
        if known.is_out:
            return Answer(Verdict.IMPOSSIBLE, answer, known.reason)
        return None

    async def learn(self, client: Client, status: RunStatus) -> str:
        """Ask k6 what it can do by a wish that no k6 grants, where that is not known; its words, if it was asked.

        A test that waits at its start is not asked, and neither is one that is over.

        Raises:
            Unreachable: no answer came.
            Undecodable: the answer is not k6's.
        """
        if self.control is not Control.UNKNOWN or status.is_final or _is_at_gate(status):
            return ""
        try:
            await client.patch_status(encode.probe_body(), timeout=PATCH_TIMEOUT)
        except Rejected as error:
            from dashboard.api.refusal import classify

            self._note_refusal(classify(error).refusal)
            return error.detail or error.title
        return ""

    def _note_refusal(self, refusal: Refusal) -> None:
        from dashboard.api.refusal import Refusal

        match refusal:
            case Refusal.V2_NO_LIVE_VUS:
                self.control = Control.NONE_V2
            case Refusal.NEEDS_EXTERNALLY_CONTROLLED:
                self.control = Control.NONE_V1
            case Refusal.NEGATIVE_VUS | Refusal.TOO_MANY_VUS | Refusal.MAX_TOO_LOW:
                self.control = Control.EXTERNAL
            case _:
                pass

    async def _patch(self, client: Client, action: Action, body: encode.PatchBody, timeout: float) -> Answer:
        began = self._clock.now()
        try:
            await client.patch_status(body, timeout=timeout)
        except Rejected as error:
            from dashboard.api.refusal import Refusal, classify

            why = classify(error)
            self._note_refusal(why.refusal)
            explanation = why.explanation
            if isinstance(action, Pause) and why.refusal is Refusal.NO_PAUSE_AFTER_START:
                explanation = await self._undo_half_a_pause(client, explanation)
            return Answer(Verdict.REFUSED, error.detail or error.title, explanation, self._clock.now() - began)
        except ApiError as error:
            return unanswered(error, self._clock.now() - began)
        if isinstance(action, SetVUs):
            self.control = Control.EXTERNAL
        return Answer(Verdict.ACCEPTED, took=self._clock.now() - began)

    async def _undo_half_a_pause(self, client: Client, explanation: str) -> str:
        """Resume after a refused pause: k6 v1 pauses an externally-controlled executor even as it refuses.

        In a test with several executors the refusal comes from another one, and ``paused`` stays false while part
        of the load has stopped. The resume is refused with the same words, and undoes it.
        """
        if self.control is not Control.EXTERNAL:
            return explanation
        try:
            await client.patch_status(encode.resume_body(), timeout=PATCH_TIMEOUT)
        except Rejected:
            pass
        except ApiError as error:
            return f"{explanation} Part of the load may stand still now: {error}"
        return f"{explanation} What k6 had paused of it goes on again."


def _accept(document: Document) -> None:
    """Raise the refusal that ``document`` is, if it is one."""
    refusal = decode.refusal(document.endpoint, document.status_code, document.body)
    if refusal is not None:
        raise refusal


def _is_at_gate(status: RunStatus) -> bool:
    """Whether the test waits before its start. It is asked nothing then but what the user asked for."""
    return status.status == ExecutionStatus.PAUSED_BEFORE_RUN
