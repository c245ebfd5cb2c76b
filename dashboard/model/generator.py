"""The generator over time: one row each time that k6, or the machine, told of its process."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.model.process import COUNTERS, Figure, Local, LocalReport, ProcessReport, Told
from dashboard.model.series import Extract, Table
from dashboard.quick import dataclass

SHORTEST_INTERVAL = 0.5
"""Seconds; k6 tells its CPU time in hundredths of a second, so a shorter interval says nothing."""
SAME_START = 2.5
"""Seconds by which k6 and the process table may disagree about when one process began: both add a boot time that they
round on their own."""

_SUBTRACTED = (*COUNTERS, Figure.STARTED)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What counts up, as last told, each with its moment: k6 tells one thing more often than another."""

    values: Mapping[Figure, tuple[float, float]]
    at_work: bool


class GeneratorHistory:
    """What has been told of the process of one run."""

    def __init__(self) -> None:
        self.table: Table[Figure] = Table()
        self.told = Told.NOT_YET
        self.script: str | None = None
        """The script's name, once k6 has told it. Untrusted text."""
        self.local: LocalReport | None = None
        """The newest word of this machine."""
        self.last: float | None = None
        """When anything was last told."""
        self.last_at_work: float | None = None
        """The newest row of an interval in which the load ran throughout."""
        self._counts = _Counts({}, at_work=False)
        self._held: dict[Figure, float] = {}

    def add(self, report: ProcessReport, *, at_work: bool) -> None:
        """Take in what one look brought.

        Args:
            report: It.
            at_work: Whether the load runs now: what k6 does before and after is not what its numbers suffer from.
        """
        if report.told is not None and (report.told is not Told.NOT_AT_ALL or self.told is Told.NOT_YET):
            self.told = report.told
        self.script = report.script or self.script
        figures = dict(report.figures)
        if report.local is not None:
            self.local = self._checked(report.local, figures)
            # What k6 itself says of its process is taken where both speak: it reads the same tables.
            figures = {**self.local.figures, **figures}
        if not figures:
            return
        at = report.at if self.table.last is None else max(report.at, self.table.last + 1e-6)
        before = self._counts
        values = {**self._held, **figures}
        values.update(self._differences(figures, at))
        both = at_work and before.at_work
        values[Figure.AT_WORK] = float(both)
        if Figure.GC_CPU_SHARE in figures:
            # It is told less often than the rest, of the whole run, and holds until it is told anew.
            self._held[Figure.GC_CPU_SHARE] = figures[Figure.GC_CPU_SHARE]
        self.table.append(at, {figure: value for figure, value in values.items() if figure not in _SUBTRACTED})
        self._counts = _Counts(
            {**before.values, **{figure: (at, figures[figure]) for figure in COUNTERS if figure in figures}},
            at_work=at_work,
        )
        self.last = at
        if both:
            self.last_at_work = at

    def _checked(self, local: LocalReport, told: Mapping[Figure, float]) -> LocalReport:
        """Tell a k6 from a tunnel that listens in its place: k6 says itself when its process began."""
        if local.local is not Local.FOUND:
            return local
        of_k6, of_listener = told.get(Figure.STARTED), local.figures.get(Figure.STARTED)
        if of_k6 is not None and of_listener is not None:
            is_k6 = abs(of_k6 - of_listener) <= SAME_START
        elif of_listener is not None and self.local is not None and self.local.pid == local.pid:
            is_k6 = self.local.local is Local.FOUND
        else:
            is_k6 = "k6" in local.name.lower()
        return local if is_k6 else LocalReport(Local.IN_BETWEEN, pid=local.pid, name=local.name)

    def _differences(self, figures: Mapping[Figure, float], at: float) -> dict[Figure, float]:
        """What a second brought of what counts up."""
        found: dict[Figure, float] = {}
        for figure, rate in COUNTERS.items():
            earlier = self._counts.values.get(figure)
            if figure not in figures or earlier is None:
                continue
            since, value = earlier
            more = figures[figure] - value
            if at - since >= SHORTEST_INTERVAL and more >= 0:
                found[rate] = more / (at - since)
        return found

    def value(self, figure: Figure, at: float | None) -> float | None:
        """A figure at a moment; None where it is not known."""
        if at is None:
            return None
        value = self.table.value(figure, at)
        return None if value != value else value

    def mean(self, figure: Figure, at: float, seconds: float) -> float | None:
        """The mean of a figure over the rows of the ``seconds`` before a moment in which the load ran; None without."""
        extract = self.table.extract(figure, at - seconds, at, 64)
        working = self.table.extract(Figure.AT_WORK, at - seconds, at, 64)
        values = [
            value for value, works in zip(extract.lasts, working.lasts, strict=True) if value == value and works == 1.0
        ]
        return sum(values) / len(values) if values else None

    def extract(self, figure: Figure, start: float, end: float, rows: int) -> Extract:
        """A figure over a time; see :meth:`Table.extract`."""
        return self.table.extract(figure, start, end, rows)
