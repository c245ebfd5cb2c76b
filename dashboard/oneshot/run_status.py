"""The state of a run: read, told to people, told to programs."""

from __future__ import annotations

from dashboard.api import encode
from dashboard.api.client import Client
from dashboard.api.shape import undecodable
from dashboard.errors import ExitCode, Rejected
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.oneshot.report import Cell, Report, facts
from dashboard.view.format import UNKNOWN
from dashboard.view.frame import Tone

TONES = {
    State.RUNNING: Tone.GOOD,
    State.ENDED: Tone.GOOD,
    State.PAUSED: Tone.WARN,
    State.STOPPED: Tone.BAD,
    State.FAILED: Tone.BAD,
    State.UNREACHABLE: Tone.BAD,
}


async def read_status(client: Client, timeout: float) -> RunStatus:
    """Read the state of the run.

    Raises:
        Unreachable: nothing answered, or not in time.
        Undecodable: what answered is no k6; one that refuses this question is none either.
    """
    try:
        return await client.status(timeout=timeout)
    except Rejected as error:
        raise undecodable(encode.STATUS, f"a refusal ({error})") from None


async def status(client: Client, timeout: float, *, fails_on_tainted: bool = False) -> Report:
    """Tell the state of the run, for one GET.

    Args:
        client: Where the k6 is.
        timeout: Seconds that it may take.
        fails_on_tainted: Whether a crossed threshold is to be the exit code.
    """
    found = await read_status(client, timeout)
    tainted = Cell("yes: a threshold is crossed", Tone.BAD) if found.tainted else Cell("no")
    table = facts(
        ("target", client.target.label),
        ("state", Cell(found.state, TONES.get(found.state, Tone.PLAIN))),
        ("status", _named(found.status)),
        ("vus", _number(found.vus)),
        ("vus-max", _number(found.vus_max)),
        ("paused", _yes(found.paused)),
        ("stopped", _yes(found.stopped)),
        ("tainted", tainted),
    )
    is_failure = fails_on_tainted and found.tainted
    return Report(
        status_document(found),
        (table,),
        ("a threshold is crossed",) if is_failure else (),
        ExitCode.THRESHOLDS_CROSSED if is_failure else ExitCode.OK,
    )


def status_document(status: RunStatus) -> dict[str, object]:
    """A status for programs: the word for it, and k6's attributes."""
    return {
        "state": str(status.state),
        "status": status.status,
        "paused": status.paused,
        "vus": status.vus,
        "vus_max": status.vus_max,
        "stopped": status.stopped,
        "running": status.running,
        "tainted": status.tainted,
    }


def describe(status: RunStatus | None) -> str:
    """A status in a few words."""
    if status is None:
        return str(State.UNREACHABLE)
    if status.vus is None:
        return str(status.state)
    return f"{status.state}, {status.vus}/{_number(status.vus_max)} VUs"


def _named(number: int | None) -> str:
    if number is None:
        return UNKNOWN
    names = {int(known): known.name.replace("_", " ").lower() for known in ExecutionStatus}
    return f"{number} ({names.get(number, 'unknown to k6dash')})"


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
