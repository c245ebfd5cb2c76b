from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from dashboard.model.process import Local, Told
from dashboard.model.verdict import Cause, Evidence, Finding, Level, judge
from dashboard.view.verdict import headline, sentence

WELL = Evidence(told=Told.WHOLLY, is_at_work=True, cpu=0.96, cores=8.0, open_fds=120.0, max_fds=1024.0)


def said(**changes: Any) -> str:
    return headline(judge(dataclasses.replace(WELL, **changes)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Fine: k6 uses 0.96 of the 8 cores it may use (12%)."),
        (
            {"cpu": 0.99, "cores": 1.0, "machine_cores": 8.0},
            "Suspect: k6 uses 0.99 of the 1 core it may use (99%) of this machine's 8. It is saturated. "
            "What is measured may be the generator.",
        ),
        (
            {"cpu": 0.5, "cores": 1.0, "allowed_busy": 0.997},
            "Suspect: the 1 core k6 may use is 99.7% busy, and k6 gets 0.50 of it: others take the rest. "
            "What is measured may be the generator.",
        ),
        (
            {"open_fds": 900.0},
            "Near a limit: 900 of 1024 file descriptors are open (87.9%): without any left, requests fail.",
        ),
        (
            {"dropped": 20.0, "iterations": 60.0, "vus": 50.0, "vus_max": 50.0},
            "Suspect: 20/s iterations are dropped (25%): all 50 VUs are busy, and the load is less than planned.",
        ),
        ({"cpu": None}, "Measuring: a verdict needs two looks at the process, five seconds apart."),
        ({"is_at_work": False}, "Nothing to judge: no load is running."),
        (
            {"cpu": None, "told": Told.MEMORY_ALONE},
            "Cannot be known: k6 before 1.2 has no process metrics; Go's memory alone can be had.",
        ),
        (
            {"cpu": None, "told": Told.MEMORY_ALONE, "local": Local.NOT_OURS},
            "Cannot be known: k6 before 1.2 has no process metrics; Go's memory alone can be had. The process belongs "
            "to another user: as that user, k6dash would see it.",
        ),
        (
            {"cpu": None, "told": Told.NOT_AT_ALL},
            "Cannot be known: k6's own process metrics do not get through to here.",
        ),
    ],
)
def test_the_verdict_in_one_sentence(changes: dict[str, Any], words: str) -> None:
    assert said(**changes) == words


@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("level", [Level.TIGHT, Level.SUSPECT])
def test_every_finding_has_a_sentence_even_without_its_numbers(cause: Cause, level: Level) -> None:
    text = sentence(Finding(cause, level), Evidence(flat_at=1))
    assert text.endswith(".")
    assert "None" not in text
