"""The committed pictures show the dashboard as it is."""

from __future__ import annotations

import pytest

from dashboard.simulation.scenario import SCENARIO_NAMES
from tests.screenshots import SCREENSHOTS, SHOTS, draw

REAL = {"k6-v1", "k6-v2", "k6-v1-plan", "k6-v2-plan"}
"""Drawn from real k6s, with ``--k6``: no two runs are the same."""


def test_every_picture_is_one_that_is_drawn() -> None:
    assert {path.stem for path in SCREENSHOTS.glob("*.svg")} - REAL == SHOTS.keys()


def test_every_scenario_has_its_picture() -> None:
    assert {f"scenario-{name}" for name in SCENARIO_NAMES} <= SHOTS.keys()


@pytest.mark.parametrize("name", ["overview", "small", "events"])
async def test_a_picture_is_current(name: str) -> None:
    committed = (SCREENSHOTS / f"{name}.svg").read_text(encoding="utf-8")
    assert await draw(SHOTS[name]) == committed, "run poe screenshots, and look at what changed"
