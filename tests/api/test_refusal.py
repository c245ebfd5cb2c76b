from __future__ import annotations

import pytest

from dashboard.api import decode
from dashboard.api.refusal import Reason, Refusal, classify
from dashboard.errors import Rejected, Unreachable
from tests.api.golden import Golden, goldens

_BY_NAME = {
    "patch-paused-true": Reason(Refusal.NO_PAUSE_AFTER_START, "constant-vus", "main"),
    "patch-paused-false": Reason(Refusal.NO_PAUSE_AFTER_START, "constant-vus", "main"),
    "mixed-pause": Reason(Refusal.NO_PAUSE_AFTER_START, "constant-vus", "b_const"),
    "ext-vus-over-max": Reason(Refusal.TOO_MANY_VUS, limit=5),
    "ext-vus-neg": Reason(Refusal.NEGATIVE_VUS),
    "ext-vus-max-below-start": Reason(Refusal.MAX_TOO_LOW, limit=5),
    "ext-pause-again": Reason(Refusal.ALREADY_PAUSED),
    "ext-resume-again": Reason(Refusal.NOT_PAUSED),
    "patch-empty-body": Reason(Refusal.OTHER),
}


def _refusal(golden: Golden) -> Rejected:
    refusal = decode.refusal(golden.endpoint, golden.status, golden.body)
    assert refusal is not None
    return refusal


@pytest.mark.parametrize("golden", goldens(*_BY_NAME), ids=str)
def test_k6s_prose_is_understood(golden: Golden) -> None:
    assert classify(_refusal(golden)) == _BY_NAME[golden.name]


@pytest.mark.parametrize("golden", goldens("patch-vus", "detect-patch-vus-minus-1"), ids=str)
def test_the_two_kinds_of_k6_without_vu_control_differ(golden: Golden) -> None:
    v2 = golden.version.startswith("v2")
    expected = Refusal.V2_NO_LIVE_VUS if v2 else Refusal.NEEDS_EXTERNALLY_CONTROLLED
    assert classify(_refusal(golden)) == Reason(expected)


def test_the_text_from_before_the_start() -> None:
    error = Rejected("/v1/status", 500, "Pause error", "execution is already paused")
    assert classify(error).refusal is Refusal.ALREADY_PAUSED
    early = "cannot pause the externally controlled executor before it has started"
    assert classify(Rejected("/v1/status", 500, "Pause error", early)).refusal is Refusal.NOT_STARTED_YET


def test_a_monstrous_limit_is_no_limit() -> None:
    detail = f"the number of active VUs (1) must be less than or equal to the number of maxVUs ({'9' * 99})"
    assert classify(Rejected("/v1/status", 400, "", detail)) == Reason(Refusal.TOO_MANY_VUS)


@pytest.mark.parametrize("golden", goldens("metrics-value-inf", "metric-unknown", "patch-vus"), ids=str)
def test_a_poisoned_list_and_an_unknown_name_are_told_apart(golden: Golden) -> None:
    error = _refusal(golden)
    assert decode.is_poisoned(error) == (golden.name == "metrics-value-inf")
    assert decode.is_unknown(error) == (golden.name == "metric-unknown")
    assert not decode.is_poisoned(Unreachable("/v1/metrics", "Encoding error"))


def test_an_explanation_names_what_is_in_the_way() -> None:
    golden = goldens("patch-paused-true")[0]
    assert "constant-vus executor of scenario main" in classify(_refusal(golden)).explanation
    assert "at most 5 VUs" in Reason(Refusal.TOO_MANY_VUS, limit=5).explanation
    for refusal in Refusal:
        explanation = Reason(refusal).explanation
        assert "None" not in explanation
        assert explanation.endswith(".") or refusal is Refusal.OTHER
