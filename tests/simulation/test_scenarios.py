"""Scenarios: the built-in ones, one of one's own, and complaints that name the line."""

# ruff: noqa: E501 - a table of files in one line each

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.clock import ManualClock
from dashboard.errors import UsageError
from dashboard.simulation.engine import Engine
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import BUILT_IN, SCENARIO_NAMES, Request
from dashboard.simulation.scenario_file import load_scenario

MINIMAL = "[[step]]\nthink = '1s'\n"


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_every_built_in_scenario_has_what_a_cockpit_shows(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.metrics
    assert scenario.thresholds
    assert scenario.setup is not None
    assert json.loads(scenario.setup.returns or "") != {}
    assert any(step.checks for step in scenario.steps if isinstance(step, Request))


def test_every_file_is_named_and_every_name_has_a_file() -> None:
    assert {path.stem for path in BUILT_IN.glob("*.toml")} == set(SCENARIO_NAMES)


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_some_thresholds_are_crossed_and_some_are_not(name: str) -> None:
    scenario = load_scenario(name)
    engine = Engine(scenario, Profile.V2, seed=1, clock=ManualClock())
    engine.advance_to(min(620.0, scenario.run.seconds - 1))
    assert 0 < engine.registry.crossed < len(scenario.thresholds)


def test_the_documented_example_runs_as_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text((BUILT_IN / "steady.toml").read_text(encoding="utf-8"), encoding="utf-8")
    mine, theirs = load_scenario(str(path)), load_scenario("steady")
    assert mine.name == "mine"
    assert (mine.run, mine.steps, mine.metrics) == (theirs.run, theirs.steps, theirs.metrics)
    engine = Engine(mine, Profile.V1, seed=1, clock=ManualClock())
    engine.advance_to(10.0)
    assert engine.status().vus == mine.run.vus


def test_a_minimal_file_runs(tmp_path: Path) -> None:
    path = tmp_path / "minimal.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    engine = Engine(load_scenario(str(path)), Profile.V2, seed=1, clock=ManualClock())
    engine.advance_to(5.0)
    assert "iterations" in engine.registry.observed
    assert "http_reqs" not in engine.registry.observed


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("title = 3\n" + MINIMAL, 1, "title is 3; it must be text in quotes"),
        ("\n[run]\nvus = -1\n" + MINIMAL, 3, "vus is -1; it must be a whole number, at least 0"),
        ("[run]\nduraton = '5s'\n" + MINIMAL, 2, "unknown key 'duraton'; did you mean 'duration'?"),
        ("[run]\nduration = '5 s'\n" + MINIMAL, 2, "'5 s' is not a duration"),
        ("[run]\nvus = 5\nmax_vus = 3\n" + MINIMAL, 3, "max_vus is 3; it must be at least 5"),
        ("[run]\nduration = '5s'\nstages = [{ duration = '1s', target = 3 }]\n" + MINIMAL, 2, "duration is given beside stages"),
        ("[run]\nstages = [{ duration = '1s', target = 'x' }]\n" + MINIMAL, 2, "target is 'x'"),
        ("[run]\nduration = 0\n" + MINIMAL, 2, "the run takes no time"),
        ("[system]\ncapacity = 0\n" + MINIMAL, 2, "capacity is 0; it must be at least 0.001"),
        ("[system]\nknee = 99\n" + MINIMAL, 2, "knee is 99; it must be from 1 to 32"),
        (MINIMAL + "[[step]]\nrequest = 'https://x/'\n", 4, "request must be a method and a URL"),
        (MINIMAL + "[[step]]\nthink = ['2s', '1s']\n", 4, "the shorter duration comes first"),
        (MINIMAL + "[[step]]\nthink = []\n", 4, "it must be one duration, or two in a list"),
        (MINIMAL + "[[step]]\nrequest = 'GET http://x/'\nmedian_ms = 'fast'\n", 5, "median_ms is 'fast'; it must be a number"),
        (MINIMAL + "[[step]]\nrequest = 'GET http://x/'\nprotocol = 'ftp'\n", 5, "it must be one of http, grpc, websocket, browser"),
        (MINIMAL + "[[step]]\nrequest = 'GET http://x/'\nchecks = [{ name = 'a::b' }]\n", 5, "must not be empty nor contain '::'"),
        (MINIMAL + "[[metric]]\nname = 'http_reqs'\n", 4, "none of k6's own"),
        (MINIMAL + "[[metric]]\nname = 'a b'\n", 4, "must be letters, digits and '_'"),
        (MINIMAL + "[[metric]]\nname = 'abc'\ncopies = 3\n", 4, "it needs '{}' where the number goes"),
        (MINIMAL + "[[metric]]\nname = 'abc'\ntype = 'sum'\n", 5, "it must be one of counter, gauge, rate, trend"),
        (MINIMAL + "[[metric]]\nname = 'abc'\nvalue = [3, 1]\n", 5, "the smaller number comes first"),
        (MINIMAL + "[[metric]]\nname = 'abc'\nvalue = nan\n", 5, "NaN is none"),
        (MINIMAL + "[thresholds]\nnope = 'rate>1'\n", 4, "metric 'nope' does not exist"),
        (MINIMAL + "[thresholds]\nhttp_reqs = 'p(95)<1'\n", 4, "a counter has no p(95); it has count, rate"),
        (MINIMAL + "[thresholds]\nhttp_reqs = 'rate is 3'\n", 4, "is not a threshold; write one like"),
        (MINIMAL + "[thresholds]\n\"checks{a:b\" = 'rate>1'\n", 4, "missing ending bracket"),
        (MINIMAL + "[thresholds]\nchecks = [3]\n", 4, "a threshold is text like"),
        (MINIMAL + "[setup]\njson = '{'\n", 4, "json is not JSON"),
        (MINIMAL + "[setup]\ndata = { at = 2020-01-01 }\n", 4, "which JSON has not"),
        ("steps = 3\n", 1, "no [[step]] takes any time"),
        ("step = 3\n", 1, "it must be a list of tables, each under [[step]]"),
        ("[run\n", 1, "not TOML"),
        ("a = 1\na = 2\n", 2, "not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_scenario(str(path))
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_deep_in_the_file_is_found(tmp_path: Path) -> None:
    text = (BUILT_IN / "steady.toml").read_text(encoding="utf-8").replace("spread = 0.5", 'spread = "wide"')
    line = next(number for number, each in enumerate(text.splitlines(), 1) if 'spread = "wide"' in each)
    path = tmp_path / "deep.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=rf":{line}: spread is 'wide'"):
        load_scenario(str(path))


@pytest.mark.parametrize("name", ["stedy", "", "no/such/file.toml", "/"])
def test_what_is_no_scenario_is_refused_with_what_would_be(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_scenario(name)
    assert "\n" not in str(caught.value)
