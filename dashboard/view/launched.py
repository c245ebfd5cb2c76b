"""What is said of a k6 that k6dash has started and leaves running."""

from __future__ import annotations

from dashboard.model.launched import Launch


def goes_on_text(launch: Launch) -> str:
    """Where it can be found again, and what it writes."""
    return (
        f"k6 goes on (pid {launch.pid}).\n"
        f"  watch it again:  k6dash --target {launch.address}\n"
        f"  its output:      {launch.output}\n"
        f"  its log:         {launch.log}"
    )
