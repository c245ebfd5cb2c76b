from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from dashboard.model.event import EventKind
from dashboard.model.observation import Observation, Snapshot
from dashboard.model.process import Figure, Local, ProcessReport, Told
from dashboard.model.verdict import Cause, Evidence, Level, gather, judge
from tests.model.building import Story, at_work, counter, near, trend

WELL = Evidence(
    told=Told.WHOLLY,
    is_at_work=True,
    cpu=0.96,
    cores=8.0,
    open_fds=120.0,
    max_fds=1024.0,
    gc_pauses=0.001,
    gc_cpu=0.01,
    resident=1e8,
    vus=10.0,
    vus_max=10.0,
    iterations=50.0,
)


@pytest.mark.parametrize(
    ("changes", "cause", "level"),
    [
        ({"cpu": 0.99, "cores": 1.0}, Cause.CPU, Level.SUSPECT),
        ({"cpu": 7.3}, Cause.CPU, Level.SUSPECT),
        ({"cpu": 6.5}, Cause.CPU, Level.TIGHT),
        ({"cpu": 0.55, "cores": 1.0, "allowed_busy": 1.0}, Cause.STARVED, Level.SUSPECT),
        ({"cpu": 0.1, "cores": 1.0, "allowed_busy": 0.99}, Cause.STARVED, Level.TIGHT),
        ({"cpu": 1.0, "flat_at": 1}, Cause.FLAT_CPU, Level.TIGHT),
        ({"open_fds": 980.0}, Cause.FDS, Level.SUSPECT),
        ({"open_fds": 900.0}, Cause.FDS, Level.TIGHT),
        ({"gc_pauses": 0.12}, Cause.GC_PAUSES, Level.SUSPECT),
        ({"gc_pauses": 0.03}, Cause.GC_PAUSES, Level.TIGHT),
        ({"gc_cpu": 0.4}, Cause.GC_CPU, Level.TIGHT),
        ({"memory_limit": 1.04e8}, Cause.MEMORY, Level.SUSPECT),
        ({"memory_limit": 1.1e8}, Cause.MEMORY, Level.TIGHT),
        ({"memory_total": 1e10, "memory_available": 1e8}, Cause.MACHINE_MEMORY, Level.SUSPECT),
        ({"growth": 1e6, "memory_available": 6e8}, Cause.GROWTH, Level.TIGHT),
        ({"dropped": 5.0}, Cause.DROPPED, Level.SUSPECT),
        ({"dropped": 0.1}, Cause.DROPPED, Level.TIGHT),
        ({"steal": 0.2}, Cause.STEAL, Level.SUSPECT),
        ({"steal": 0.05}, Cause.STEAL, Level.TIGHT),
    ],
)
def test_each_thing_that_gives_out_is_found(changes: dict[str, Any], cause: Cause, level: Level) -> None:
    verdict = judge(dataclasses.replace(WELL, **changes))
    assert verdict.level is level
    assert [(finding.cause, finding.level) for finding in verdict.findings] == [(cause, level)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cpu": 0.01, "cores": 1.0, "allowed_busy": 1.0},  # idle on a machine that others keep busy
        {"cpu": 0.5, "cores": 1.0, "allowed_busy": 0.6},
        {"vus": 1.0, "vus_max": 1.0, "busy_vus": 1.0},  # a closed model keeps all its VUs busy
        {"dropped": 0.0},
        {"memory_total": 1.6e10, "memory_available": 2.4e9},  # a desktop with a browser
        {"growth": 1e4, "memory_available": 1e10},
        {"growth": 1e9},  # towards no limit that is known
        {"steal": 0.0},
        {"max_fds": None},
    ],
    ids=repr,
)
def test_nothing_is_alarmed_at_that_cannot_hurt(changes: dict[str, Any]) -> None:
    assert judge(dataclasses.replace(WELL, **changes)).level is Level.FINE


def test_no_clean_bill_without_the_cpu_and_no_verdict_without_load() -> None:
    blind = dataclasses.replace(WELL, cpu=None, told=Told.MEMORY_ALONE)
    assert judge(blind).level is Level.UNKNOWN
    assert judge(dataclasses.replace(blind, local=Local.FOUND)).level is Level.NOTHING_TO_JUDGE
    assert judge(dataclasses.replace(blind, dropped=9.0)).level is Level.SUSPECT
    assert judge(dataclasses.replace(WELL, cpu=None)).level is Level.NOTHING_TO_JUDGE
    assert judge(dataclasses.replace(WELL, cpu=8.0, is_at_work=False)).level is Level.NOTHING_TO_JUDGE


@pytest.mark.parametrize(
    ("vus", "busy", "vus_max", "all_busy"),
    [
        (5, None, 5, True),
        (4, 4.9, 5, True),
        (4, 2.0, 5, False),
        (4, None, 5, False),
        (None, 9.5, 10, True),
        (0, 0.0, 0, False),
        (3, 3.0, None, False),
    ],
)
def test_a_vu_between_two_iterations_is_not_one_to_spare(
    vus: float | None, busy: float | None, vus_max: float | None, all_busy: bool
) -> None:
    assert Evidence(vus=vus, busy_vus=busy, vus_max=vus_max).are_all_vus_busy is all_busy


def test_the_gravest_finding_comes_first() -> None:
    verdict = judge(dataclasses.replace(WELL, cpu=6.6, open_fds=1020.0, gc_cpu=0.3))
    assert [finding.cause for finding in verdict.findings] == [Cause.FDS, Cause.CPU, Cause.GC_CPU]


class Watched(Story):
    """A story in which k6 also tells of its process."""

    def __init__(self, cores: float = 1.0) -> None:
        super().__init__()
        self.cores = cores
        self.cpu = 0.0
        self.elapsed = 0.0
        self.iterations = 0.0
        self.dropped = 0.0

    def work(self, cpu: float, seconds: float = 5.0, *, status: int = 7, dropped: float = 0.0, **more: float) -> None:
        """That many cores were in use for so long; what is given besides k6 tells now."""
        self.now += seconds
        self.elapsed += seconds
        self.cpu += cpu * seconds
        self.iterations += 10 * seconds
        self.dropped += dropped * seconds
        metrics = [counter("iterations", self.iterations, self.elapsed), trend("iteration_duration", 400.0)]
        if self.dropped:
            metrics.append(counter("dropped_iterations", self.dropped, self.elapsed))
        figures = {Figure.CPU_SECONDS: self.cpu, Figure.MAX_PROCS: self.cores}
        figures |= {Figure[name.upper()]: value for name, value in more.items()}
        report = ProcessReport(self.now, figures, Told.WHOLLY)
        snapshot = Snapshot(at_work(status), tuple(sorted(metrics, key=lambda metric: metric.name)))
        self.history.observe(Observation(self.now, 0.001, 1000, snapshot, process=report))

    @property
    def causes(self) -> list[Cause]:
        return [finding.cause for finding in judge(gather(self.run, None)).findings]


def test_a_saturated_core_is_found_with_the_second_look_at_the_process() -> None:
    story = Watched()
    story.work(1.0)
    assert judge(gather(story.run, None)).level is Level.NOTHING_TO_JUDGE
    story.work(0.97)
    assert judge(gather(story.run, None)).is_suspect
    assert [e.title for e in story.history.events if e.kind is EventKind.GENERATOR] == ["generator suspect"]


def test_one_busy_moment_is_no_verdict_and_what_the_start_used_is_nobodys_fault() -> None:
    story = Watched()
    story.work(1.0, status=1)
    story.work(1.0)
    assert judge(gather(story.run, None)).evidence.cpu is None
    story.work(0.1)
    story.work(1.0)
    assert story.causes == []
    assert judge(gather(story.run, None)).level is Level.FINE


def test_the_event_of_a_generator_that_is_well_again() -> None:
    story = Watched()
    for cpu in (1.0, 1.0, 1.0, 0.1, 0.1, 0.1):
        story.work(cpu)
    titles = [event.title for event in story.history.events if event.kind is EventKind.GENERATOR]
    assert titles == ["generator suspect", "generator well again"]


def test_a_moment_of_the_past_has_the_verdict_of_then() -> None:
    story = Watched()
    for cpu in (0.1, 0.1, 0.1):
        story.work(cpu)
    then = story.now
    for cpu in (1.0, 1.0, 1.0):
        story.work(cpu)
    assert judge(gather(story.run, then)).level is Level.FINE
    assert judge(gather(story.run, None)).is_suspect


def test_a_run_that_is_over_keeps_its_last_verdict_and_a_paused_one_has_none() -> None:
    story = Watched()
    for _ in range(3):
        story.work(1.0)
    story.work(0.0, status=9)
    assert judge(gather(story.run, None)).is_suspect
    paused = Watched()
    paused.work(1.0)
    paused.work(1.0)
    paused.see(None, at_work(paused=True))
    assert judge(gather(paused.run, None)).level is Level.NOTHING_TO_JUDGE


def test_busy_vus_by_littles_law_and_dropped_iterations_by_the_window() -> None:
    story = Watched(cores=8.0)
    for _ in range(3):
        story.work(0.5)
    evidence = gather(story.run, None)
    assert near(evidence.busy_vus, 4.0)
    assert evidence.dropped is None
    for _ in range(3):
        story.work(0.5, dropped=30.0)
    assert story.causes == [Cause.DROPPED]
    assert near(judge(gather(story.run, None)).evidence.dropped_share, 0.75)


def test_cpu_that_stands_at_one_core_of_many_is_a_limit_nobody_told_of() -> None:
    story = Watched(cores=8.0)
    for cpu in (0.99, 1.0, 1.01, 0.99):
        story.work(cpu)
    assert story.causes == []
    story.work(1.0)
    assert story.causes == [Cause.FLAT_CPU]
    story.work(1.4)
    assert story.causes == []


def test_memory_that_breathes_does_not_grow() -> None:
    growing, breathing = Watched(8.0), Watched(8.0)
    for step in range(40):
        growing.work(0.1, resident=1e8 + 4e6 * step, memory_limit=5e8)
        breathing.work(0.1, resident=1e8 + 1e7 * (step % 5), memory_limit=5e8)
    assert growing.causes == [Cause.GROWTH]
    assert breathing.causes == []
    assert near(gather(growing.run, None).growth, 8e5)
