"""What ``setup()`` returned, as k6 gave it over time."""

from __future__ import annotations

from collections import deque
from typing import Final

from dashboard.quick import dataclass

MOST_SEEN: Final = 20
MOST_ANSWERS: Final = 200
"""Times that k6 was asked of which is kept whether it gave the data."""
MOST_CHARACTERS: Final = 20_000_000
"""Of all that is kept of a run together; the newest is kept whatever its size."""


@dataclass(frozen=True, slots=True)
class SetupData:
    """What ``setup()`` returned, or what was put there since."""

    text: str | None
    """The value's JSON as k6 sent it, so that big numbers, duplicate keys and the order survive; ``null`` where
    ``setup()`` returned null, None where there is no value at all. Untrusted text."""

    @property
    def is_absent(self) -> bool:
        """Whether there is none: no ``setup()``, or not run yet, or it returned nothing."""
        return self.text is None

    @property
    def is_null(self) -> bool:
        """Whether there is a value and it is null."""
        return self.text == "null"


@dataclass(frozen=True, slots=True)
class SeenSetup:
    """The setup data of a moment at which k6 was asked for it."""

    at: float
    """Seconds since the Unix epoch."""
    data: SetupData


class SetupLog:
    """The setup data of one run, each time that it was another."""

    def __init__(self) -> None:
        self._seen: deque[SeenSetup] = deque(maxlen=MOST_SEEN)
        self._answers: deque[tuple[float, str]] = deque(maxlen=MOST_ANSWERS)
        """When k6 was asked, and why it did not give the data; an empty reason where it did."""
        self.asked_at: float | None = None
        """When k6 last gave it."""
        self.is_asking = False
        """Whether k6 has been asked for it and has not answered yet."""

    def add(self, data: SetupData, at: float) -> None:
        """Take in what k6 gave."""
        self.asked_at = at
        self._answers.append((at, ""))
        if self._seen and self._seen[-1].data == data:
            return
        self._seen.append(SeenSetup(at, data))
        while len(self._seen) > 1 and sum(len(seen.data.text or "") for seen in self._seen) > MOST_CHARACTERS:
            self._seen.popleft()

    def fail(self, why: str, at: float) -> None:
        """Take in that k6 did not give it; ``why`` is untrusted text."""
        self._answers.append((at, why))

    def failure(self, moment: float | None) -> str:
        """Why k6 did not give it when it was last asked before a moment; empty where it did, or was not asked."""
        return next((why for at, why in reversed(self._answers) if moment is None or at <= moment), "")

    def at(self, moment: float | None) -> SeenSetup | None:
        """What was last seen at a moment; the newest where it is None."""
        return next((seen for seen in reversed(self._seen) if moment is None or seen.at <= moment), None)
