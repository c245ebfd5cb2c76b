"""Where what is known of a run comes from, and what that does to its numbers."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """What told the numbers of a look."""

    API = "API"
    """k6's REST API, live or as it was recorded."""
    SAMPLES = "samples"
    """Every single sample, which k6 wrote into a file (``--out json``)."""
    DASHBOARD = "web dashboard"
    """The statistics of k6's own dashboard, which it wrote into a file: rounded to five digits, counts excepted."""

    @property
    def is_file(self) -> bool:
        """Whether k6 wrote it into a file: then nobody asked k6 for it, and k6's own clock is not in it."""
        return self is not Origin.API

    @property
    def has_verdicts(self) -> bool:
        """Whether k6's own verdicts on thresholds are in it; else the numbers alone judge them."""
        return self is not Origin.SAMPLES

    @property
    def is_rounded(self) -> bool:
        """Whether means and shares are rounded: then the difference of two of them tells nothing."""
        return self is Origin.DASHBOARD
