"""From raw documents to what they say: the one decoder, for a live k6 and for a recording alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.api import decode, encode
from dashboard.errors import Undecodable
from dashboard.model.group import Group
from dashboard.model.metric import Metric
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.run import RunStatus
from dashboard.model.setup_data import SetupData
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_report import is_of_k6, process_report

if TYPE_CHECKING:
    from dashboard.beside import BesideDecoder

_OF_LOOKS: Final = ("/v1/", "/metrics", "/debug/", "machine:")
"""How the documents begin that come of looking at a k6, and never from beside its API."""


class Decoder:
    """Decodes the readings of one target, in their order: some of what comes beside the API needs what came before."""

    def __init__(self) -> None:
        self._beside: BesideDecoder | None = None

    def decode(self, reading: Reading) -> Observation:
        """What a reading says. What cannot be decoded is an outage, not an exception."""
        if reading.failure is None and any(not each.endpoint.startswith(_OF_LOOKS) for each in reading.documents):
            # All that reads k6's stream and log is loaded when the first of it comes.
            from dashboard.beside import BesideDecoder, is_beside

            if any(is_beside(document) for document in reading.documents):
                self._beside = self._beside or BesideDecoder()
                return Observation(reading.at, 0.0, 0, self._beside.decode(reading))
        return decode_reading(reading)


def decode_reading(reading: Reading) -> Observation:
    """Raw documents to an observation. An answer that cannot be decoded is an outage, not an exception."""
    asked = [document for document in reading.documents if is_of_k6(document)]
    took = max((document.took for document in asked if document.endpoint.startswith("/v1/")), default=0.0)
    if reading.failure is not None and reading.failure.endpoint == encode.SETUP:
        # The setup data are asked for by themselves: that k6 does not give them says nothing of the test.
        return Observation(reading.at, 0.0, 0, Snapshot(setup_failure=reading.failure.message))
    try:
        outcome: Snapshot | Outage = reading.failure or _snapshot(reading.documents)
    except Undecodable as error:
        outcome = Outage(OutageKind.UNDECODABLE, error.endpoint, str(error))
    return Observation(
        at=reading.at,
        round_trip=took,
        size=sum(len(document.body) for document in asked),
        outcome=outcome,
        requests=len(asked),
        asking=sum(document.took for document in asked),
        process=process_report(reading),
    )


def _snapshot(documents: tuple[Document, ...]) -> Snapshot | Outage:
    status: RunStatus | None = None
    listed: tuple[Metric, ...] | None = None
    single: list[Metric] = []
    poisoned: list[str] = []
    groups: tuple[Group, ...] | None = None
    setup: SetupData | None = None
    for document in documents:
        refusal = decode.refusal(document.endpoint, document.status_code, document.body)
        if document.endpoint == encode.STATUS:
            if refusal:
                return Outage(OutageKind.REJECTED, document.endpoint, str(refusal))
            status = decode.status(document.body)
        elif document.endpoint == encode.METRICS:
            if refusal and not decode.is_poisoned(refusal):
                return Outage(OutageKind.REJECTED, document.endpoint, str(refusal))
            if not refusal:
                listed = decode.metrics(document.body)
        elif document.endpoint == encode.SETUP and not refusal:
            setup = decode.setup_data(document.body)
        elif document.endpoint.startswith(encode.METRICS + "/"):
            if refusal is None:
                single.append(decode.metric(document.body))
            elif decode.is_poisoned(refusal):
                poisoned.append(decode.metric_id(document.endpoint))
        elif document.endpoint == encode.GROUPS and refusal is None:
            groups = decode.groups(document.body)
    if listed is not None or not (single or poisoned):
        return Snapshot(status, listed, groups=groups, setup=setup)
    one_by_one = tuple(sorted(single, key=lambda metric: metric.name))
    return Snapshot(status, one_by_one, coherent=False, poisoned=tuple(sorted(poisoned)), groups=groups, setup=setup)
