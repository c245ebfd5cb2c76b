"""What an action on setup(), its data or teardown() did, as far as it can be seen."""

from __future__ import annotations

from dashboard.model.action import RunTeardown, SetSetup, SetupAction, Verdict
from dashboard.model.json_text import same_value
from dashboard.model.observation import Outage
from dashboard.model.setup_data import SeenSetup


def confirmed_on_setup(action: SetupAction, seen: SeenSetup | None, failure: Outage | None) -> tuple[Verdict, str]:
    """Whether what a look at the setup data saw, after k6 had said yes, is what was asked for; and what it is."""
    if isinstance(action, RunTeardown):
        # k6 answers only when it is over, and nothing of it can be seen.
        return Verdict.CONFIRMED, "teardown() has run to its end"
    if failure is not None:
        return Verdict.UNCONFIRMED, f"not known: {failure.message}"
    text = seen.data.text if seen else None
    is_so = True
    if isinstance(action, SetSetup):
        is_so = text == action.text or (text is not None and bool(action.text) and same_value(text, action.text or ""))
    return Verdict.CONFIRMED if is_so else Verdict.UNCONFIRMED, describe_setup(text)


def describe_setup(text: str | None) -> str:
    """What the setup data are, in a few words."""
    if text is None:
        return "without setup data"
    return "with null as setup data" if text == "null" else f"with {len(text):,} characters of setup data"
