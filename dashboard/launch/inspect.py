"""What k6 itself says of a script before it runs: ``k6 inspect --execution-requirements``."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeGuard, cast

from dashboard.launch.arguments import K6Arguments
from dashboard.model.plan import Plan, PlannedThreshold, ScenarioPlan

_TIMEOUT: Final = 60.0
_PART: Final = re.compile(r"(-?[\d.]+)(ms|us|µs|ns|s|m|h|d)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_GRACE: Final = 30.0
"""k6's own gracefulStop, and gracefulRampDown, in seconds."""


def ask_plan(k6: str, typed: K6Arguments, environment: Mapping[str, str], script: str | None) -> bytes:
    """What ``k6 inspect`` answers; empty where it does not know either. Blocks.

    Args:
        k6: The program.
        typed: What was typed for ``k6 run``.
        environment: The variables with which k6 runs.
        script: The file to read on standard input, where the script comes from there.
    """
    words = [k6, "inspect", "--execution-requirements", *typed.for_inspect()]
    try:
        with open(script or "/dev/null", "rb") as stdin:
            answer = subprocess.run(
                words,
                stdin=stdin,
                capture_output=True,
                env={**environment, **typed.environment_for_inspect()},
                timeout=_TIMEOUT,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return answer.stdout if answer.returncode == 0 else b""


def decode_plan(answer: bytes) -> Plan | None:
    """What ``k6 inspect`` answered, as a plan; None where it is none."""
    try:
        document = json.loads(answer)
    except ValueError:
        return None
    if not _is_object(document):
        return None
    scenarios = document.get("scenarios")
    plans = (
        [_scenario(name, about) for name, about in scenarios.items() if _is_object(about)]
        if _is_object(scenarios)
        else []
    )
    if not plans:
        plans = list(_without_scenarios(document))
    thresholds = document.get("thresholds")
    most = document.get("maxVUs")
    return Plan(
        scenarios=tuple(sorted(plans, key=lambda plan: (plan.start, plan.name))),
        thresholds=tuple(_thresholds(thresholds)) if _is_object(thresholds) else (),
        duration=seconds(document.get("totalDuration")),
        max_vus=most if isinstance(most, int) else None,
    )


def seconds(text: object) -> float | None:
    """A duration as Go writes it, or a number of milliseconds as k6 takes it.

    >>> seconds("1m30s"), seconds("1.5s"), seconds(None)
    (90.0, 1.5, None)
    """
    if isinstance(text, (int, float)):
        return text / 1000
    if not isinstance(text, str) or not (parts := _PART.findall(text)):
        return None
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def _thresholds(given: Mapping[str, Any]) -> Iterator[PlannedThreshold]:
    for metric, entries in sorted(given.items()):
        for entry in cast("list[object]", entries) if isinstance(entries, list) else ():
            if isinstance(entry, str):
                yield PlannedThreshold(metric, entry)
            elif _is_object(entry) and isinstance(entry.get("threshold"), str):
                yield PlannedThreshold(metric, entry["threshold"], entry.get("abortOnFail") is True)


def _without_scenarios(options: Mapping[str, Any]) -> Iterator[ScenarioPlan]:
    """The one scenario that k6 makes of the short options (lib/executor/execution_config_shortcuts.go)."""
    shortcut = {
        name: value for name in ("vus", "iterations", "duration", "stages") if (value := options.get(name)) is not None
    }
    if "stages" in shortcut:
        yield _scenario("default", {"executor": "ramping-vus", "startVUs": options.get("vus") or 1, **shortcut})
    elif "iterations" in shortcut:
        yield _scenario(
            "default", {"executor": "shared-iterations", "maxDuration": options.get("duration"), **shortcut}
        )
    elif "duration" in shortcut:
        yield _scenario("default", {"executor": "constant-vus", **shortcut})
    else:
        yield _scenario("default", {"executor": "per-vu-iterations", "iterations": 1})


def _scenario(name: str, about: Mapping[str, Any]) -> ScenarioPlan:
    executor = str(about.get("executor", ""))
    start = seconds(about.get("startTime")) or 0.0
    grace = seconds(about.get("gracefulStop"))
    make: Callable[[Mapping[str, Any], float], tuple[float | None, _Corners, _Corners, str]] = _SHAPES.get(
        executor, _no_shape
    )
    duration, vus, rate, detail = make(about, start)
    return ScenarioPlan(name, executor, start, duration, _GRACE if grace is None else grace, vus, rate, detail)


_Corners = tuple[tuple[float, float], ...]


def _count(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, (int, float)) else otherwise


def _flat(start: float, duration: float | None, height: float) -> _Corners:
    return () if duration is None else ((start, height), (start + duration, height))


def _constant_vus(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    duration, vus = seconds(about.get("duration")), _count(about.get("vus"), 1)
    return duration, _flat(start, duration, vus), (), f"{vus:g} VUs"


def _stages(about: Mapping[str, Any], start: float, height: float, scale: float = 1.0) -> tuple[float, _Corners]:
    corners = [(start, height * scale)]
    at = start
    for stage in about.get("stages") or ():
        at += seconds(stage.get("duration")) or 0.0
        corners.append((at, _count(stage.get("target"), 0) * scale))
    return at - start, tuple(corners)


def _ramping_vus(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    duration, corners = _stages(about, start, _count(about.get("startVUs"), 1))
    return duration, corners, (), f"up to {max(height for _, height in corners):g} VUs in {len(corners) - 1} stages"


def _constant_rate(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    duration = seconds(about.get("duration"))
    rate = _count(about.get("rate"), 0) / (seconds(about.get("timeUnit")) or 1.0)
    return duration, (), _flat(start, duration, rate), f"{rate:g} iterations/s, {_vus_of_rate(about)}"


def _ramping_rate(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    scale = 1.0 / (seconds(about.get("timeUnit")) or 1.0)
    duration, corners = _stages(about, start, _count(about.get("startRate"), 0), scale)
    most = max(height for _, height in corners)
    return duration, (), corners, f"up to {most:g} iterations/s in {len(corners) - 1} stages, {_vus_of_rate(about)}"


def _vus_of_rate(about: Mapping[str, Any]) -> str:
    allocated = _count(about.get("preAllocatedVUs"), 0)
    most = _count(about.get("maxVUs"), allocated)
    return f"{allocated:g} VUs" if most <= allocated else f"{allocated:g} to {most:g} VUs"


def _iterations(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    iterations, vus = _count(about.get("iterations"), 1), _count(about.get("vus"), 1)
    most = seconds(about.get("maxDuration")) or 600.0
    how = "each" if about.get("executor") == "per-vu-iterations" else "shared"
    return most, (), (), f"{iterations:g} iterations {how}, {vus:g} VUs"


def _external(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    return (
        seconds(about.get("duration")) or None,
        (),
        (),
        f"up to {_count(about.get('maxVUs'), 0):g} VUs, set from outside",
    )


def _no_shape(about: Mapping[str, Any], start: float) -> tuple[float | None, _Corners, _Corners, str]:
    return seconds(about.get("duration")), (), (), ""


_SHAPES: Final[Mapping[str, Callable[[Mapping[str, Any], float], tuple[float | None, _Corners, _Corners, str]]]] = {
    "constant-vus": _constant_vus,
    "ramping-vus": _ramping_vus,
    "constant-arrival-rate": _constant_rate,
    "ramping-arrival-rate": _ramping_rate,
    "shared-iterations": _iterations,
    "per-vu-iterations": _iterations,
    "externally-controlled": _external,
}


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
