"""Screen 4: is the machine that makes the load the bottleneck?"""

from __future__ import annotations

import math

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE
from dashboard.model.history import TargetHistory
from dashboard.model.process import Figure, Local, Neighbour, Told
from dashboard.model.run_history import RunHistory
from dashboard.model.status_history import VUS, VUS_MAX
from dashboard.model.verdict import Cause, Level, Verdict, gather, judge
from dashboard.view.chart import Kind, Line, PlotSpec, Role, Unit
from dashboard.view.chart import Level as HeightLine
from dashboard.view.format import age_text, clean, quantity
from dashboard.view.frame import ChartFrame, Number, Tone
from dashboard.view.generator_frame import FigureRow, FiguresFrame, GeneratorFrame, VerdictFrame
from dashboard.view.header import selected_run
from dashboard.view.lines import (
    COLUMNS,
    NAN,
    SPARK_BARS,
    bar_width,
    bars,
    bars_end,
    line,
    marks,
    moment,
    points,
    time_span,
    x_labels,
)
from dashboard.view.selection import Selection
from dashboard.view.verdict import BEFORE_1_2, NOT_WRITTEN, headline, sentence

OLD = 15.0
"""Seconds after which what k6 told of its process is called old: it is asked every five."""

_TONES = {Level.TIGHT: Tone.WARN, Level.SUSPECT: Tone.BAD}
_NOT_HERE = "k6 is not on this machine, so that its machine cannot be seen from here."
_NETWORK = ("whole machine",)
"""Whose bytes they are: Prometheus's library counts those of the network namespace, not of the process."""
_WHY_LOCAL = {
    Local.NOT_LOOKED: _NOT_HERE,
    Local.NOT_OURS: "Whose process listens there may not be seen: it belongs to another user.",
    Local.NO_LISTENER: "No process of this machine can be seen to listen there.",
}


def build_generator(history: TargetHistory, selection: Selection, now: float) -> GeneratorFrame:
    """Screen 4 at ``now``."""
    run = selected_run(history, selection)
    return _Generator(history, run, selection, now).build()


def _verdict(verdict: Verdict) -> VerdictFrame:
    further = tuple(sentence(finding, verdict.evidence) for finding in verdict.findings[1:])
    return VerdictFrame(verdict.level, headline(verdict), further)


class _Generator:
    """Builds the parts of one moment."""

    def __init__(self, history: TargetHistory, run: RunHistory, selection: Selection, now: float) -> None:
        self._history = history
        self._run = run
        self._selection = selection
        self._now = now
        self._verdict = judge(gather(run, selection.cursor))
        generator = run.generator
        follows = selection.cursor is None
        self._at = generator.last if follows and generator.last is not None else selection.cursor
        self._look = moment(run, selection)
        self._span = time_span(run, selection, now)
        self._end = bars_end(run, selection, now)
        self._width = bar_width(self._span)

    def build(self) -> GeneratorFrame:
        """All parts."""
        return GeneratorFrame(
            verdict=_verdict(self._verdict),
            process=self._process(),
            load=self._load(),
            machine=self._machine(),
            looking=self._looking(),
            charts=self._charts(),
        )

    # Figures

    def _value(self, figure: Figure) -> float | None:
        return self._run.generator.value(figure, self._at)

    def _row(
        self,
        label: str,
        figure: Figure,
        unit: Unit,
        notes: tuple[str, ...] = (),
        kind: Kind = Kind.NOW,
        role: Role = Role.VALUE,
        causes: tuple[Cause, ...] = (),
    ) -> FigureRow:
        value = self._value(figure)
        return FigureRow(
            label=label,
            number=Number(value, unit, kind),
            notes=notes if value is not None else (),
            spark=self._bars(figure),
            role=role,
            tone=self._tone(*causes),
        )

    def _tone(self, *causes: Cause) -> Tone:
        """How grave the gravest finding is that has one of these causes."""
        found = [finding.level for finding in self._verdict.findings if finding.cause in causes]
        return _TONES.get(max(found), Tone.PLAIN) if found else Tone.PLAIN

    def _bars(self, figure: Figure) -> tuple[float, ...]:
        # They end where the number beside them was told, so that in between there is nothing to draw anew.
        end = self._end if self._at is None else self._at
        start = end - SPARK_BARS * self._width
        extract = self._run.generator.extract(figure, start, end, SPARK_BARS)
        return bars(extract, end, self._width, SPARK_BARS, self._run.gaps)

    def _of_run(self, name: str, statistic: str) -> tuple[float, ...]:
        start = self._end - SPARK_BARS * self._width
        extract = self._run.extract(name, statistic, start, self._end, SPARK_BARS)
        return bars(extract, self._end, self._width, SPARK_BARS, self._run.gaps)

    def _share_of(self, part: Figure, whole: float | None, of_what: str) -> tuple[str, ...]:
        """``0.1%`` and ``of 20000``."""
        value = self._value(part)
        if value is None or not whole:
            return ()
        return quantity(value / whole, Unit.RATIO), f" of {of_what}"

    # The parts

    def _process(self) -> FiguresFrame:
        generator = self._run.generator
        cores = self._verdict.evidence.cores or self._value(Figure.MAX_PROCS)
        cpu = self._share_of(Figure.CPU, cores, "1 core" if cores == 1 else f"{cores or 0:g} cores")
        limit, files = self._value(Figure.MEMORY_LIMIT), self._value(Figure.MAX_FDS)
        memory = self._share_of(Figure.RESIDENT, limit, quantity(limit, Unit.BYTES)) or ("no limit", " of its own")
        longest = self._value(Figure.GC_PAUSE_MAX)
        pause = () if longest is None else (f"longest {quantity(longest * 1000, Unit.MILLISECONDS)}",)
        taken = self._value(Figure.SYS)
        heap = () if taken is None else (f"of {quantity(taken, Unit.BYTES)}", " taken")
        rows = (
            self._row("CPU", Figure.CPU, Unit.NUMBER, cpu, Kind.INTERVAL, Role.RATE, (Cause.CPU, Cause.STARVED)),
            self._row(
                "memory", Figure.RESIDENT, Unit.BYTES, memory, role=Role.MED, causes=(Cause.MEMORY, Cause.GROWTH)
            ),
            self._row("Go heap", Figure.HEAP, Unit.BYTES, heap, role=Role.P90),
            self._row("goroutines", Figure.GOROUTINES, Unit.NUMBER, role=Role.VUS),
            self._row("threads", Figure.THREADS, Unit.NUMBER, role=Role.VUS),
            self._row(
                "open files",
                Figure.OPEN_FDS,
                Unit.NUMBER,
                self._share_of(Figure.OPEN_FDS, files, quantity(files, Unit.NUMBER)),
                role=Role.MAX,
                causes=(Cause.FDS,),
            ),
            self._row(
                "GC pauses", Figure.GC_PAUSE_SHARE, Unit.RATIO, pause, Kind.INTERVAL, Role.P95, (Cause.GC_PAUSES,)
            ),
            self._row("GC runs", Figure.GC_RATE, Unit.PER_SECOND, (), Kind.INTERVAL, Role.P95),
            self._row(
                "GC CPU", Figure.GC_CPU_SHARE, Unit.RATIO, ("of its CPU",), Kind.CUMULATIVE, Role.P95, (Cause.GC_CPU,)
            ),
            self._row("received", Figure.RECEIVE_RATE, Unit.BYTES_PER_SECOND, _NETWORK, Kind.INTERVAL, Role.RECEIVED),
            self._row("sent", Figure.SEND_RATE, Unit.BYTES_PER_SECOND, _NETWORK, Kind.INTERVAL, Role.SENT),
        )
        why = ""
        if generator.told is Told.MEMORY_ALONE:
            why = f"{BEFORE_1_2}: what is missing cannot be asked for."
        elif generator.told is Told.NOT_AT_ALL:
            why = "k6's own /metrics does not get through to here."
        elif generator.told is Told.NOT_WRITTEN:
            why = NOT_WRITTEN
        elif generator.told is Told.NOT_YET:
            why = "k6 has not told of its process yet."
        elif self._selection.cursor is None and self._age > OLD and not self._run.state().is_over:
            why = f"k6 told this {age_text(self._age)} ago and has not answered since."
        return FiguresFrame("k6 process", _file_name(generator.script), rows, why)

    @property
    def _age(self) -> float:
        last = self._run.generator.last
        return 0.0 if last is None else self._now - last

    def _load(self) -> FiguresFrame:
        run, at = self._run, self._look
        evidence = self._verdict.evidence

        def value(name: str, statistic: str) -> float | None:
            return None if at is None else run.value(name, statistic, at)

        # k6 gives its status more often than its metrics, and gives it first.
        known = run.statuses.table.last if self._selection.cursor is None else self._selection.cursor
        vus, vus_max = (None if known is None else run.value(*key, known) for key in (VUS, VUS_MAX))
        duration = value("iteration_duration", INTERVAL_MEAN)
        dropped = value("dropped_iterations", INTERVAL_RATE)
        total = value("dropped_iterations", "count")
        note = ("none so far",)
        if total:
            note = (f"{quantity(total, Unit.NUMBER)} in all",)
        elif value("iterations", "count") is not None:
            # k6 lists this metric with its first sample.
            dropped = 0.0
        rows = (
            FigureRow(
                "VUs",
                Number(vus, Unit.NUMBER, Kind.NOW),
                () if vus_max is None else (f"of {quantity(vus_max, Unit.NUMBER)}", " initialised"),
                self._of_run(*VUS),
                Role.VUS,
            ),
            FigureRow(
                "VUs busy",
                Number(evidence.busy_vus, Unit.NUMBER, Kind.ESTIMATED),
                ("rate x mean",) if evidence.busy_vus is not None else (),
                role=Role.VUS,
            ),
            FigureRow(
                "iterations",
                Number(value("iterations", INTERVAL_RATE), Unit.PER_SECOND, Kind.INTERVAL),
                () if duration is None else (f"{quantity(duration, Unit.MILLISECONDS)} each",),
                self._of_run("iterations", INTERVAL_RATE),
                Role.RATE,
            ),
            FigureRow(
                "dropped",
                Number(dropped, Unit.PER_SECOND, Kind.INTERVAL),
                note if dropped is not None else (),
                self._of_run("dropped_iterations", INTERVAL_RATE),
                Role.FAILED,
                self._tone(Cause.DROPPED),
            ),
        )
        return FiguresFrame("Load", "", rows)

    def _machine(self) -> FiguresFrame:
        local = self._run.generator.local
        found = Local.NOT_LOOKED if local is None else local.local
        why = _WHY_LOCAL.get(found, "") if self._run.generator.told is not Told.NOT_WRITTEN else NOT_WRITTEN
        if found is Local.IN_BETWEEN and local is not None:
            why = f"Here listens {clean(local.name, 30)} (pid {local.pid}), and k6 is behind it, out of sight."
        if local is None or found in (Local.NOT_LOOKED, Local.IN_BETWEEN):
            return FiguresFrame("Its machine", "", (), why)
        cores, allowed = self._value(Figure.CORES), self._value(Figure.ALLOWED_CORES)
        load = self._value(Figure.LOAD_1)
        room = self._value(Figure.MEMORY_TOTAL)
        rows = [
            self._row(
                "all cores",
                Figure.MACHINE_BUSY,
                Unit.RATIO,
                () if load is None or cores is None else (f"of {cores:g}", f", load {load:.2f}"),
                Kind.INTERVAL,
                Role.RATE,
            ),
        ]
        if allowed is not None and cores is not None and allowed < cores:
            note = (f"bound to {allowed:g}",)
            row = self._row(
                "k6's cores", Figure.ALLOWED_BUSY, Unit.RATIO, note, Kind.INTERVAL, Role.RATE, (Cause.STARVED,)
            )
            rows.append(row)
        rows += [
            self._row("stolen", Figure.STEAL, Unit.RATIO, ("by hypervisor",), Kind.INTERVAL, Role.P95, (Cause.STEAL,)),
            self._row(
                "RAM left",
                Figure.MEMORY_AVAILABLE,
                Unit.BYTES,
                self._share_of(Figure.MEMORY_AVAILABLE, room, quantity(room, Unit.BYTES)),
                role=Role.MED,
                causes=(Cause.MACHINE_MEMORY, Cause.GROWTH),
            ),
        ]
        # Who else ran is known of the present alone.
        rows += [_neighbour_row(each) for each in local.neighbours[:2]] if self._selection.cursor is None else []
        whose = f"{clean(local.name, 20)}, pid {local.pid}" if local.pid is not None else ""
        return FiguresFrame("Its machine", whose, tuple(rows), why)

    def _looking(self) -> FiguresFrame:
        """What k6dash costs the k6 that it looks at."""
        at = self._now if self._selection.cursor is None else self._selection.cursor
        cost = self._history.costs.recent(at)
        start = self._end - SPARK_BARS * self._width
        latencies = self._history.costs.latencies(start, self._end)
        first = math.floor(self._end / self._width) - SPARK_BARS + 1
        spark = [NAN] * SPARK_BARS
        for when, took in latencies:
            index = math.floor(when / self._width) - first
            if 0 <= index < SPARK_BARS and not spark[index] >= took:
                spark[index] = took
        began = next((index for index, each in enumerate(spark) if each == each), SPARK_BARS)
        rows = [
            FigureRow(
                "answering",
                Number(None if cost is None else cost.busy, Unit.RATIO, Kind.INTERVAL),
                () if cost is None else (f"slowest {quantity(cost.slowest * 1000, Unit.MILLISECONDS)}",),
                tuple(spark[began:]),
                Role.AVG,
            ),
            FigureRow(
                "requests",
                Number(None if cost is None else cost.requests, Unit.PER_SECOND, Kind.INTERVAL),
                () if cost is None else (quantity(cost.bytes, Unit.BYTES_PER_SECOND), " received"),
            ),
        ]
        if self._value(Figure.OWN_CPU) is not None:
            rows.append(self._row("k6dash", Figure.OWN_CPU, Unit.NUMBER, ("cores",), Kind.INTERVAL, Role.AVG))
        return FiguresFrame("Cost of looking", "last minute", tuple(rows))

    # Charts

    def _line(self, figure: Figure, label: str, role: Role, kind: Kind, *, right: bool = False) -> Line:
        span = self._span
        generator = self._run.generator
        xs, ys = points(generator.extract(figure, span.start, span.until, COLUMNS), self._run.gaps)
        latest = self._value(figure)
        return Line(label, role, kind, xs, ys, right, NAN if latest is None else latest)

    def _charts(self) -> tuple[ChartFrame, ...]:
        span = self._span
        marked, ticks = marks(self._history.events, span), x_labels(span)
        cores = self._verdict.evidence.cores or self._value(Figure.MAX_PROCS)
        levels = (HeightLine(cores, f"{cores:g} allowed"),) if cores and self._shows(cores) else ()

        def spec(lines: tuple[Line, ...], unit: Unit, empty: str, levels: tuple[HeightLine, ...] = ()) -> PlotSpec:
            return PlotSpec(lines, span.start, span.end, unit, x_labels=ticks, marks=marked, levels=levels, empty=empty)

        vus = line(self._run, *VUS, span, label="VUs", role=Role.VUS, kind=Kind.NOW, right=True)
        return (
            ChartFrame(
                "generator-cpu",
                "CPU, in cores",
                spec((self._line(Figure.CPU, "k6", Role.RATE, Kind.INTERVAL),), Unit.NUMBER, self._empty, levels),
                "",
            ),
            ChartFrame(
                "generator-memory",
                "Memory",
                spec(
                    (
                        self._line(Figure.HEAP, "Go heap", Role.P90, Kind.NOW),
                        self._line(Figure.RESIDENT, "resident", Role.MED, Kind.NOW),
                    ),
                    Unit.BYTES,
                    self._empty,
                ),
                "",
            ),
            ChartFrame(
                "generator-load",
                "VUs and iterations",
                spec(
                    (
                        vus,
                        line(
                            self._run,
                            "iterations",
                            INTERVAL_RATE,
                            span,
                            label="iter/s",
                            role=Role.RATE,
                            kind=Kind.INTERVAL,
                        ),
                    ),
                    Unit.PER_SECOND,
                    "no VU yet",
                ),
                "iterations",
            ),
        )

    def _shows(self, cores: float) -> bool:
        """Whether the limit is near enough to be drawn: a line far above would flatten what is below."""
        values = [value for value in self._bars(Figure.CPU) if value == value]
        return bool(values) and max(values) >= cores / 4

    @property
    def _empty(self) -> str:
        match self._run.generator.told:
            case Told.MEMORY_ALONE:
                return BEFORE_1_2
            case Told.NOT_WRITTEN:
                return "not in this file"
            case _:
                return "not known yet"


def _file_name(script: str | None) -> str:
    """The last part of a path or an address: the one that tells scripts apart."""
    return clean((script or "").replace("\\", "/").rpartition("/")[2], 40)


def _neighbour_row(neighbour: Neighbour) -> FigureRow:
    number = Number(neighbour.cpu, Unit.NUMBER, Kind.INTERVAL)
    return FigureRow(clean(neighbour.name, 10), number, ("cores", f", pid {neighbour.pid}"))
