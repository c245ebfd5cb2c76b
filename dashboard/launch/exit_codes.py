"""What k6's exit codes mean (its ``errext/exitcodes``, and what was seen of v1.1.0, v1.7.1 and v2.2.0)."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Final

OK: Final = 0
STOPPED_BY_API: Final = 103
CANNOT_START_API: Final = 106
FAILED: Final = 255

_MEANINGS: Final[Mapping[int, str]] = {
    OK: "the test ended, and every threshold held",
    2: "k6 crashed: a fatal error of its Go runtime, or SIGQUIT",
    97: "the cloud run failed",
    98: "the progress of the cloud run could not be had",
    99: "thresholds were crossed",
    100: "setup() took longer than its timeout",
    101: "teardown() took longer than its timeout",
    102: "a timeout passed",
    STOPPED_BY_API: "the test was stopped through the REST API",
    104: "the options are not valid",
    105: "the test was interrupted by a signal",
    CANNOT_START_API: "the REST API could not be started",
    107: "the script threw an exception outside of an iteration, or could not be read",
    108: "the script aborted the test with test.abort()",
    109: "k6 crashed: a panic",
    110: "the script marked the test as failed",
    FAILED: "k6 could not start: a wrong option, a missing file, or an output that does not work",
}

STOPPED: Final = frozenset({STOPPED_BY_API, 105, 108})
"""Those of a test that did not run to its end."""
MARKED_AS_FAILED: Final = 110
WHOLE: Final = frozenset({OK, 99, 101, MARKED_AS_FAILED})
"""Those of a test whose load ran to its end, unless a threshold aborted it: that gives 99 too."""


def explain(code: int) -> str:
    """What a code means, in words. Negative ones are signals, as Python tells them.

    >>> explain(99), explain(-9), explain(42)
    ('thresholds were crossed', 'k6 was ended by SIGKILL', 'k6 gave no reason that is known')
    """
    if code < 0:
        try:
            return f"k6 was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"k6 was ended by signal {-code}"
    return _MEANINGS.get(code, "k6 gave no reason that is known")


def as_exit_code(code: int) -> int:
    """The code with which k6dash ends as k6 did; a shell calls a signal 128 and its number."""
    return 128 - code if code < 0 else code
