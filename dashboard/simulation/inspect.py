"""What ``k6 inspect --execution-requirements`` would say of the script that is simulated."""

from __future__ import annotations

import json

from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import Run, Scenario


def inspect_document(scenario: Scenario, profile: Profile) -> bytes:
    """The answer, as far as it tells of the plan."""
    run = scenario.run
    about = _external(run) if profile.is_external else _staged(run) if run.stages else _constant(run)
    total = run.seconds + (0.0 if profile.is_external else _grace(run))
    document = {
        "scenarios": {run.name: about},
        "thresholds": {
            name: [
                {
                    "threshold": spec.source,
                    "abortOnFail": spec.abort_on_fail,
                    "delayAbortEval": _go_duration(spec.abort_delay),
                }
                if spec.abort_on_fail
                else spec.source
                for spec in specs
            ]
            for name, specs in scenario.thresholds
        },
        "totalDuration": _go_duration(total),
        "maxVUs": run.max_vus if profile.is_external else max([run.vus, *(stage.target for stage in run.stages)]),
    }
    return json.dumps(document).encode()


def _external(run: Run) -> dict[str, object]:
    return {
        "executor": "externally-controlled",
        "vus": run.vus,
        "maxVUs": run.max_vus,
        "duration": _go_duration(run.seconds),
    }


def _constant(run: Run) -> dict[str, object]:
    return {
        "executor": run.executor,
        "gracefulStop": _go_duration(run.graceful_stop),
        "vus": run.vus,
        "duration": _go_duration(run.seconds),
    }


def _staged(run: Run) -> dict[str, object]:
    return {
        "executor": run.executor,
        "gracefulStop": _go_duration(run.graceful_stop),
        "startVUs": run.vus,
        "stages": [{"duration": _go_duration(stage.seconds), "target": stage.target} for stage in run.stages],
        "gracefulRampDown": _go_duration(run.graceful_stop),
    }


def _grace(run: Run) -> float:
    """What comes after the load: with ramps, VUs that have been ramped down have their time first."""
    trailing = 0.0
    if run.stages and run.stages[-1].target == 0:
        targets = (run.vus, *(stage.target for stage in run.stages))
        for stage, before in zip(reversed(run.stages), reversed(targets[:-1]), strict=True):
            if before:
                break
            trailing += stage.seconds
    return max(0.0, run.graceful_stop - trailing)


def _go_duration(seconds: float) -> str:
    """A duration as Go writes it: the largest unit is the hour."""
    if seconds < 1:
        return f"{seconds * 1000:g}ms" if seconds else "0s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:g}s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail
