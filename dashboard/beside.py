"""What comes beside k6's API, decoded: its event stream, and a process that k6dash has started.

The documents of a stream mean something only after those before them: so there is one decoder a target.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Final

from dashboard.api.events import ENDPOINT as EVENTS
from dashboard.api.events import EventDecoder
from dashboard.api.shape import is_list, is_object
from dashboard.launch.exit_codes import MARKED_AS_FAILED, STOPPED, WHOLE, explain
from dashboard.launch.inspect import decode_plan
from dashboard.launch.log_lines import LogDecoder
from dashboard.launch.output import Output
from dashboard.model.launched import Exit, Launch, ProcessNews
from dashboard.model.log import LogNews
from dashboard.model.observation import Snapshot
from dashboard.model.window import shifted
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import EXIT, LAUNCH, LOG, OUTPUT, PLAN, SKIPPED
from dashboard.sources.stream import NEWS, decode_news

_OF_PROCESS: Final = frozenset({EXIT, LAUNCH, LOG, OUTPUT, PLAN, SKIPPED})
_MOST_DIGITS: Final = 18


def is_beside(document: Document) -> bool:
    """Whether a document did not come from k6's API."""
    return document.endpoint in (EVENTS, NEWS) or document.endpoint in _OF_PROCESS


class BesideDecoder:
    """Decodes what comes beside the API of one target."""

    def __init__(self) -> None:
        self._events = EventDecoder()
        self._behind = 0.0
        self._output = Output()
        self._log = LogDecoder()

    def decode(self, reading: Reading) -> Snapshot:
        """What the documents of one reading say. Never raises for what k6 writes."""
        snapshot = Snapshot()
        news = ProcessNews()
        for document in reading.documents:
            match document.endpoint:
                case name if name == EVENTS:
                    told = self._events.decode(document.body)
                    snapshot = dataclasses.replace(
                        snapshot,
                        windows=snapshot.windows + shifted(told.windows, self._behind),
                        plan=told.plan or snapshot.plan,
                    )
                case name if name == NEWS:
                    news_of_stream = decode_news(document.body)
                    if news_of_stream is not None:
                        self._behind = news_of_stream.behind
                        snapshot = dataclasses.replace(snapshot, stream=news_of_stream)
                case name if name == PLAN:
                    snapshot = dataclasses.replace(snapshot, plan=decode_plan(document.body))
                case name if name in (LOG, SKIPPED):
                    snapshot = dataclasses.replace(snapshot, log=self._log_news(snapshot.log, document, reading.at))
                case _:
                    news = self._process_news(news, document, reading.at)
        return snapshot if news == ProcessNews() else dataclasses.replace(snapshot, launched=news)

    def _log_news(self, news: LogNews | None, document: Document, at: float) -> LogNews:
        news = news or LogNews()
        if document.endpoint == SKIPPED:
            told = document.body[:_MOST_DIGITS]
            return LogNews(news.lines, news.skipped + (int(told) if told.isdigit() else 0))
        return LogNews((*news.lines, *self._log.decode(document.body, at)), news.skipped)

    def _process_news(self, news: ProcessNews, document: Document, at: float) -> ProcessNews:
        match document.endpoint:
            case name if name == LAUNCH:
                return dataclasses.replace(news, launch=_launch(document.body))
            case name if name == OUTPUT:
                self._output.add(document.body)
                return dataclasses.replace(
                    news, progress=tuple(self._output.progress.values()), summary=self._output.text
                )
            case name if name == EXIT:
                code = _code(document.body)
                if code is None:
                    return news
                return dataclasses.replace(
                    news, exit=Exit(code, explain(code), code in STOPPED, code == MARKED_AS_FAILED, code in WHOLE)
                )
            case _:
                return news


def _launch(body: bytes) -> Launch | None:
    """How k6 was started; None where a file that tells of it is not whole."""
    try:
        about: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not is_object(about):
        return None
    words, pid = about.get("words"), about.get("pid")

    def text(name: str) -> str:
        value = about.get(name)
        return value if isinstance(value, str) else ""

    return Launch(
        words=tuple(word for word in words if isinstance(word, str)) if is_list(words) else (),
        pid=pid if isinstance(pid, int) else 0,
        address=text("address"),
        events=text("events"),
        output=text("output"),
        log=text("log"),
        log_output=text("log_output"),
    )


def _code(body: bytes) -> int | None:
    try:
        return int(body[:_MOST_DIGITS])
    except ValueError:
        return None
