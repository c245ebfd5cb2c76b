"""Screen 4: is the machine that makes the load the bottleneck?"""

from __future__ import annotations

import pytest

from dashboard.model.process import Figure, Local, LocalReport, Neighbour
from dashboard.model.verdict import Level, gather, judge
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import SCENARIO_NAMES
from dashboard.sources import process_table
from dashboard.sources.base import Document
from dashboard.tui.widgets.figures import Figures
from dashboard.view.format import UNKNOWN
from tests.tui.cockpit import Cockpit, assemble, cockpit, observe
from tests.tui.times import START

BEFORE_1_2 = Document("/metrics", 200, b"ok", 0.001)


def told(**values: float) -> Document:
    body = "".join(f"{name} {value}\n" for name, value in values.items())
    return Document("/metrics", 200, body.encode(), 0.001)


def on_this_machine(name: str, *neighbours: Neighbour, **figures: float) -> Document:
    known = {Figure[key.upper()]: value for key, value in figures.items()}
    return process_table.write(LocalReport(Local.FOUND, known, 4711, name, neighbours), 0.001)


async def work(c: Cockpit, cpu: float, looks: int = 3, *, cores: float = 1.0, more: tuple[Document, ...] = ()) -> None:
    """Let k6 use that many cores from one look at its process to the next."""
    for _ in range(looks):
        elapsed = c.clock.now() + 5.0 - START
        document = told(process_cpu_seconds_total=c.clock.now() * cpu, go_sched_gomaxprocs_threads=cores)
        sample = {"count": round(20 * elapsed), "rate": 20.0}
        await c.give(metrics={"iterations": {"type": "counter", "sample": sample}}, seconds=5.0, more=(document, *more))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_verdict_comes_first_and_all_is_seen_at_once(size: tuple[int, int]) -> None:
    async with cockpit(polls=31, size=size) as c:
        await c.press("4")
        text = c.text
        assert text.index("Fine: k6 uses 0.02 of the 2 cores it may use") < text.index("k6 process · steady.js")
        for words in ("CPU", "memory", "goroutines", "open files", "of 20000", "GC pauses", "received", "VUs busy"):
            assert words in text, words
        for words in ("rate x mean", "dropped", "none so far", "Its machine", "Cost of looking", "requests"):
            assert words in text, words
        assert c.app.screen.query_one("#generator").max_scroll_y == 0


async def test_a_saturated_k6_is_called_suspect_on_every_screen_and_the_event_says_since_when() -> None:
    async with cockpit() as c:
        await work(c, 0.99)
        assert "! generator suspect" in c.header
        await c.press("2")
        assert "! generator suspect" in c.header
        await c.press("4")
        assert "✗ Suspect: k6 uses 0.99 of the 1 core it may use (99.0%). It is saturated." in c.text
        await c.press("5")
        assert "generator suspect" in c.text.split("WHAT")[1]
        await work(c, 0.1, 4)
        assert "generator" not in c.header


@pytest.mark.parametrize(
    ("width", "words"), [(120, "! generator suspect"), (80, "! generator"), (60, "!gen"), (48, "!gen")]
)
async def test_the_sign_is_never_left_out_beside_a_crossed_threshold(width: int, words: str) -> None:
    async with cockpit(size=(width, 24)) as c:
        await work(c, 0.99)
        checks = {"type": "rate", "tainted": True, "sample": {"rate": 0.5}}
        iterations = {"type": "counter", "sample": {"count": 320, "rate": 20.0}}
        await c.give({"tainted": True}, {"checks": checks, "iterations": iterations})
        first = c.header.splitlines()[0]
        assert words.replace(" ", "") in first.replace(" ", "")
        assert "✗ 1" in first


async def test_a_k6_before_1_2_is_said_to_be_one() -> None:
    async with cockpit() as c:
        variables = Document("/debug/vars/", 200, b'{"cmdline":["k6","x.js"],"memstats":{"HeapAlloc":5000000}}', 0.001)
        for _ in range(3):
            await c.give(seconds=5.0, more=(BEFORE_1_2, variables))
        await c.press("4")
        assert "? Cannot be known: k6 before 1.2 has no process metrics" in c.text
        assert "5MB" in c.text
        assert c.text.count(UNKNOWN) > 5
        assert "suspect" not in c.header


async def test_the_machine_of_a_k6_that_is_here() -> None:
    async with cockpit() as c:
        machine = on_this_machine(
            "k6",
            Neighbour(99, "node", 1.25),
            cores=8.0,
            allowed_cores=1.0,
            machine_busy=0.3,
            allowed_busy=1.0,
            steal=0.0,
        )
        await work(c, 0.4, cores=8.0, more=(machine,))
        await c.press("4")
        assert "Suspect: the 1 core k6 may use is 100% busy, and k6 gets 0.40 of it: others take the rest." in c.text
        for words in ("Its machine · k6, pid 4711", "bound to 1", "node", "1.25", "pid 99"):
            assert words in c.text, words


async def test_what_listens_in_k6s_place_is_named_and_nothing_is_taken_from_it() -> None:
    async with cockpit() as c:
        tunnel = on_this_machine("ssh", cores=8.0, allowed_busy=1.0, resident=123e6)
        await work(c, 0.4, cores=8.0, more=(tunnel,))
        await c.press("4")
        assert "Here listens ssh (pid 4711)" in c.text
        assert "123MB" not in c.text
        assert "Fine" in c.text


async def test_names_of_processes_and_scripts_do_no_harm() -> None:
    async with cockpit() as c:
        nasty = "k6[/b]\x1b[31m[bold]x"
        script = b'{"cmdline":["k6","[red]\\u001b[2J.js"],"memstats":{"HeapAlloc":1}}'
        more = (
            on_this_machine(nasty, Neighbour(1, nasty, 2.0), cores=2.0),
            Document("/debug/vars/", 200, script, 0.001),
        )
        await work(c, 0.4, more=more)
        await c.press("4")
        assert "k6[/b]␛[31m[bold]x, pid 4711" in c.text
        assert "[red]" in c.text
        assert "\x1b" not in c.text


async def test_what_was_not_told_anew_is_not_drawn_again() -> None:
    async with cockpit(polls=31) as c:
        await c.press("4")
        panel = c.app.screen.query_one("#figures-process", Figures)
        before = panel.frame
        await c.watch(4)
        assert panel.frame == before
        await c.watch(1)
        assert panel.frame != before


@pytest.mark.parametrize("scenario", SCENARIO_NAMES)
async def test_each_simulated_run_gets_the_verdict_that_its_title_promises(scenario: str) -> None:
    _, session, source, _ = assemble(scenario, profile=Profile.V2)
    await observe(session, source, polls=65, interval=3.0)
    verdict = judge(gather(session.histories["sim:test"].run, None))
    assert verdict.level is (Level.SUSPECT if scenario == "saturated" else Level.FINE)
    assert verdict.evidence.cores == (1.0 if scenario == "saturated" else 2.0)
    await source.aclose()


async def test_a_frozen_moment_shows_the_verdict_of_then() -> None:
    async with cockpit() as c:
        await work(c, 0.99)
        await c.press("4", "f")
        await work(c, 0.1, 4)
        assert "Suspect" in c.text
        assert "! generator suspect" in c.header
        await c.press("f")
        assert "Fine" in c.text
        assert "generator suspect" not in c.header
