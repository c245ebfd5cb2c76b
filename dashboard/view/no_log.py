"""Why there is no log of a run."""

from __future__ import annotations

from typing import Final

from dashboard.model.run_history import RunHistory

NO_LOG: Final = (
    "k6's API gives no log, so that of a k6 that runs already stays in its own terminal; "
    "start the test with k6dash run script.js to have it here."
)


def no_log(run: RunHistory) -> str:
    """Why there is no log of a run, and what would give one; empty where there is one, or may be."""
    if run.log is not None:
        return ""
    if run.origin.is_file:
        return "k6 does not write its log into this file."
    launch = run.launched.launch if run.launched is not None else None
    if launch is None:
        return NO_LOG
    if not launch.log_output:
        return ""
    return f"k6's log goes {launch.log_output}, as you chose; without --log-output it comes here."
