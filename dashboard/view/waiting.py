"""What is said before k6 has answered for the first time."""

from __future__ import annotations

from dashboard.model.history import TargetHistory
from dashboard.model.launched import Launch
from dashboard.model.observation import Outage, OutageKind
from dashboard.model.run_history import RunHistory
from dashboard.view.format import clean


def waiting_text(history: TargetHistory, run: RunHistory) -> str:
    """What stands on the screen before k6 has answered for the first time: what was tried, and what would help."""
    if run.status is not None:
        return ""
    if run.launched is not None and run.launched.launch is not None:
        return _starting(run.launched.launch)
    last = history.last
    if last is None or not isinstance(last.outcome, Outage):
        return f"Asking {clean(history.target)} …"
    outage = last.outcome
    times = "once" if history.looks == 1 else f"{history.looks} times"
    lines = [
        f"No k6 at {clean(history.target)} yet",
        "",
        clean(outage.message),
        f"Tried {times}; k6dash goes on trying.",
        "",
    ]
    if outage.kind in (OutageKind.REFUSED, OutageKind.UNREACHABLE, OutageKind.TIMED_OUT):
        lines += [
            "Start k6 with its REST API, which is off by default in k6 v2:",
            "",
            f"    k6 run --address {clean(_address(history.target))} script.js",
            "",
            "or watch a k6 somewhere else:",
            "",
            "    k6dash --target HOST:PORT",
        ]
    else:
        lines += ["Something else than k6 seems to answer there. Is the port right? k6's own default is 6565."]
    return "\n".join(lines)


def _starting(launch: Launch) -> str:
    """While k6 reads its script it does not answer yet; what it complains of is in its log."""
    import shlex

    return "\n".join(
        (
            "k6 is starting",
            "",
            f"    {clean(shlex.join(launch.words), 300)}",
            "",
            f"Its API will be at {clean(launch.address)}. What it says is in",
            f"    {clean(launch.log, 300)}",
        )
    )


def _address(target: str) -> str:
    """The target as k6's ``--address`` takes it: no scheme, no path."""
    return target.partition("://")[2].partition("/")[0] if "://" in target else target
