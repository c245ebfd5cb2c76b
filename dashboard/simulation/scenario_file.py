"""Reading a scenario from its TOML file; ``scenarios/steady.toml`` is the worked example."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import cast

from dashboard.errors import UsageError
from dashboard.simulation.groups import SEPARATOR
from dashboard.simulation.registry import BUILTIN_METRICS, split_name
from dashboard.simulation.scenario import (
    BUILT_IN,
    SCENARIO_NAMES,
    CheckSpec,
    CustomMetric,
    Generator,
    Hook,
    Incident,
    Request,
    Run,
    Scenario,
    Stage,
    System,
    Think,
    ThresholdSpec,
    Value,
)
from dashboard.simulation.thresholds import parse_threshold
from dashboard.simulation.toml_table import Table, read_table

_PROTOCOLS = {"http": 3, "grpc": 1, "websocket": 1, "browser": 1}
_METRIC_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{1,128}")


def load_scenario(name_or_path: str) -> Scenario:
    """Read a built-in scenario or a file of one's own.

    Args:
        name_or_path: One of :data:`~dashboard.simulation.scenario.SCENARIO_NAMES`, or the path of a TOML file.

    Raises:
        UsageError: there is no such scenario, or the file says something that cannot be; the line is named.
    """
    if name_or_path in SCENARIO_NAMES:
        return read_scenario(BUILT_IN / f"{name_or_path}.toml", name_or_path)
    path = Path(name_or_path)
    if path.suffix != ".toml" and not path.is_file():
        raise UsageError(
            f"no scenario {name_or_path!r}: it is one of {', '.join(SCENARIO_NAMES)}, or the path of a .toml file"
        )
    return read_scenario(path, path.stem)


def read_scenario(path: Path, name: str) -> Scenario:
    """Read a scenario's file.

    Raises:
        UsageError: the file is missing, not TOML, or says something that cannot be.
    """
    top = read_table(path)
    title = top.text("title", name)
    metrics = tuple(metric for table in top.tables("metric") for metric in _metrics(table))
    types = {known: kind for known, (kind, _) in BUILTIN_METRICS.items()} | {m.name: m.type for m in metrics}
    steps = tuple(_step(table) for table in top.tables("step"))
    if not any(isinstance(step, Request) or step.high > 0 for step in steps):
        raise top.error("no [[step]] takes any time; add one like [[step]] think = '1s'")
    scenario = Scenario(
        name=name,
        title=title,
        run=_run(top.table("run")),
        system=_system(top.table("system")),
        generator=_generator(top.table("generator")),
        setup=_hook(top.table("setup")) if "setup" in top else None,
        teardown=_hook(top.table("teardown")) if "teardown" in top else None,
        steps=steps,
        metrics=metrics,
        thresholds=_thresholds(top.table("thresholds"), types),
    )
    top.ignore("setup", "teardown")
    top.done()
    return scenario


def _run(table: Table) -> Run:
    stages: list[Stage] = []
    for stage in table.tables("stages"):
        stages.append(Stage(stage.seconds("duration", 0.0), stage.whole("target", 0)))
        stage.done()
    vus = table.whole("vus", 1 if stages else 10, 0)
    peak = max(vus, *(stage.target for stage in stages), 1)
    seconds = table.seconds("duration", 600.0)
    if stages and "duration" in table:
        raise table.error("duration is given beside stages; the stages' durations add up to it", "duration")
    run = Run(
        name=table.text("scenario", "default"),
        vus=vus,
        max_vus=table.whole("max_vus", peak, 0),
        seconds=sum(stage.seconds for stage in stages) if stages else seconds,
        stages=tuple(stages),
        graceful_stop=table.seconds("graceful_stop", 30.0),
        init_seconds=table.seconds("init", 0.05),
        aborts_at=table.maybe_seconds("aborts_at"),
        fails_at=table.maybe_seconds("fails_at"),
    )
    if run.max_vus < peak:
        raise table.error(f"max_vus is {run.max_vus}; it must be at least {peak}, as many as ever run", "max_vus")
    if run.seconds <= 0:
        raise table.error("the run takes no time; give a duration, or stages that have one", "duration")
    table.done()
    return run


def _system(table: Table) -> System:
    incidents: list[Incident] = []
    for item in table.tables("incident"):
        every = item.maybe_seconds("every")
        if every == 0:
            raise item.error("every is 0; leave it out for an incident that happens once", "every")
        incidents.append(
            Incident(
                at=item.seconds("at", 0.0),
                seconds=item.seconds("lasts", 10.0),
                failures=item.number("failures", 0.0, 0, 1),
                slowdown=item.number("slowdown", 1.0, 0.01),
                every=every,
            )
        )
        item.done()
    system = System(
        capacity=table.number("capacity", 1000.0, 0.001),
        knee=table.number("knee", 4.0, 1, 32),
        overload_failures=table.number("overload_failures", 0.2, 0, 1),
        decay_per_hour=table.number("decay_per_hour", 0.0, 0),
        incidents=tuple(incidents),
    )
    table.done()
    return system


def _generator(table: Table) -> Generator:
    generator = Generator(
        cores=table.whole("cores", 2, 1),
        cpu_ms=table.number("cpu_ms", 0.4, 0),
        max_files=table.whole("max_files", 20_000, 64),
    )
    table.done()
    return generator


def _hook(table: Table) -> Hook:
    returns: str | None = None
    if "json" in table:
        returns = table.text("json")
        try:
            json.loads(returns)
        except ValueError as error:
            raise table.error(f"json is not JSON: {error}", "json") from None
    elif "data" in table:
        try:
            returns = json.dumps(table.raw("data"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        except (TypeError, ValueError):
            raise table.error("data has a date or time, which JSON has not; write it in quotes", "data") from None
    hook = Hook(
        seconds=table.seconds("lasts", 0.0),
        returns=returns,
        throws=table.text("throws") or None,
        checks=table.texts("checks"),
    )
    table.ignore("json", "data")
    table.done()
    return hook


def _step(table: Table) -> Request | Think:
    if "think" in table:
        value = table.raw("think")
        bounds = cast("list[object]", value) if isinstance(value, list) else [value, value]
        if len(bounds) != 2:
            raise table.error(f"think is {value!r}; it must be one duration, or two in a list", "think")
        low, high = (table.checked_seconds(bound, "think") for bound in bounds)
        if low > high:
            raise table.error(f"think is {value!r}; the shorter duration comes first", "think")
        table.done()
        return Think(low, high)
    return _request(table)


def _request(table: Table) -> Request:
    protocol = table.text("protocol", "http", tuple(_PROTOCOLS))
    words = table.text("request").split(" ", 1)
    if not words[0]:
        raise table.error("a [[step]] needs request = 'GET https://...' or think = '1s'", "request")
    is_http = protocol == "http"
    if is_http and (len(words) != 2 or not re.fullmatch(r"[A-Z]+", words[0])):
        raise table.error("request must be a method and a URL, like 'GET https://shop.example/'", "request")
    group = table.text("group")
    failures = table.number("failures", 0.0, 0, 1)
    request = Request(
        protocol=protocol,
        name=words[1] if is_http else " ".join(words),
        method=words[0] if is_http else "GET",
        group=SEPARATOR + group if group else "",
        median_ms=table.number("median_ms", 50.0, 0.5),
        spread=table.number("spread", 0.4, 0, 3),
        failures=failures,
        status=table.whole("status", 200, 100),
        failed_status=table.whole("failed_status", 503, 0),
        sent_bytes=table.whole("sent_bytes", 300),
        received_bytes=table.whole("received_bytes", 2000),
        messages=table.whole("messages", 0),
        share=table.number("share", 1.0, 0, 1),
        tags=table.tags("tags"),
        checks=tuple(_check(check) for check in table.tables("checks")),
    )
    table.done()
    return request


def _check(table: Table) -> CheckSpec:
    name = table.text("name")
    if not name or SEPARATOR in name:
        raise table.error(f"a check's name is {name!r}; it must not be empty nor contain '{SEPARATOR}'", "name")
    group = SEPARATOR + table.text("group") if table.text("group") else ""
    check = CheckSpec(name, table.number("passes", 1.0, 0, 1), group if "group" in table else None, table.tags("tags"))
    table.done()
    return check


def _metrics(table: Table) -> list[CustomMetric]:
    name = table.text("name")
    copies = table.whole("copies", 1, 1)
    if copies > 1 and "{}" not in name:
        raise table.error(f"name is {name!r}; with copies it needs '{{}}' where the number goes", "name")
    kind = table.text("type", "counter", ("counter", "gauge", "rate", "trend"))
    metric = CustomMetric(
        name=name,
        type=kind,
        contains=table.text("contains", "default", ("default", "time", "data")),
        value=_value(table),
        probability=table.number("probability", 0.5, 0, 1),
        every=table.whole("every", 1, 1),
        after=table.seconds("after", 0.0),
        sampled=table.flag("sampled", True),
        tags=table.tags("tags"),
    )
    names = [name.replace("{}", f"{number:03d}") for number in range(copies)] if copies > 1 else [name]
    for each in names:
        if not _METRIC_NAME.fullmatch(each) or each in BUILTIN_METRICS:
            raise table.error(f"name is {each!r}; it must be letters, digits and '_', and none of k6's own", "name")
    table.done()
    return [replace(metric, name=each) for each in names]


def _value(table: Table) -> Value:
    value = table.raw("value")
    if value is None:
        return Value()
    if isinstance(value, dict):
        inner = table.table("value")
        made = Value(median=inner.number("median", 1.0), spread=inner.number("spread", 0.3, 0, 3))
        inner.done()
        return made
    bounds = cast("list[object]", value) if isinstance(value, list) else [value, value]
    if len(bounds) != 2:
        raise table.error(f"value is {value!r}; it must be a number, two in a list, or {{ median = ... }}", "value")
    low, high = (table.checked_number(bound, None, None, "value") for bound in bounds)
    if math.isnan(low) or math.isnan(high) or low > high:
        raise table.error(f"value is {value!r}; the smaller number comes first, and NaN is none", "value")
    return Value(low, high)


def _thresholds(table: Table, types: dict[str, str]) -> tuple[tuple[str, tuple[ThresholdSpec, ...]], ...]:
    found: list[tuple[str, tuple[ThresholdSpec, ...]]] = []
    for name in table.keys():  # noqa: SIM118 - a Table is no mapping
        try:
            base, _ = split_name(name)
        except ValueError as error:
            raise table.error(str(error), name) from None
        if base not in types:
            raise table.error(f"metric {base!r} does not exist; add a [[metric]] of that name", name)
        value = table.raw(name)
        specs: list[ThresholdSpec] = []
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            spec = _threshold(table, name, item)
            try:
                parse_threshold(spec.source, types[base])
            except ValueError as error:
                raise table.error(str(error), name) from None
            specs.append(spec)
        found.append((name, tuple(specs)))
    return tuple(found)


def _threshold(table: Table, name: str, item: object) -> ThresholdSpec:
    if isinstance(item, str):
        return ThresholdSpec(item)
    if not isinstance(item, dict):
        raise table.error(f"{name} has {item!r}; a threshold is text like 'p(95)<500'", name)
    fields = cast("dict[str, object]", item)
    source = fields.get("threshold")
    if not isinstance(source, str) or set(fields) - {"threshold", "abortOnFail", "delayAbortEval"}:
        raise table.error("a threshold's table has threshold = '...', and perhaps abortOnFail and delayAbortEval", name)
    delay = fields.get("delayAbortEval", 0)
    return ThresholdSpec(source, fields.get("abortOnFail") is True, table.checked_seconds(delay, name))
