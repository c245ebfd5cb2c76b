"""What a chart redraws is what is seen: no row of an older frame stays on the screen."""

from __future__ import annotations

from dashboard.tui.widgets.chart import ChartPanel
from tests.tui.cockpit import Cockpit, cockpit


async def test_every_row_on_the_screen_is_the_newest() -> None:
    async with cockpit("nasty", polls=30) as sitting:
        for _ in range(6):
            await sitting.watch(1)
            assert_newest(sitting)


def assert_newest(sitting: Cockpit) -> None:
    """What is on the screen is what each chart in view would draw now."""
    lines = sitting.text.split("\n")
    for panel in sitting.app.query("#charts ChartPanel").results(ChartPanel):
        region = panel.content_region
        x, y = panel.region.offset + panel.content_offset
        seen = [line[x : x + region.width] for line in lines[y : y + region.height]]
        drawn = [panel.render_line(row).text for row in range(region.height)]
        assert seen == drawn


async def test_a_chart_that_was_away_is_whole_when_it_comes_back() -> None:
    async with cockpit("steady", polls=8, size=(80, 24)) as sitting:
        await sitting.pilot.press("tab", "enter", "escape", "5")
        await sitting.watch(3)
        await sitting.pilot.press("enter")
        await sitting.watch(1)
        assert "req/s" in sitting.text
        assert_newest(sitting)


async def test_the_legend_says_what_the_tile_says() -> None:
    async with cockpit("steady", polls=40) as sitting:
        for _ in range(4):
            await sitting.watch(1)
            tiles, legend = sitting.text.split("\n")[4], sitting.text.split("\n")[14]
            rate = tiles.split()[1]
            assert rate.endswith("/s")
            assert f"req/s Δ {rate}" in legend
