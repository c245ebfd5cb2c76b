"""What a chart redraws is what is seen: no row of an older frame stays on the screen."""

from __future__ import annotations

from textual.strip import Strip

from dashboard.tui.widgets.chart import ChartPanel
from tests.tui.cockpit import cockpit


async def test_every_row_on_the_screen_is_the_newest() -> None:
    async with cockpit("nasty", polls=30) as sitting:
        for _ in range(6):
            await sitting.watch(1)
            lines = sitting.text.split("\n")
            for panel in sitting.app.query(ChartPanel):
                region = panel.content_region
                if not region or panel.id in {"chart-metric"}:
                    continue
                x, y = panel.region.offset + panel.content_offset
                seen = [line[x : x + region.width] for line in lines[y : y + region.height]]
                drawn = [panel.render_line(row).text for row in range(region.height)]
                assert seen == drawn


async def test_a_new_frame_that_comes_before_the_news_of_a_new_size() -> None:
    async with cockpit("steady", polls=8) as sitting:
        panel = sitting.app.query_one("#chart-rates", ChartPanel)
        height = panel.content_region.height
        # As after a layout whose Resize is still in the queue: what was drawn has the size of before.
        panel._drawn = [Strip.blank(116)] * (height + 20)  # pyright: ignore[reportPrivateUsage]
        await sitting.watch(1)
        lines = [panel.render_line(row).text for row in range(height)]
        assert "req/s" in lines[0]
        assert all(len(line) == panel.content_region.width for line in lines)
