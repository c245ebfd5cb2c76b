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

    def __init__(self, *, can_stop: bool = True, may_steer: bool = True) -> None:
        self.wanted: list[str] = []
        self.answer: Callable[[str | None], None] = lambda _: None
        self.app = cast("Cockpit", self)
        self.said: list[str] = []
        self.interrupts = 0
        self.leaving = Launched(cast("Process", self), may_steer=may_steer)
        self._can_stop = can_stop
        self.leave, self.show_summary = self.note("leave"), self.note("summary")

    pid = 7

    def interrupt(self) -> None:
        self.interrupts += 1
        self.wanted.append("interrupt")

    def notify(self, message: str, **_: object) -> None:
        self.said.append(message)

    def note(self, what: str) -> Callable[[], None]:
        return lambda: self.wanted.append(what)

    def stop_test(self) -> bool:
        self.wanted.append("stop")
        return self._can_stop

    def push_screen(self, _: object, answer: Callable[[str | None], None]) -> None:
        self.wanted.append("ask")
        self.answer = answer

    def changed(self, *, is_final: bool = False, code: int | None = None, has_answered: bool = True) -> None:
        end = None if code is None else SimpleNamespace(code=code)
        status = SimpleNamespace(is_final=is_final) if has_answered else None
        run = SimpleNamespace(launched=SimpleNamespace(exit=end), status=status)
        self.leaving.changed(self.app, cast("RunHistory", run))


@pytest.mark.parametrize(
    ("meanwhile", "wanted"),
    [
        pytest.param(None, ["ask", "stop"], id="nothing"),
        pytest.param((True, None), ["ask", "interrupt"], id="the test ended, k6 lingers"),
        pytest.param((True, 0), ["ask", "summary", "leave"], id="k6 ended"),
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


@pytest.mark.parametrize(
    ("can_stop", "wanted"), [(True, ["ask", "stop", "leave"]), (False, ["ask", "stop", "summary"])]
)
def test_a_stop_that_could_not_be_asked_for_does_not_close_the_cockpit_later(can_stop: bool, wanted: list[str]) -> None:
    stage = Stage(can_stop=can_stop)
    stage.leaving.leave(stage.app)
    stage.answer("stop")
    stage.changed(code=103)
    assert stage.wanted == wanted


def test_ctrl_c_is_k6s_each_time_and_it_is_said_what_it_does() -> None:
    stage = Stage()
    stage.leaving.interrupt(stage.app)
    stage.leaving.interrupt(stage.app)
    assert stage.wanted == ["interrupt", "interrupt"]
    assert "Ctrl-C again ends it at once" in stage.said[0]
    assert stage.said[1] == "k6 ends at once."
    stage.changed(code=105)
    stage.leaving.interrupt(stage.app)
    assert stage.wanted[2:] == ["summary", "leave"]


def test_ctrl_c_ends_a_k6_that_lingers() -> None:
    stage = Stage()
    stage.changed(is_final=True)
    stage.leaving.interrupt(stage.app)
    assert (stage.wanted, stage.said) == (["interrupt"], ["k6 lingers no longer."])


def test_a_k6_that_is_only_looked_at_is_not_interrupted_but_asked_about() -> None:
    stage = Stage(may_steer=False)
    stage.leaving.interrupt(stage.app)
    assert (stage.wanted, stage.said) == (["ask"], [])


def test_where_k6_never_answered_there_is_nothing_to_be_seen_at_its_end() -> None:
    stage = Stage()
    stage.changed(code=255, has_answered=False)
    assert stage.wanted == ["leave"]
