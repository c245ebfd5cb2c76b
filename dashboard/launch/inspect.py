"""What k6 itself says of a script before it runs: ``k6 inspect --execution-requirements``."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeGuard, cast

from dashboard.launch.arguments import K6Arguments
from dashboard.model.plan import Plan, PlannedThreshold, ScenarioPlan
from dashboard.model.profile import Corners, flat, held, peak
from dashboard.quick import dataclass

_TIMEOUT: Final = 60.0
_PART: Final = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(ms|us|µs|ns|s|m|h|d)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SECRET: Final = frozenset({"tlsAuth", "ext", "cloud", "env"})
"""Options that hold keys, passwords, tokens or variables, of the test or of a scenario. A plan needs none of them."""
_GRACE: Final = 30.0
"""k6's own gracefulStop, and gracefulRampDown, in seconds."""
_MOST: Final = 1e12
"""What is larger, of seconds or VUs, is garbage."""
_LONGEST: Final = 600.0
"""k6's own maxDuration of iterations, in seconds."""
_EXTERNAL: Final = "externally-controlled"


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


def plan_without_secrets(answer: bytes) -> bytes:
    """What ``k6 inspect`` answered, without the options that may hold a secret: keys, passwords, variables."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        return b""
    if not _is_object(document):
        return b""
    kept = {name: value for name, value in document.items() if name not in _SECRET}
    scenarios = kept.get("scenarios")
    if _is_object(scenarios):
        kept["scenarios"] = {
            name: {key: value for key, value in about.items() if key not in _SECRET} if _is_object(about) else about
            for name, about in scenarios.items()
        }
    return json.dumps(kept, separators=(",", ":")).encode("ascii")


def decode_plan(answer: bytes) -> Plan | None:
    """What ``k6 inspect`` answered, as a plan; None where it is none."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
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
        return _sane(text / 1000) if abs(text) < _MOST * 1000 else None
    if not isinstance(text, str) or not (parts := _PART.findall(text)):
        return None
    return _sane(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def _sane(number: float) -> float | None:
    return number if 0 <= number < _MOST else None


def _thresholds(given: Mapping[str, Any]) -> Iterator[PlannedThreshold]:
    for metric, entries in sorted(given.items()):
        for entry in cast("list[object]", entries) if isinstance(entries, list) else ():
            if isinstance(entry, str):
                yield PlannedThreshold(metric, entry)
            elif _is_object(entry) and isinstance(entry.get("threshold"), str):
                delay = seconds(entry.get("delayAbortEval")) or 0.0
                yield PlannedThreshold(metric, entry["threshold"], entry.get("abortOnFail") is True, delay)


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


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an executor makes of its options."""

    duration: float | None
    detail: str = ""
    vus: Corners = ()
    rate: Corners = ()
    most: Corners = ()
    iterations: int | None = None


def _scenario(name: str, about: Mapping[str, Any]) -> ScenarioPlan:
    executor = str(about.get("executor", ""))
    start = seconds(about.get("startTime")) or 0.0
    given = seconds(about.get("gracefulStop"))
    grace = 0.0 if executor == _EXTERNAL else _GRACE if given is None else given
    shape = _SHAPES.get(executor, _no_shape)(about, start, grace)
    return ScenarioPlan(
        name,
        executor,
        start,
        shape.duration,
        grace,
        shape.vus,
        shape.rate,
        shape.most,
        shape.iterations,
        shape.detail,
    )


def _count(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < _MOST else otherwise


def _constant_vus(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    duration, vus = seconds(about.get("duration")) or 0.0, _count(about.get("vus"), 1)
    return _Shape(duration, _plural(vus, "VU"), vus=flat(start, duration, vus), most=flat(start, duration + grace, vus))


def _stages(about: Mapping[str, Any], start: float, height: float, scale: float = 1.0) -> tuple[float, Corners]:
    corners = [(start, height * scale)]
    at = start
    given = about.get("stages")
    for stage in cast("list[object]", given) if isinstance(given, list) else ():
        if not _is_object(stage):
            continue
        at += seconds(stage.get("duration")) or 0.0
        corners.append((at, _count(stage.get("target"), 0) * scale))
    return at - start, tuple(corners)


def _ramping_vus(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    duration, corners = _stages(about, start, _count(about.get("startVUs"), 1))
    ramp_down = seconds(about.get("gracefulRampDown"))
    stages = _plural(len(corners) - 1, "stage")
    return _Shape(
        duration,
        f"up to {_plural(peak(corners), 'VU')} in {stages}",
        vus=corners,
        most=_reserved(corners, _GRACE if ramp_down is None else ramp_down, start + duration + grace),
    )


def _reserved(corners: Corners, ramp_down: float, until: float) -> Corners:
    """The VUs that k6 keeps for a ramp: one that is ramped down may still work (lib/executor/ramping_vus.go)."""
    end, last = corners[-1]
    if last:
        return held((*corners, (until, last)) if until > end else corners, ramp_down, until)
    kept = next((place + 1 for place in range(len(corners) - 1, 0, -1) if corners[place - 1][1]), 1)
    return held(corners[:kept], ramp_down, min(until, corners[kept - 1][0] + ramp_down))


def _constant_rate(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    duration = seconds(about.get("duration")) or 0.0
    rate = _count(about.get("rate"), 0) / (seconds(about.get("timeUnit")) or 1.0)
    most, vus = _vus_of_rate(about)
    return _Shape(
        duration,
        f"{rate:.4g} iterations/s, {vus}",
        rate=flat(start, duration, rate),
        most=flat(start, duration + grace, most),
    )


def _ramping_rate(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    scale = 1.0 / (seconds(about.get("timeUnit")) or 1.0)
    duration, corners = _stages(about, start, _count(about.get("startRate"), 0), scale)
    most, vus = _vus_of_rate(about)
    return _Shape(
        duration,
        f"up to {peak(corners):.4g} iterations/s in {_plural(len(corners) - 1, 'stage')}, {vus}",
        rate=corners,
        most=flat(start, duration + grace, most),
    )


def _vus_of_rate(about: Mapping[str, Any]) -> tuple[float, str]:
    allocated = _count(about.get("preAllocatedVUs"), 0)
    most = max(allocated, _count(about.get("maxVUs"), allocated))
    return most, _plural(most, "VU") if most <= allocated else f"{allocated:g} to {_plural(most, 'VU')}"


def _iterations(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    iterations, vus = _count(about.get("iterations"), 1), _count(about.get("vus"), 1)
    longest = seconds(about.get("maxDuration")) or _LONGEST
    is_each = about.get("executor") == "per-vu-iterations"
    how = "each of" if is_each else "shared by"
    return _Shape(
        longest,
        f"{_plural(iterations, 'iteration')} {how} {_plural(vus, 'VU')}",
        most=flat(start, longest + grace, vus),
        iterations=int(iterations * vus if is_each else iterations),
    )


def _externally(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    duration = seconds(about.get("duration")) or None
    vus, most = _count(about.get("vus"), 0), _count(about.get("maxVUs"), 0)
    most = max(vus, most)
    return _Shape(
        duration,
        f"{vus:g} to begin with, {most:g} at most, set from outside",
        vus=flat(start, duration, vus),
        most=flat(start, duration, most),
    )


def _plural(number: float, what: str) -> str:
    return f"{number:g} {what}" if number == 1 else f"{number:g} {what}s"


def _no_shape(about: Mapping[str, Any], start: float, grace: float) -> _Shape:
    return _Shape(seconds(about.get("duration")))


_SHAPES: Final[Mapping[str, Callable[[Mapping[str, Any], float, float], _Shape]]] = {
    "constant-vus": _constant_vus,
    "ramping-vus": _ramping_vus,
    "constant-arrival-rate": _constant_rate,
    "ramping-arrival-rate": _ramping_rate,
    "shared-iterations": _iterations,
    "per-vu-iterations": _iterations,
    _EXTERNAL: _externally,
}


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
