"""What a test needs that not every machine has: the test is skipped without it, or failed where it is required.

The one place that decides: ``K6DASH_REQUIRE_K6=1`` and ``K6DASH_REQUIRE_BROWSER=1``, as in CI, let no such test be
skipped.
"""

from __future__ import annotations

import os
from typing import Final, NoReturn

import pytest

REQUIRE_K6: Final = "K6DASH_REQUIRE_K6"
REQUIRE_BROWSER: Final = "K6DASH_REQUIRE_BROWSER"


def missing(reason: str, required_by: str) -> NoReturn:
    """Skip the test for that reason, or fail it where the variable ``required_by`` is 1."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{reason}, and {required_by}=1 asks for one", pytrace=False)
    pytest.skip(reason)
