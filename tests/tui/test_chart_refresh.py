"""What a chart redraws is what is seen: no row of an older frame stays on the screen."""

from __future__ import annotations

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
