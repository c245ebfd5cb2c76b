"""What drawing costs, counted in calls: what did not change is not drawn, what is not seen is not fed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from rich.style import Style
from textual.strip import Strip

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.panes.base import Pane
from dashboard.tui.panes.events import EventsPane
from dashboard.tui.panes.metrics import MetricsPane
from dashboard.tui.panes.overview import OverviewPane
from dashboard.tui.plot import render_plot
from dashboard.tui.widgets import chart
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.phases import Phases
from dashboard.tui.widgets.stage import PANES, Stage, load_pane
from dashboard.tui.widgets.tiles import Tiles
from dashboard.view.chart import PlotSpec
from tests.tui.cockpit import cockpit


async def test_hidden_screens_are_not_fed() -> None:
    async with cockpit(polls=3) as c:
        await c.press("2", "5", "1")
        metrics, events = c.app.screen.query_one(MetricsPane), c.app.screen.query_one(EventsPane)
        of_metrics, of_events = metrics.frame, events.frame
        await c.watch(3)
        assert metrics.frame is of_metrics
        assert events.frame is of_events
        await c.press("2")
        assert metrics.frame is not of_metrics
        assert events.frame is of_events
        overview = c.app.screen.query_one(OverviewPane)
        before = overview.frame
        await c.watch(3)
        assert overview.frame is before


async def test_a_screen_that_nobody_has_looked_at_is_not_even_there() -> None:
    async with cockpit(polls=3) as c:
        assert [type(pane) for pane in c.app.query_one(Stage).children] == [OverviewPane]
        await c.press("2")
        assert [type(pane) for pane in c.app.query_one(Stage).children] == [OverviewPane, MetricsPane]
        await c.press("1", "2")
        assert len(c.app.query_one(Stage).children) == 2


@pytest.mark.parametrize("name", PANES)
def test_every_screen_can_be_loaded_and_fed(name: str) -> None:
    pane = load_pane(name)
    assert isinstance(pane, Pane)
    assert pane.id == name


async def test_a_frozen_display_draws_nothing_while_data_comes() -> None:
    async with cockpit(polls=20) as c:
        await c.press("f")
        panels = list(c.app.screen.query(ChartPanel))
        specs = [panel.spec for panel in panels]
        tiles, phases = c.app.screen.query_one(Tiles).tiles, c.app.screen.query_one(Phases).phases
        await c.watch(5)
        assert all(panel.spec == spec for panel, spec in zip(panels, specs, strict=True))
        assert c.app.screen.query_one(Tiles).tiles == tiles
        assert c.app.screen.query_one(Phases).phases == phases


async def test_a_chart_is_not_drawn_twice_for_the_same_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[PlotSpec] = []

    def counted(
        spec: PlotSpec, width: int, height: int, palette: Mapping[str, Style], glyphs: Glyphs = Glyphs.BRAILLE
    ) -> list[Strip]:
        drawn.append(spec)
        return list(render_plot(spec, width, height, palette, glyphs))

    monkeypatch.setattr(chart, "render_plot", counted)
    async with cockpit(polls=20) as c:
        await c.press("f")
        drawn.clear()
        await c.watch(5)
        assert drawn == []
        await c.press("f")
        assert drawn
