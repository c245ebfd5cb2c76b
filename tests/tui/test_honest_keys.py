"""A key that cannot work is dim, and says why and what would."""

from __future__ import annotations

import pytest
from rich.style import Style

from dashboard.model.action import Verb
from dashboard.model.capability import V1_VUS, V2_VUS, Control
from dashboard.simulation.profile import Profile
from tests.tui.cockpit import Cockpit, cockpit, screen_lines

PAUSE = ("p",)
VUS = ("plus", "minus", "w", "s", "W", "S", "v")
STOP = ("x",)


def style_of_key(c: Cockpit, label: str) -> Style:
    """How the key bar draws a label."""
    return next(s.style for s in screen_lines(c.app)[-1] if s.text.strip() == label and s.style is not None)


def is_dim(c: Cockpit, label: str) -> bool:
    return style_of_key(c, label).color != style_of_key(c, "help").color


async def each_explains(c: Cockpit, keys: tuple[str, ...], *words: str) -> None:
    for key in keys:
        before = c.said_so_far
        await c.press(key)
        assert c.said_so_far == before + 1, key
        for word in ("Cannot", *words):
            assert word in c.said
        assert len(c.app.screen_stack) == 1, "no dialog for what cannot be done"
    assert c.source.performed == []
    assert "→" not in c.header


@pytest.mark.parametrize(
    ("profile", "control", "vus", "pause"),
    [
        (Profile.V1, Control.NONE_V1, V1_VUS, "externally-controlled"),
        (Profile.V2, Control.NONE_V2, V2_VUS, "k6 run --paused"),
    ],
)
async def test_a_k6_that_can_only_be_stopped(profile: Profile, control: Control, vus: str, pause: str) -> None:
    async with cockpit(polls=3, profile=profile, control=control) as c:
        assert "can stop" in c.header
        await each_explains(c, PAUSE, pause)
        await each_explains(c, VUS, vus)
        assert is_dim(c, "pause")
        assert is_dim(c, "VUs")
        assert not is_dim(c, "stop")


async def test_a_k6_that_can_do_all_is_not_dim() -> None:
    async with cockpit(polls=3) as c:
        for label in ("pause", "VUs", "stop"):
            assert not is_dim(c, label)


async def test_a_run_that_is_over() -> None:
    async with cockpit(polls=3) as c:
        for status, why in ((9, "has ended"), (10, "has been stopped"), (11, "marked as failed")):
            await c.give(status={"status": status, "running": False})
            await each_explains(c, PAUSE + VUS + STOP, why)
            assert is_dim(c, "stop")


async def test_a_k6_that_is_not_there() -> None:
    async with cockpit() as c:
        await each_explains(c, PAUSE + VUS + STOP, "k6")
        await c.lose()
        await each_explains(c, PAUSE + VUS + STOP, "k6")
        assert is_dim(c, "stop")
        assert not is_dim(c, "freeze")


async def test_every_explanation_is_the_sources_own() -> None:
    async with cockpit(polls=3, profile=Profile.V2, control=Control.NONE_V2) as c:
        await c.press("w")
        assert c.app.notices[-1].message == c.session.capability(c.source.target, Verb.SET_VUS).reason
        assert c.app.notices[-1].title == "Cannot set VUs"
