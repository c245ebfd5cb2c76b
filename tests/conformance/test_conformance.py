"""The same requests to the simulation and to real k6: every answer must be the one that k6 gave."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from dashboard.simulation.profile import Profile
from tests.conformance.golden_answers import answers_of, load
from tests.conformance.targets import Target, in_process, on_socket, real_k6

Open = Callable[[Profile], AbstractContextManager[Target]]
ONLY_ON_THE_WIRE = ("raw ", "closes", "upgrades", "status body b'' 0")


def without_vus(body: Any) -> Any:
    """A body without the VUs' sample: in real time, whether k6's newest second fell into a pause is chance."""
    if not isinstance(body, list):
        return body
    items: list[Any] = body  # pyright: ignore[reportUnknownVariableType] - JSON
    if ["id", "vus"] in items:
        return [
            [name, [each for each in value if each[0] != "sample"] if name == "attributes" else value]
            for name, value in items
        ]
    return [without_vus(each) for each in items]


def compare(found: dict[str, dict[str, Any]], profile: Profile, *, on_wire: bool) -> list[str]:
    """What differs from the kept answers, one line each."""
    different: list[str] = []
    for phase, kept in load(profile).items():
        assert set(kept) == set(found[phase])
        for name, answer in kept.items():
            got, wanted = dict(found[phase][name]), dict(answer)
            for each in (got, wanted) if on_wire and profile.is_external else ():
                each["body"] = without_vus(each.get("body"))
            if not on_wire:
                if name.startswith(ONLY_ON_THE_WIRE) or (
                    wanted.get("status", "").startswith("HTTP/1.1 400 Bad Request")
                    and wanted["framing"] == "until close"
                ):
                    continue
                for each in (got, wanted):
                    each["headers"] = [
                        pair for pair in each.get("headers", ()) if pair[0] not in ("Transfer-Encoding", "Connection")
                    ]
            if got != wanted:
                different.append(f"{phase}: {name}\n   k6 {wanted}\n  got {got}")
    return different


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("open_target", [in_process, on_socket])
def test_the_simulation_answers_as_k6_did(open_target: Open, profile: Profile) -> None:
    with open_target(profile) as target:
        found = answers_of(target, profile)
    different = compare(found, profile, on_wire=open_target is on_socket)
    assert not different, "\n".join(different)


@pytest.mark.k6
@pytest.mark.parametrize("profile", list(Profile))
def test_real_k6_still_answers_so(profile: Profile) -> None:
    with real_k6(profile) as target:
        different = compare(answers_of(target, profile), profile, on_wire=True)
    assert not different, "\n".join(different)
