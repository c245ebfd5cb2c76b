"""The tiles of one moment: a number each, with what belongs beside it and how it came to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import CHECKS, ELAPSED
from dashboard.model.status_history import VUS, VUS_MAX
from dashboard.model.window import interval
from dashboard.view.chart import Kind, Role, Unit
from dashboard.view.frame import Number, Tile, Tone
from dashboard.view.lines import SPARK_BARS, bars
from dashboard.view.run_charts import MAIN_TRENDS, main_trend
from dashboard.view.units import kind_of, unit_of

if TYPE_CHECKING:
    from dashboard.view.ghost import Ghost


class Tiles:
    """Builds the tiles of one moment."""

    def __init__(
        self, run: RunHistory, at: float | None, end: float, width: float, follows: bool, ghost: Ghost | None
    ) -> None:
        self._run = run
        self._at = at
        self._end = end
        self._width = width
        self._follows = follows
        self._ghost = ghost

    def build(self) -> list[Tile]:
        """All tiles, in the order in which they are read."""
        run = self._run
        tainted = set(run.tainted(self._at))
        trend = main_trend(run, self._at)
        of_what = MAIN_TRENDS[trend]
        return [
            self._rate("Requests", "http_reqs", Role.RATE),
            self._tile(
                f"{of_what}, mean",
                trend,
                INTERVAL_MEAN if run.has(trend, INTERVAL_MEAN, self._at) else "avg",
                Role.AVG,
                (("avg", self._number(trend, "avg")), ("med", self._number(trend, "med"))),
            ),
            self._percentile(f"{of_what}, p(95)", trend, tone=Tone.BAD if trend in tainted else Tone.PLAIN),
            self._share("Failed", "http_req_failed", Role.FAILED, tainted, bad_above_zero=True),
            self._rate("Iterations", "iterations", Role.RATE),
            self._share("Checks", CHECKS, Role.PASSED, tainted, bad_above_zero=False),
            self._traffic(),
            self._vus(),
        ]

    def _number(self, name: str, statistic: str) -> Number:
        info = self._run.metrics.get(name)
        if info is None or self._at is None or info.since > self._at:
            # Of what is not there nothing is claimed, not even its kind.
            return Number(None, Unit.NUMBER, Kind.NOW)
        value = self._run.value(name, statistic, self._at)
        if not value and self._run.value(*ELAPSED, self._at) is None:
            # k6 lists what has a threshold before anything was counted, with zeros that measure nothing.
            return Number(None, unit_of(info, statistic), Kind.NOW)
        return Number(value, unit_of(info, statistic), kind_of(self._run, name, statistic, self._at))

    def _change(self, number: Number, name: str, statistic: str) -> str:
        return "" if self._ghost is None else self._ghost.beside(number, name, statistic, self._at)[1]

    def _bars(self, name: str, statistic: str) -> tuple[float, ...]:
        extract = self._run.extract(name, statistic, self._end - SPARK_BARS * self._width, self._end, SPARK_BARS)
        return bars(extract, self._end, self._width, SPARK_BARS, self._run.gaps)

    def _tile(
        self,
        title: str,
        name: str,
        statistic: str,
        role: Role,
        notes: tuple[tuple[str, Number], ...],
        tone: Tone = Tone.PLAIN,
    ) -> Tile:
        number = self._number(name, statistic)
        change = self._change(number, name, statistic)
        return Tile(title, number, notes, self._bars(name, statistic), role, tone, name, change)

    def _percentile(self, title: str, trend: str, tone: Tone) -> Tile:
        """The p(95) of the last period where k6's event stream gives it, else that of the whole run."""
        of_period = interval("p(95)")
        if self._run.has(trend, of_period, self._at):
            notes = (("p(99)", self._number(trend, interval("p(99)"))), ("all", self._number(trend, "p(95)")))
            return self._tile(title, trend, of_period, Role.P95, notes, tone)
        notes = (("p(90)", self._number(trend, "p(90)")), ("max", self._number(trend, "max")))
        return self._tile(title, trend, "p(95)", Role.P95, notes, tone)

    def _rate(self, title: str, name: str, role: Role) -> Tile:
        return self._tile(title, name, INTERVAL_RATE, role, (("total", self._number(name, "count")),))

    def _share(self, title: str, name: str, role: Role, tainted: set[str], *, bad_above_zero: bool) -> Tile:
        """A rate: its share in the last interval where that can be had, else its share since the start."""
        cumulative = self._number(name, "rate")
        statistic = INTERVAL_SHARE if self._run.has_share(name, self._at) else "rate"
        number = self._number(name, statistic)
        if name == CHECKS and number.value is None:
            # The groups, of which its interval share is made, are not asked any more, or no check has been made.
            statistic, number = "rate", cumulative
        notes = (("all", cumulative),) if statistic == INTERVAL_SHARE else ()
        tone = Tone.PLAIN
        if name in tainted:
            tone = Tone.BAD
        elif number.value is not None:
            hurt = number.value > 0 if bad_above_zero else number.value < 1
            tone = Tone.WARN if hurt else Tone.GOOD
        return self._tile(title, name, statistic, role, notes, tone)

    def _traffic(self) -> Tile:
        notes = (("sent", self._number("data_sent", INTERVAL_RATE)),)
        return self._tile("Received", "data_received", INTERVAL_RATE, Role.RECEIVED, notes)

    def _vus(self) -> Tile:
        run, at = self._run, self._at
        status = run.status if self._follows else None
        vus = float(status.vus) if status and status.vus is not None else (run.value(*VUS, at) if at else None)
        most = (
            float(status.vus_max)
            if status and status.vus_max is not None
            else (run.value(*VUS_MAX, at) if at else None)
        )
        notes = (("max", Number(most, Unit.NUMBER, Kind.NOW)),)
        number = Number(vus, Unit.NUMBER, Kind.NOW)
        change = self._change(number, *VUS)
        return Tile("VUs", number, notes, self._bars(*VUS), Role.VUS, Tone.PLAIN, "vus", change)
