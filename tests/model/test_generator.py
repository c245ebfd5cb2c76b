from __future__ import annotations

from dashboard.model.generator import GeneratorHistory
from dashboard.model.process import Figure, Local, LocalReport, ProcessReport, Told
from tests.model.building import START, near


def report(at: float, told: Told = Told.WHOLLY, **figures: float) -> ProcessReport:
    return ProcessReport(START + at, {Figure[name.upper()]: value for name, value in figures.items()}, told)


def test_what_counts_up_becomes_what_a_second_brought() -> None:
    generator = GeneratorHistory()
    generator.add(report(0, cpu_seconds=10.0, gc_pause_seconds=0.5, gc_count=100, received=1e6), at_work=True)
    generator.add(report(5, cpu_seconds=14.0, gc_pause_seconds=0.6, gc_count=150, received=2e6), at_work=True)
    row = generator.last
    assert near(generator.value(Figure.CPU, row), 0.8)
    assert near(generator.value(Figure.GC_PAUSE_SHARE, row), 0.02)
    assert near(generator.value(Figure.GC_RATE, row), 10.0)
    assert near(generator.value(Figure.RECEIVE_RATE, row), 2e5)
    assert generator.value(Figure.CPU, START + 4) is None


def test_a_counter_that_falls_and_an_interval_too_short_say_nothing() -> None:
    generator = GeneratorHistory()
    generator.add(report(0, cpu_seconds=10.0), at_work=True)
    generator.add(report(0.1, cpu_seconds=10.1), at_work=True)
    assert generator.value(Figure.CPU, generator.last) is None
    generator.add(report(5, cpu_seconds=1.0), at_work=True)
    assert generator.value(Figure.CPU, generator.last) is None


def test_an_interval_in_which_the_load_did_not_run_throughout_is_not_of_it() -> None:
    generator = GeneratorHistory()
    generator.add(report(0, cpu_seconds=0.0), at_work=False)
    generator.add(report(5, cpu_seconds=10.0), at_work=True)
    assert generator.last_at_work is None
    assert generator.mean(Figure.CPU, START + 5, 10.0) is None
    generator.add(report(10, cpu_seconds=11.0), at_work=True)
    generator.add(report(15, cpu_seconds=13.0), at_work=True)
    assert near(generator.mean(Figure.CPU, START + 15, 10.0), 0.3)
    generator.add(report(20, cpu_seconds=23.0), at_work=False)
    assert generator.last_at_work == START + 15


def test_what_is_told_seldom_holds_until_it_is_told_anew() -> None:
    generator = GeneratorHistory()
    generator.add(report(0, cpu_seconds=1.0, gc_cpu_share=0.02), at_work=True)
    generator.add(report(5, cpu_seconds=2.0), at_work=True)
    assert generator.value(Figure.GC_CPU_SHARE, generator.last) == 0.02


def test_one_question_without_an_answer_does_not_undo_what_was_told() -> None:
    generator = GeneratorHistory()
    generator.add(report(0, cpu_seconds=1.0), at_work=True)
    generator.add(ProcessReport(START + 5, {}, Told.NOT_AT_ALL), at_work=True)
    assert generator.told is Told.WHOLLY


def local(at: float, pid: int, name: str, started: float) -> LocalReport:
    figures = {Figure.STARTED: started, Figure.CPU_SECONDS: at, Figure.ALLOWED_CORES: 1.0}
    return LocalReport(Local.FOUND, figures, pid, name)


def found(generator: GeneratorHistory) -> Local | None:
    return None if generator.local is None else generator.local.local


def test_a_tunnel_that_listens_in_k6s_place_is_told_from_k6_by_when_it_began() -> None:
    generator = GeneratorHistory()
    told = {Figure.STARTED: START - 60.0, Figure.CPU_SECONDS: 1.0}
    generator.add(ProcessReport(START, told, Told.WHOLLY, local=local(0, 7, "k6", START - 9000)), at_work=True)
    assert found(generator) is Local.IN_BETWEEN
    assert generator.value(Figure.ALLOWED_CORES, START) is None
    generator.add(ProcessReport(START + 5, told, Told.WHOLLY, local=local(0, 8, "my-load", START - 61)), at_work=True)
    assert found(generator) is Local.FOUND
    assert generator.value(Figure.ALLOWED_CORES, START + 5) == 1.0


def test_where_k6_does_not_tell_when_it_began_its_name_decides() -> None:
    for name, expected in (("k6", Local.FOUND), ("xk6-build", Local.FOUND), ("ssh", Local.IN_BETWEEN)):
        generator = GeneratorHistory()
        report = ProcessReport(START, {}, Told.MEMORY_ALONE, local=local(0, 7, name, START))
        generator.add(report, at_work=True)
        assert found(generator) is expected
