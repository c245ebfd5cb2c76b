from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.message import Message

from dashboard.resources import stylesheet
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.theme import DARK, THEMES, variable_defaults
from dashboard.tui.widgets import chart
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.view.chart import Kind, Line, PlotSpec, Role, Unit

XS = tuple(float(x) for x in range(601))


def spec(*ys: float, x_to: float = 600.0, label: str = "avg") -> PlotSpec:
    values = ys or tuple(100.0 for _ in XS)
    return PlotSpec((Line(label, Role.AVG, Kind.INTERVAL, XS[: len(values)], values),), 0.0, x_to, Unit.MILLISECONDS)


class PanelApp(App[None]):
    CSS_PATH = stylesheet("chart.tcss")

    def __init__(self, panel: ChartPanel) -> None:
        super().__init__()
        self.panel = panel
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.panel


def picture(app: App[None]) -> str:
    return app.export_screenshot()


async def test_it_draws_in_a_frame_with_a_plain_title() -> None:
    app = PanelApp(ChartPanel("http_reqs[/b]\x1b", spec=spec()))
    async with app.run_test(size=(60, 14)):
        shown = picture(app)
        assert "http_reqs[/b]␛" in shown
        assert "100ms" in shown
        assert DARK.variables["role-avg"] in shown


async def test_without_a_spec_it_is_empty() -> None:
    app = PanelApp(ChartPanel("Nothing"))
    async with app.run_test(size=(40, 8)) as pilot:
        assert not app.panel.render_line(2).text.strip()
        app.panel.spec = spec()
        await pilot.pause()
        assert "avg" in app.panel.render_line(0).text
        app.panel.spec = None
        await pilot.pause()
        assert not app.panel.render_line(0).text.strip()


async def test_a_spec_may_come_between_a_new_size_and_its_event() -> None:
    class Resized(ChartPanel):
        taken = 0

        @property
        def content_size(self) -> Size:
            return super().content_size - (0, self.taken)

    panel = Resized("Chart", spec=spec())
    async with PanelApp(panel).run_test(size=(60, 14)) as pilot:
        assert panel.render_line(0).text.strip()
        panel.taken = 3
        panel.spec = spec(200.0, 300.0)
        await pilot.pause()
        assert "300ms" in "".join(panel.render_line(y).text for y in range(9))
        assert not panel.render_line(9).text.strip()


async def test_it_draws_anew_only_what_looks_new(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = ChartPanel("Chart", spec=spec(*[100.0] * 591))
    refreshes: list[str] = []
    app = PanelApp(panel)
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        assert panel.render_line(0)
        monkeypatch.setattr(panel, "refresh", lambda *_, **__: refreshes.append("refresh"))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        panel.spec = spec(*[100.0] * 591)  # equal
        panel.spec = spec(*[100.0] * 596)  # more of the same within one column
        assert refreshes == []
        panel.spec = spec(*[50.0] * 601)
        assert refreshes == ["refresh"]


async def test_the_axis_stays_while_the_values_fit() -> None:
    panel = ChartPanel("Chart", spec=spec(*[190.0] * 601))
    app = PanelApp(panel)
    async with app.run_test(size=(60, 14)):
        assert "200ms" in panel.render_line(1).text
        panel.spec = spec(*[120.0] * 601)
        assert "200ms" in panel.render_line(1).text
        panel.spec = spec(*[120.0] * 601, label="med")  # something else
        assert "150ms" in panel.render_line(1).text


async def test_a_new_theme_and_new_glyphs_show() -> None:
    app = PanelApp(ChartPanel("Chart", spec=spec()))
    async with app.run_test(size=(60, 14)) as pilot:
        app.theme = "k6dash-light"
        await pilot.pause()
        assert DARK.variables["role-avg"] not in picture(app)
        app.panel.glyphs = Glyphs.ASCII
        await pilot.pause()
        assert all(app.panel.render_line(y).text.isascii() for y in range(12))
        assert app.panel.has_class("-ascii")


async def test_a_foreign_theme_draws_too() -> None:
    app = PanelApp(ChartPanel("Chart", spec=spec()))
    async with app.run_test(size=(60, 14)) as pilot:
        for theme in ("nord", "textual-light", "ansi-dark", "k6dash-ansi"):
            app.theme = theme
            await pilot.pause()
            assert "avg" in picture(app)


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (5, 4), (10, 6), (200, 60)])
async def test_it_survives_every_size(size: tuple[int, int]) -> None:
    app = PanelApp(ChartPanel("Chart", spec=spec()))
    async with app.run_test(size=size):
        assert picture(app)


async def test_a_click_tells_the_time() -> None:
    messages: list[Message] = []
    app = PanelApp(ChartPanel("Chart", spec=spec()))
    async with app.run_test(size=(60, 14), message_hook=messages.append) as pilot:
        await pilot.click(app.panel, offset=(34, 5))
        await pilot.click(app.panel, offset=(3, 5))  # on the axis: no time
        await pilot.pause()
        # The hook sees a message again at every widget it bubbles to.
        clicked = [
            message
            for message in {id(message): message for message in messages}.values()
            if isinstance(message, ChartPanel.Clicked)
        ]
        assert [message.control for message in clicked] == [app.panel]
        assert 280 < clicked[0].x < 340


async def test_it_can_be_maximized() -> None:
    app = PanelApp(ChartPanel("Chart", spec=spec()))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("tab")
        assert app.focused is app.panel
        assert app.screen.maximize(app.panel)


def test_every_part_is_in_the_stylesheet() -> None:
    rules = Path(stylesheet("chart.tcss")).read_text(encoding="utf-8")
    assert [part for part in chart.PARTS if f".chart--{part} {{" not in rules] == []
