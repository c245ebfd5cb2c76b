"""Whether a k6 that ended at once lost a port that k6dash had found for it, and may be started again on another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dashboard.launch.arguments import K6Arguments
from dashboard.launch.exit_codes import CANNOT_START_API, FAILED
from dashboard.launch.folder import RunFolder
from dashboard.launch.ports import taken_port
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class LostPort:
    """A port that another program took before k6 did."""

    port: int
    may_retry: bool
    """Whether the script has not begun for certain. Nothing is done twice otherwise."""

    def words(self, *, may_retry: bool) -> str:
        """What is said of it.

        Args:
            may_retry: Whether k6 is started again, if that is safe.
        """
        lost = f"another program took port {self.port} before k6 did"
        if not self.may_retry:
            return (
                f"{lost}; k6 runs the script beside the start of its API, so it may have begun, and is not run twice "
                "unasked: run it again"
            )
        return f"{lost}; k6 is started again on another" if may_retry else f"{lost}, again and again"


def lost_port(
    code: int | None,
    folder: RunFolder,
    given: Collection[int],
    typed: K6Arguments,
    environment: Mapping[str, str],
) -> LostPort | None:
    """The port that k6 did not get; None where that is not why it ended, or the user has chosen it.

    k6 opens its dashboard before the script begins. Its API it opens beside the script, which may have run for some
    milliseconds when k6 ends with 106: of v1.7.1 whole iterations were seen. One that waits at its start has not.

    Args:
        code: Its exit code; None while it runs.
        folder: Where it wrote.
        given: The ports that k6dash has found.
        typed: What was typed for k6.
        environment: Its variables.
    """
    if code not in (CANNOT_START_API, FAILED):
        return None
    port = taken_port(folder.tail_of_log())
    if port is None or port not in given:
        return None
    waits = typed.last("paused") is not None or environment.get("K6_PAUSED", "").lower() == "true"
    return LostPort(port, may_retry=code == FAILED or waits)
