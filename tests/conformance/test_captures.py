"""Answers that were captured from k6 long before there was a simulation must be the simulation's too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.simulation.engine import Engine
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario_file import load_scenario
from tests.conformance.golden_answers import GOLDEN
from tests.conformance.targets import HERE, InProcess
from tests.conformance.wire import Answer, Case, normalised

FRAMINGS = {"content-length": "length", "until-close": "until close"}


def load(version: str) -> list[dict[str, Any]]:
    captures: list[dict[str, Any]] = json.loads((GOLDEN / f"captures-{version}.json").read_text(encoding="utf-8"))
    return captures


class Running(InProcess):
    """The simulation of what ran when the captures were taken, some seconds in."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        engine = Engine(load_scenario(str(HERE / "plain.toml")), profile, seed=3, clock=self.clock)
        self.app = create_app(engine)
        self.clock.set(self.clock.now() + 12)


def without_luck(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what luck decides: whether a threshold on failures was crossed."""
    text = json.dumps(answer)
    for name in ("http_req_failed", "checks{kind:strict}"):
        start = text.find(json.dumps(["id", name]))
        at = text.find('["tainted", ', start)
        if start >= 0:
            end = text.find("]", at)
            text = text[:at] + '["tainted", "luck"' + text[end:]
    kept: dict[str, Any] = json.loads(text)
    return kept


@pytest.mark.parametrize(("version", "profile"), [("v1.7.1", Profile.V1), ("v2.2.0", Profile.V2)])
def test_the_simulation_answers_as_was_captured(version: str, profile: Profile) -> None:
    different: list[str] = []
    # It was asked first, before the others changed the data.
    captures = sorted(load(version), key=lambda capture: capture["name"] != "setup-get")
    target = Running(profile)
    try:
        for capture in captures:
            request, response = capture["request"], capture["response"]
            body = request["body"].encode() if request["body"] is not None else None
            case = Case(capture["name"], request["method"], request["target"], body)
            if response["framing"] == "until-close" or case.target.startswith("http:"):
                continue  # what Go refuses before any handler is the wire's concern, see test_conformance
            if case.name == "patch-stopped-true":
                continue  # it ends the run
            captured = Answer(
                f"{response['http']} {response['status']} {response['reason']}",
                tuple((name, value) for name, value in response["headers"]),
                response["body"].encode(),
                FRAMINGS.get(str(response["framing"]), str(response["framing"])),
            )
            got, wanted = (without_luck(normalised(each, case)) for each in (target.ask(case), captured))
            for each in (got, wanted):
                each["headers"] = [pair for pair in each["headers"] if pair[0] != "Transfer-Encoding"]
            if got != wanted:
                different.append(f"{case.name}\n   k6 {wanted}\n  got {got}")
    finally:
        target.close()
    assert len(captures) > 140
    assert not different, "\n".join(different)
