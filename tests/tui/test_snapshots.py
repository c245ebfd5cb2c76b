"""What the screens look like. Each picture is one to look at before it is taken anew: poe snapshots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from dashboard.model.capability import Control
from dashboard.model.observation import OutageKind
from dashboard.simulation.profile import Profile
from dashboard.tui.glyphs import Glyphs
from tests.tui.cockpit import Cockpit, assemble, observe

Scene = Callable[[Cockpit], Awaitable[None]]


class SnapCompare(Protocol):
    """pytest-textual-snapshot's fixture."""

    def __call__(
        self,
        app: App[str],
        *,
        terminal_size: tuple[int, int],
        run_before: Callable[[Pilot[str]], Awaitable[None]],
    ) -> bool: ...


class Camera:
    """Compares what a scene shows with its picture."""

    def __init__(self, compare: SnapCompare) -> None:
        self._compare = compare

    def sees(
        self,
        scene: Scene | None = None,
        *,
        scenario: str = "steady",
        polls: int = 40,
        size: tuple[int, int] = (120, 40),
        profile: Profile = Profile.V1_EXTERNAL,
        control: Control = Control.EXTERNAL,
        paused: bool = False,
        theme: str = "k6dash-dark",
        glyphs: Glyphs = Glyphs.BRAILLE,
        plan: bool = False,
        logs: bool = False,
    ) -> bool:
        """Whether the screen looks as it did, after the first polls and the scene."""
        app, session, source, clock = assemble(
            scenario,
            profile=profile,
            control=control,
            paused=paused,
            theme=theme,
            glyphs=glyphs,
            target="localhost:6565",
            plan=plan,
            logs=logs,
        )

        async def play(pilot: Pilot[str]) -> None:
            await observe(session, source, polls)
            await pilot.pause()
            if scene is not None:
                await scene(Cockpit(app, pilot, session, source, clock))

        return self._compare(app, terminal_size=size, run_before=play)


@pytest.fixture
def camera(snap_compare: SnapCompare) -> Camera:
    """A camera with the pictures of this test."""
    return Camera(snap_compare)


def pressing(*keys: str) -> Scene:
    """A scene in which keys are pressed."""

    async def scene(c: Cockpit) -> None:
        await c.press(*keys)

    return scene


class TestOverview:
    """Screen 1."""

    @pytest.mark.parametrize(
        "size", [(48, 14), (80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}"
    )
    def test_at_each_size(self, camera: Camera, size: tuple[int, int]) -> None:
        assert camera.sees(size=size)

    @pytest.mark.parametrize("theme", ["k6dash-light", "k6dash-ansi"])
    def test_in_each_theme(self, camera: Camera, theme: str) -> None:
        assert camera.sees(theme=theme, scenario="errors")

    @pytest.mark.parametrize("glyphs", [Glyphs.BLOCK, Glyphs.ASCII])
    def test_with_other_glyphs(self, camera: Camera, glyphs: Glyphs) -> None:
        assert camera.sees(glyphs=glyphs)

    def test_without_a_crossed_threshold(self, camera: Camera) -> None:
        """Nothing red: compare with those above."""
        assert camera.sees(scenario="websocket", polls=20)

    def test_with_another_protocol(self, camera: Camera) -> None:
        """A run of gRPC alone, with a chart of its streams."""
        assert camera.sees(scenario="grpc")

    def test_too_small(self, camera: Camera) -> None:
        """It says what would do."""
        assert camera.sees(size=(20, 5))


class TestStates:
    """What a run can be in."""

    def test_nothing_answers(self, camera: Camera) -> None:
        """What was tried, and how k6 is started with its API."""

        async def scene(c: Cockpit) -> None:
            for _ in range(3):
                await c.lose()

        assert camera.sees(scene, polls=0)

    def test_before_its_start(self, camera: Camera) -> None:
        """``p`` is start."""
        assert camera.sees(paused=True, polls=3)

    def test_paused(self, camera: Camera) -> None:
        """Paused by hand: a mark on the charts."""

        async def scene(c: Cockpit) -> None:
            await c.steer("p")
            c.app.clear_notifications()
            await c.watch(8)

        assert camera.sees(scene)

    def test_an_outage(self, camera: Camera) -> None:
        """The age grows, the numbers stay."""

        async def scene(c: Cockpit) -> None:
            for _ in range(6):
                await c.lose(OutageKind.TIMED_OUT)

        assert camera.sees(scene)

    def test_back_after_an_outage(self, camera: Camera) -> None:
        """The lines break where nothing was known."""

        async def scene(c: Cockpit) -> None:
            for _ in range(12):
                await c.lose(OutageKind.TIMED_OUT)
            await c.watch(10)

        assert camera.sees(scene)

    def test_ended(self, camera: Camera) -> None:
        """The last data stays; what can no longer be done is dim."""
        assert camera.sees(scenario="spike", polls=217, profile=Profile.V1, control=Control.NONE_V1)

    def test_a_v2_that_cannot_be_steered(self, camera: Camera) -> None:
        """Dim keys, and the reason for one of them."""
        assert camera.sees(pressing("w"), profile=Profile.V2, control=Control.NONE_V2)


class TestScreens:
    """The other screens, and what lies over them."""

    def test_metrics(self, camera: Camera) -> None:
        """Submetrics below their parents."""
        assert camera.sees(pressing("2"))

    def test_metrics_in_80_columns(self, camera: Camera) -> None:
        """Fewer columns, none of them cut."""
        assert camera.sees(pressing("2"), size=(80, 24))

    def test_nasty_metrics(self, camera: Camera) -> None:
        """Names that break careless clients."""
        assert camera.sees(pressing("2"), scenario="nasty")

    def test_a_filter_and_an_order(self, camera: Camera) -> None:
        """The filter is seen, and the arrow."""
        assert camera.sees(pressing("2", "slash", *"http_req", "enter", "o", "o"))

    def test_one_metric(self, camera: Camera) -> None:
        """Its chart, and everything that k6 gives of it."""
        assert camera.sees(pressing("2", "end", "up", "up", "up", "enter"))

    def test_events(self, camera: Camera) -> None:
        """Actions with their outcomes, thresholds, a mark."""

        async def scene(c: Cockpit) -> None:
            await c.steer("W")
            await c.press("m")
            await c.press("enter")
            await c.press("5", "down")
            c.app.clear_notifications()
            await c.watch(1)

        assert camera.sees(scene)

    def test_frozen(self, camera: Camera) -> None:
        """It says so, and since when."""
        assert camera.sees(pressing("f"))

    def test_a_maximised_chart(self, camera: Camera) -> None:
        """One chart over the whole screen."""
        assert camera.sees(pressing("tab", "enter"))

    def test_help(self, camera: Camera) -> None:
        """With the reasons for what cannot be done."""
        assert camera.sees(pressing("question_mark"), profile=Profile.V2, control=Control.NONE_V2, polls=5)

    def test_the_question_before_a_stop(self, camera: Camera) -> None:
        """No is the default."""
        assert camera.sees(pressing("x"), size=(80, 24), polls=5)

    def test_the_number_of_vus(self, camera: Camera) -> None:
        """A whole number is asked for."""
        assert camera.sees(pressing("v"), size=(80, 24), polls=5)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (200, 60)])
def test_plan(camera: Camera, size: tuple[int, int]) -> None:
    """The bar against the plan, its scenario, planned VUs under the real ones, and the thresholds, one failing."""
    assert camera.sees(
        pressing("8"), scenario="ramp", profile=Profile.V1, control=Control.NONE_V1, polls=150, size=size, plan=True
    )


@pytest.mark.parametrize(("theme", "glyphs"), [("k6dash-light", Glyphs.BRAILLE), ("k6dash-ansi", Glyphs.ASCII)])
def test_plan_in_other_colours_and_letters(camera: Camera, theme: str, glyphs: Glyphs) -> None:
    """The same in light colours, and in plain letters with the terminal's own colours."""
    assert camera.sees(pressing("8"), scenario="steady", polls=60, theme=theme, glyphs=glyphs, plan=True)


def test_overview_of_a_plan(camera: Camera) -> None:
    """Planned VUs under the real ones and into the future, a threshold as a level, each expression with its value."""
    assert camera.sees(scenario="ramp", profile=Profile.V1, control=Control.NONE_V1, polls=40, plan=True)


class TestLog:
    """Screen 7."""

    @pytest.mark.parametrize(
        "size", [(48, 14), (80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}"
    )
    def test_at_each_size(self, camera: Camera, size: tuple[int, int]) -> None:
        """The errors by kind above, the newest lines below."""
        assert camera.sees(pressing("7"), scenario="errors", size=size, logs=True)

    def test_one_kind_of_error_in_a_light_theme(self, camera: Camera) -> None:
        """Its lines alone, and the text that was searched for highlighted."""
        scene = pressing("7", "shift+tab", "shift+tab", "enter", "slash", *"503", "enter", "k")
        assert camera.sees(scene, scenario="errors", theme="k6dash-light", logs=True)

    def test_with_ascii_alone(self, camera: Camera) -> None:
        """Nothing but seven bits."""
        assert camera.sees(pressing("7"), scenario="errors", glyphs=Glyphs.ASCII, logs=True)

    def test_one_line(self, camera: Camera) -> None:
        """All of it."""
        assert camera.sees(pressing("7", "t", "enter"), scenario="errors", logs=True)

    def test_without_a_log(self, camera: Camera) -> None:
        """Why there is none, and what would give one."""
        assert camera.sees(pressing("7"), size=(80, 24), polls=5)
