"""The format of a recording: what is in it, and each line of it. ``RECORDING.md`` tells it to people.

A recording is lines of JSON. What k6 answered stands in them as it came, byte by byte, so that whatever is derived from
it can be derived again. How the lines are kept in a file is the matter of :mod:`dashboard.sources.members`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from dashboard.api import encode
from dashboard.api.command_line import without_secrets
from dashboard.api.shape import is_object, number
from dashboard.launch.inspect import plan_without_secrets
from dashboard.model.action import Action, Outcome, Pause, Resume, RunSetup, RunTeardown, SetVUs, Stop, Verb, Verdict
from dashboard.model.asking import Asked, Asking
from dashboard.model.event import Event, EventKind
from dashboard.model.observation import Outage, OutageKind
from dashboard.quick import dataclass
from dashboard.sources.base import Document, Note, Reading
from dashboard.sources.process_documents import LAUNCH, PLAN

VERSION = 1
"""The newest version of the format; every older one is read for ever."""
_LATEST = 1e11
"""No recording is from after the year 5138: such a time is garbage."""
_JSON, _TEXT, _BASE64 = b',"json":', "text", "base64"


@dataclass(frozen=True, slots=True)
class Header:
    """The first line. There is nothing secret in it: neither headers nor command lines nor logins."""

    target: str
    """The address as k6dash shows it; untrusted text when it is read."""
    start: float
    """When the recording began, in seconds since the Unix epoch."""
    interval: float
    """Seconds between two looks, as the user wanted it."""
    by: str = ""
    """Who wrote it, such as ``k6dash 1.0.0``."""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class End:
    """The last line of a recording that was closed; one that was cut off has none."""

    at: float
    """Seconds since the Unix epoch."""
    reason: str
    """A few words, such as ``stopped``."""


Entry = Reading | Note | End


class MalformedLineError(ValueError):
    """A line is not one of a recording."""


# Writing


def header_lines(header: Header) -> bytes:
    """The first line."""
    return _line(
        {
            "k6dash": "recording",
            "version": header.version,
            "by": header.by,
            "target": header.target,
            "start": header.start,
            "interval": header.interval,
        }
    )


def entry_lines(entry: Entry) -> bytes:
    """The lines of one entry: of a reading, one for each document and then the one that completes it."""
    match entry:
        case Reading():
            failure = entry.failure
            last: dict[str, object] = {"reading": entry.at}
            if failure is not None:
                last["failure"] = {
                    "kind": str(failure.kind),
                    "endpoint": failure.endpoint,
                    "message": failure.message,
                }
            if entry.asking is not None:
                asking = entry.asking
                last["asking"] = {"asked": str(asking.asked), "why": asking.why, "every": asking.every}
            return b"".join((*(_document_line(document) for document in entry.documents), _line(last)))
        case Note():
            return _line(_note_document(entry))
        case End():
            return _line({"end": entry.at, "reason": entry.reason})


def _line(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"


def _document_line(document: Document) -> bytes:
    body = _without_secrets(document)
    head: dict[str, object] = {"get": document.endpoint, "status": document.status_code, "took": document.took}
    text = _text_of(body)
    if text is None:
        return _line({**head, _BASE64: base64.b64encode(body).decode("ascii")})
    if not _is_one_line_of_json(text):
        return _line({**head, _TEXT: text})
    return b"".join((_line(head)[:-2], _JSON, body, b"}\n"))


def _without_secrets(document: Document) -> bytes:
    """What is kept of an answer: all, but for what was typed for k6 and what its plan holds besides the plan."""
    if document.endpoint.startswith(encode.DEBUG_VARS.rstrip("/")):
        return without_secrets(document.body)
    if document.endpoint == LAUNCH:
        return without_secrets(document.body, "words")
    if document.endpoint == PLAN:
        return plan_without_secrets(document.body)
    return document.body


def _text_of(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_one_line_of_json(text: str) -> bool:
    """Whether ``text`` can stand in a line of JSON as it is. What only Python takes for JSON cannot."""
    if "\n" in text or "\r" in text:
        return False
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _note_document(note: Note) -> dict[str, object]:
    event, outcome = note.event, note.outcome
    document: dict[str, object] = {
        "event": {
            "id": event.id,
            "at": event.at,
            "elapsed": event.elapsed,
            "kind": str(event.kind),
            "title": event.title,
            "detail": event.detail,
            "is_bad": event.is_bad,
            "is_open": event.is_open,
        }
    }
    if outcome is not None:
        document["action"] = {"verb": str(outcome.action.verb)}
        if isinstance(outcome.action, SetVUs):
            document["action"] = {
                "verb": str(Verb.SET_VUS),
                "vus": outcome.action.vus,
                "vus_max": outcome.action.vus_max,
            }
        document["outcome"] = {
            "verdict": str(outcome.verdict),
            "before": outcome.before,
            "answer": outcome.answer,
            "explanation": outcome.explanation,
            "observed": outcome.observed,
            "took": outcome.took,
        }
    return document


# Reading


def read_header(line: bytes) -> Header:
    """Read the first line.

    Raises:
        MalformedLineError: it is not the first line of a recording.
    """
    document = _object(line)
    version, start, interval = document.get("version"), document.get("start"), document.get("interval")
    if document.get("k6dash") != "recording" or not isinstance(version, int):
        raise MalformedLineError("no header of a recording")
    return Header(
        target=_string(document.get("target")) or "?",
        start=_time(start),
        interval=number(interval) or 1.0,
        by=_string(document.get("by")),
        version=version,
    )


class EntryReader:
    """Puts the lines together again to entries."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._documents: list[Document] = []
        self.strange = 0
        """Lines of kinds that this version does not know; they have been left out."""

    def entries(self, lines: Iterator[bytes]) -> Iterator[Entry | None]:
        """The entries in ``lines``; None for each line that is none of a recording's."""
        for line in lines:
            try:
                entry = self._take(line)
            except MalformedLineError:
                yield None
            else:
                if entry is not None:
                    yield entry

    def forget(self) -> None:
        """Drop the documents of a reading whose end is missing."""
        self._documents.clear()

    def _take(self, line: bytes) -> Entry | None:
        head, is_verbatim, body = line.partition(_JSON)
        if is_verbatim and head.startswith(b'{"get":') and body.endswith(b"}"):
            # As this module writes it: the answer is cut out of the line, and not decoded and written anew.
            self._documents.append(_document(_object(head + b"}"), body[:-1]))
            return None
        document = _object(line)
        if "get" in document:
            self._documents.append(_document(document, _body(document)))
            return None
        if "reading" in document:
            documents, self._documents = tuple(self._documents), []
            failure, asking = _failure(document.get("failure")), _asking(document.get("asking"))
            return Reading(self._target, _time(document["reading"]), documents, failure, asking)
        if "event" in document:
            return Note(self._target, _event(document["event"]), _outcome(document))
        if "end" in document:
            return End(_time(document["end"]), _string(document.get("reason")))
        # A later version may add kinds of lines; what this one does not know it leaves out. Files that have been
        # joined have several headers.
        self.strange += "k6dash" not in document
        return None


def _object(line: bytes) -> dict[str, object]:
    try:
        document: object = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise MalformedLineError("no JSON") from None
    if not is_object(document):
        raise MalformedLineError("no object")
    return document


def _time(value: object) -> float:
    seconds = number(value)
    if seconds is None or not 0 <= seconds <= _LATEST:
        raise MalformedLineError(f"{value!r} is no time")
    return seconds


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _document(document: dict[str, object], body: bytes) -> Document:
    endpoint, status = document.get("get"), document.get("status")
    if not isinstance(endpoint, str) or not isinstance(status, int):
        raise MalformedLineError("no document")
    return Document(endpoint, status, body, number(document.get("took")) or 0.0)


def _body(document: dict[str, object]) -> bytes:
    """The answer in a line that has been written in another way than this module's."""
    if "json" in document:
        return json.dumps(document["json"], separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    encoded, text = document.get(_BASE64), document.get(_TEXT)
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(_string(encoded), validate=True)
    except ValueError:
        raise MalformedLineError("no base64") from None


def _failure(value: object) -> Outage | None:
    if not is_object(value):
        return None
    kinds = {str(kind): kind for kind in OutageKind}
    kind = kinds.get(_string(value.get("kind")), OutageKind.UNREACHABLE)
    return Outage(kind, _string(value.get("endpoint")), _string(value.get("message")))


def _asking(value: object) -> Asking | None:
    if not is_object(value):
        return None
    kinds = {str(kind): kind for kind in Asked}
    asked = kinds.get(_string(value.get("asked")))
    return None if asked is None else Asking(asked, _string(value.get("why")), number(value.get("every")) or 0.0)


def _event(value: object) -> Event:
    if not is_object(value) or not isinstance(value.get("id"), int):
        raise MalformedLineError("no event")
    kinds = {str(kind): kind for kind in EventKind}
    identity = value["id"]
    return Event(
        id=identity if isinstance(identity, int) else 0,
        at=_time(value.get("at")),
        elapsed=number(value.get("elapsed")),
        kind=kinds.get(_string(value.get("kind")), EventKind.MARK),
        title=_string(value.get("title")),
        detail=_string(value.get("detail")),
        is_bad=value.get("is_bad") is True,
        is_open=value.get("is_open") is True,
    )


def _outcome(document: dict[str, object]) -> Outcome | None:
    action, value = _action(document.get("action")), document.get("outcome")
    if action is None or not is_object(value):
        return None
    verdicts = {str(verdict): verdict for verdict in Verdict}
    verdict = verdicts.get(_string(value.get("verdict")))
    if verdict is None:
        return None
    return Outcome(
        action,
        verdict,
        _string(value.get("before")),
        _string(value.get("answer")),
        _string(value.get("explanation")),
        _string(value.get("observed")),
        number(value.get("took")),
    )


def _action(value: object) -> Action | None:
    if not is_object(value):
        return None
    match value.get("verb"), value.get("vus"), value.get("vus_max"):
        case Verb.PAUSE, _, _:
            return Pause()
        case Verb.RESUME, _, _:
            return Resume()
        case Verb.STOP, _, _:
            return Stop()
        case Verb.SET_VUS, int(vus), int() | None as vus_max:
            return SetVUs(vus, vus_max)
        case Verb.RUN_SETUP, _, _:
            return RunSetup()
        case Verb.RUN_TEARDOWN, _, _:
            return RunTeardown()
        case _:
            # Setup data that were put in place are not kept with the action: they may be secret.
            return None
