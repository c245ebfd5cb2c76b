"""The numbers on the screen are those that k6's API gives, written as k6dash writes numbers."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from dashboard.view.chart import Unit
from dashboard.view.format import UNKNOWN, elapsed_text, full, quantity
from tests.e2e.command import OFTEN, Cockpit, open_cockpit
from tests.harness.k6 import K6Binary, RunningK6, start_k6
from tests.harness.waiting import PATIENCE, wait_until

Metrics = dict[str, dict[str, Any]]
Table = dict[str, list[str]]

MAIN = {"counter": "count", "gauge": "value", "rate": "rate", "trend": "avg"}
CUMULATIVE = "Σ"
SIGNS = {True: "✗", False: "✓", None: ""}
HAS_ENDED = 9
_TITLES = re.compile(r" METRIC\W")


def metrics_of(running: RunningK6) -> Metrics:
    """What k6 gives, by name."""
    listed: list[dict[str, Any]] = running.api("GET", "/v1/metrics").document["data"]
    return {entry["id"]: entry["attributes"] for entry in listed}


def unit_of(metric: dict[str, Any], statistic: str) -> Unit:
    is_data = metric["contains"] == "data"
    match metric["type"], statistic:
        case "rate", _:
            return Unit.RATIO
        case "counter", "rate":
            return Unit.BYTES_PER_SECOND if is_data else Unit.PER_SECOND
        case _:
            return Unit.BYTES if is_data else Unit.MILLISECONDS if metric["contains"] == "time" else Unit.NUMBER


def expected_table(metrics: Metrics) -> Table:
    """For each metric: threshold sign, type, the figure of the whole run, and a trend's statistics."""
    table: Table = {}
    for name, metric in metrics.items():
        sample, main = metric["sample"], MAIN[metric["type"]]
        sign = "" if metric["type"] == "gauge" else CUMULATIVE
        table[name] = [SIGNS[metric["tainted"]], metric["type"], sign + quantity(sample[main], unit_of(metric, main))]
        if metric["type"] == "trend":
            unit = unit_of(metric, main)
            table[name] += [quantity(sample[statistic], unit) for statistic in ("med", "p(90)", "p(95)", "max")]
    return table


def seen_table(cockpit: Cockpit) -> Table:
    """The same, off the metrics screen."""
    table: Table = {}
    parent = ""
    lines = iter(cockpit.terminal.lines())
    for line in lines:
        if _TITLES.match(line):
            break
    for line in lines:
        words = [word for word in line.split() if not re.fullmatch("[\u2800-\u28ff·]+", word)]
        if len(words) < 4 or words[0] == "1":
            break
        name = words.pop(0)
        if name.startswith("{"):
            name = parent + name
        else:
            parent = name
        sign = words.pop(0) if words[0] in SIGNS.values() else ""
        kind, _interval, *figures = words
        table[name] = [sign, kind, *figures]
    return table


def differences(seen: Table, expected: Table) -> str:
    names = sorted(seen.keys() | expected.keys())
    return "\n".join(
        f"{name}: on the screen {seen.get(name)}, in k6 {expected.get(name)}"
        for name in names
        if seen.get(name) != expected.get(name)
    )


def check_table(cockpit: Cockpit, running: RunningK6) -> None:
    """See that the metrics screen shows every metric of k6, with its numbers."""
    cockpit.press("2")
    cockpit.terminal.wait_for("METRIC")
    wait_until(
        lambda: seen_table(cockpit) == expected_table(metrics_of(running)),
        what="a screen that says what k6 says",
        seen=lambda: differences(seen_table(cockpit), expected_table(metrics_of(running))) + "\n" + cockpit.screen,
    )


def seen_statistics(cockpit: Cockpit) -> dict[str, str]:
    """What the view of one metric says of the whole run and of now."""
    rows = (
        re.fullmatch(r"\s*(\S+)\s+(\S.*?)\s+(cumulative|now|interval|estimated)\s*", line)
        for line in cockpit.terminal.lines()
    )
    return {row[1]: row[2] for row in rows if row is not None and row[3] in ("cumulative", "now")}


def first_row(cockpit: Cockpit) -> tuple[int, str]:
    """Where the first row of the list is, and which metric it is."""
    lines = cockpit.terminal.lines()
    y = next((y for y, line in enumerate(lines) if _TITLES.match(line)), -2) + 1
    return y, next(iter(lines[y].split()), "")


def check_metric(cockpit: Cockpit, running: RunningK6, name: str) -> None:
    """Open one metric, see that its statistics are k6's, and close it."""
    terminal = cockpit.terminal
    cockpit.press("2")
    terminal.wait_for("METRIC")
    cockpit.press("/")
    terminal.wait_for("!text excludes")
    terminal.type(name)
    terminal.wait_until(lambda _: first_row(cockpit)[1] == name, what=f"{name} as the first row")
    y, _ = first_row(cockpit)
    before = terminal.cell(1, y)
    cockpit.press("enter")
    terminal.wait_until(lambda _: terminal.cell(1, y) != before, what="the cursor in the list")
    cockpit.press("enter")
    cockpit.terminal.wait_for("STATISTIC")
    cockpit.terminal.wait_for(re.compile(rf"^ ?{re.escape(name)}  ", re.MULTILINE))

    def expected() -> dict[str, str]:
        metric = metrics_of(running)[name]
        return {statistic: full(value, unit_of(metric, statistic)) for statistic, value in metric["sample"].items()}

    wait_until(
        lambda: seen_statistics(cockpit) == expected(),
        what=f"statistics of {name} as k6 has them",
        seen=lambda: f"{seen_statistics(cockpit)}\n{expected()}\n{cockpit.screen}",
    )
    cockpit.press("escape")
    terminal.wait_gone("STATISTIC")
    cockpit.press("escape")
    terminal.wait_until(lambda _: first_row(cockpit)[1] != name, what="the whole list")


@contextmanager
def lingering(k6: K6Binary, script: str, env: dict[str, str]) -> Generator[tuple[RunningK6, Cockpit]]:
    """A run that has ended, whose numbers stand still, and a cockpit on it."""
    with start_k6(k6, script, "--linger", env=env) as running:
        running.wait_for_status(HAS_ENDED, timeout=2 * PATIENCE)
        with open_cockpit("--target", running.address, *OFTEN, columns=200, rows=60) as cockpit:
            cockpit.wait_state("ended")
            yield running, cockpit


def test_every_metric_of_a_run_that_has_ended(k6: K6Binary, target_server: str) -> None:
    with lingering(k6, "plain.js", {"TARGET": target_server, "DUR": "4s"}) as (running, cockpit):
        metrics = metrics_of(running)
        assert {metric["type"] for metric in metrics.values()} == set(MAIN)
        assert {metric["tainted"] for metric in metrics.values()} == {True, False, None}
        check_table(cockpit, running)
        for name in ("http_req_duration", "http_req_failed", "data_received", "my_time_gauge"):
            check_metric(cockpit, running, name)

        def crossed() -> str:
            return f"{sum(metric['tainted'] is True for metric in metrics_of(running).values())} thresholds crossed"

        cockpit.wait(lambda: crossed() in cockpit.screen, "as many crossed thresholds as k6 tells")


def test_every_metric_of_a_run_that_is_paused(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js") as running:
        wait_until(lambda: running.api("GET", "/v1/metrics/iterations").status == 200, what="an iteration")
        with open_cockpit("--target", running.address, *OFTEN, columns=160) as cockpit:
            cockpit.wait_state("running")
            cockpit.press("p")
            cockpit.wait_state("paused")
            check_table(cockpit, running)
            iterations = metrics_of(running)["iterations"]["sample"]
            assert cockpit.elapsed == elapsed_text(iterations["count"] / iterations["rate"])
            status = running.status()
            assert cockpit.vus == (status["vus"], status["vus-max"])
            for name in ("iteration_duration", "iterations", "vus_max"):
                check_metric(cockpit, running, name)
            cockpit.press("1")
            cockpit.terminal.wait_for(f"total {CUMULATIVE}{quantity(iterations['count'], Unit.NUMBER)}")


def test_the_clock_of_a_run_that_has_ended(k6: K6Binary) -> None:
    with lingering(k6, "setup_td.js", {"DUR": "2s"}) as (running, cockpit):
        sample = metrics_of(running)["iterations"]["sample"]
        cockpit.wait(
            lambda: cockpit.elapsed == elapsed_text(sample["count"] / sample["rate"]), "the clock at which it ended"
        )


def test_nothing_is_claimed_of_what_is_not_there(k6_v2: K6Binary) -> None:
    with (
        start_k6(k6_v2, "setup_td.js", "--paused") as running,
        open_cockpit("--target", running.address, *OFTEN) as cockpit,
    ):
        cockpit.wait_state("paused")
        cockpit.wait(lambda: cockpit.vus == (0, 1), "no VU of one")
        assert metrics_of(running).keys() <= {"vus", "vus_max"}
        row = next(line for line in cockpit.terminal.lines() if "Requests" in line)
        figures = cockpit.terminal.lines()[cockpit.terminal.lines().index(row) + 1]
        assert re.findall(r"▎ (\S+)", figures) == [UNKNOWN] * 4


@pytest.mark.parametrize("name", ["http_req_duration{status:200}", "my_trend{a:b,c:d}"])
def test_a_submetric(k6_v2: K6Binary, target_server: str, name: str) -> None:
    with lingering(k6_v2, "plain.js", {"TARGET": target_server, "DUR": "2s"}) as (running, cockpit):
        check_metric(cockpit, running, name)
