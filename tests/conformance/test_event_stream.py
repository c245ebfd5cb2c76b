"""The event streams of real k6 and of the simulation, side by side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.simulation.profile import Profile
from tests.conformance.stream import GOLDEN, events_of, read_stream, real_stream, shape_of, simulated_stream


def golden(profile: Profile) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(GOLDEN.read_text())[profile]
    return shape


@pytest.mark.parametrize("profile", list(Profile))
def test_the_simulation_streams_in_the_shape_in_which_k6_did(profile: Profile) -> None:
    with simulated_stream(profile) as (port, _):
        assert shape_of(read_stream(port)) == golden(profile)


@pytest.mark.k6
@pytest.mark.parametrize("profile", list(Profile))
def test_real_k6_still_streams_so(profile: Profile) -> None:
    with real_stream(profile) as port:
        assert shape_of(read_stream(port)) == golden(profile)


def test_whoever_comes_late_gets_the_same_events_from_the_first_on() -> None:
    with simulated_stream(Profile.V2) as (port, _):
        early, late = events_of(read_stream(port, 3)), events_of(read_stream(port, 4))
    assert len(late) > len(early) > 8
    assert late[: len(early)] == early
