"""What becomes of a k6 that k6dash has started, where things change while the question is open."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from dashboard.model.run_history import RunHistory
from dashboard.tui.cockpit import Cockpit
from dashboard.tui.leaving import Launched, Process


class Stage:
    """An app and a process that note what is wanted of them."""

    def __init__(self, *, can_stop: bool = True) -> None:
        self.wanted: list[str] = []
        self.answer: Callable[[str | None], None] = lambda _: None
        self.app = cast("Cockpit", self)
        self.leaving = Launched(cast("Process", SimpleNamespace(pid=7, interrupt=self.note("interrupt"))))
        self._can_stop = can_stop
        self.leave, self.show_summary = self.note("leave"), self.note("summary")

    def note(self, what: str) -> Callable[[], None]:
        return lambda: self.wanted.append(what)

    def stop_test(self) -> bool:
        self.wanted.append("stop")
        return self._can_stop

    def push_screen(self, _: object, answer: Callable[[str | None], None]) -> None:
        self.answer = answer

    def changed(self, *, is_final: bool = False, code: int | None = None) -> None:
        end = None if code is None else SimpleNamespace(code=code)
        run = SimpleNamespace(launched=SimpleNamespace(exit=end), status=SimpleNamespace(is_final=is_final))
        self.leaving.changed(self.app, cast("RunHistory", run))


@pytest.mark.parametrize(
    ("meanwhile", "wanted"),
    [
        pytest.param(None, ["stop"], id="nothing"),
        pytest.param((True, None), ["interrupt"], id="the test ended, k6 lingers"),
        pytest.param((True, 0), ["summary", "leave"], id="k6 ended"),
    ],
)
def test_the_answer_is_for_k6_as_it_is_then(meanwhile: tuple[bool, int | None] | None, wanted: list[str]) -> None:
    stage = Stage()
    stage.leaving.leave(stage.app)
    if meanwhile is not None:
        is_final, code = meanwhile
        stage.changed(is_final=is_final, code=code)
    stage.answer("stop")
    assert stage.wanted == wanted


@pytest.mark.parametrize(("can_stop", "wanted"), [(True, ["stop", "leave"]), (False, ["stop", "summary"])])
def test_a_stop_that_could_not_be_asked_for_does_not_close_the_cockpit_later(can_stop: bool, wanted: list[str]) -> None:
    stage = Stage(can_stop=can_stop)
    stage.leaving.leave(stage.app)
    stage.answer("stop")
    stage.changed(code=103)
    assert stage.wanted == wanted
