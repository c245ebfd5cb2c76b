"""Screen 3: the tree of groups and checks, and one check opened."""

from __future__ import annotations

import pytest

from dashboard.model.asking import Asked, Asking
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.widgets.table import LineTable
from dashboard.view.format import text_width
from tests.tui.cockpit import Cockpit, cockpit


def table(c: Cockpit) -> LineTable:
    return c.app.query_one("#checks-table", LineTable)


def names(c: Cockpit) -> list[str]:
    """What stands in the first column, without its signs."""
    return [f"{row.cells[0].text}".lstrip("▼▶ ") for row in table(c).rows if not isinstance(row.cells[0], str)]


def place(c: Cockpit, text: str) -> tuple[int, int]:
    """Where a text is on the screen."""
    y, line = next((y, line) for y, line in enumerate(c.text.splitlines()) if text in line)
    return line.index(text), y


async def test_opening_the_screen_has_k6_asked_and_nothing_else_has() -> None:
    async with cockpit(polls=3) as c:
        history = c.session.histories[c.source.target]
        assert history.asking == Asking(Asked.UNWANTED)
        await c.press("3")
        assert history.asking == Asking(Asked.REGULARLY, every=10.0)
        await c.watch(3)
        listed = {check.name: check for group in history.run.checks.groups for check in group.checks}
        assert set(listed) < set(names(c))
        for check in listed.values():
            line = next(line for line in c.text.splitlines() if check.name in line)
            assert f"Σ{check.passes:,}" in line
            assert f"Σ{check.fails:,}" in line


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        (Asking(Asked.NEVER), ("switched off", "--no-groups", "of all checks passed")),
        (Asking(Asked.NOT_YET, "names may still be appearing"), ("not asked yet", "names may still be appearing")),
        (Asking(Asked.NO_MORE, "names keep appearing"), ("asked for no more", "names keep appearing")),
    ],
)
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_where_there_is_no_tree_it_says_why(
    asking: Asking, words: tuple[str, ...], size: tuple[int, int]
) -> None:
    async with cockpit(polls=3, size=size) as c:
        c.source.groups_asking = asking
        await c.watch(1)
        await c.press("3")
        shown = " ".join(c.text.split())
        for phrase in words:
            assert phrase in shown


async def test_groups_fold_and_unfold_by_key_and_by_mouse() -> None:
    async with cockpit(polls=2) as c:
        await c.press("3")
        await c.watch(3)
        await c.press("o", "o", "home")  # by name
        whole = names(c)
        assert whole[0] == "browse"
        for fold, unfold in (("enter", "enter"), ("space", "space"), ("left", "right")):
            await c.press(fold)
            assert 0 < len(names(c)) < len(whole)
            assert "product" not in names(c)
            await c.press(unfold)
            assert names(c) == whole
        # From a check, the arrow goes to the group around it.
        await c.press("right", "left")
        assert table(c).cursor_row == 0
        await c.pilot.click(offset=place(c, "▼ buy"))
        await c.pilot.click(offset=place(c, "▼ buy"))
        await c.pilot.pause()
        assert "checkout" not in names(c)


async def test_orders_come_by_key_and_by_a_click_on_a_title() -> None:
    async with cockpit(polls=2) as c:
        await c.press("3")
        await c.watch(3)
        assert "worst share first" in c.text
        await c.press("O")
        assert "best share first" in c.text
        await c.press("o")
        assert "as first seen" in c.text
        await c.pilot.click(offset=place(c, "FAILS"))
        await c.pilot.pause()
        assert "most fails first" in c.text
        # The metrics keep an order of their own.
        await c.press("2")
        assert "METRIC▲" in c.text


async def test_a_filter_leaves_what_it_finds_in_its_groups_and_esc_gives_it_up() -> None:
    async with cockpit(polls=2) as c:
        await c.press("3")
        await c.watch(3)
        whole = names(c)
        await c.press("slash", *"price")
        assert names(c) == ["browse", "product", "product has a price"]
        await c.press("escape")
        assert names(c) == whole


async def test_a_check_opens_with_its_own_lines_and_esc_goes_back() -> None:
    async with cockpit(polls=2) as c:
        await c.press("3")
        await c.watch(4)
        await c.press("slash", *"price", "enter", "end", "enter")
        assert c.app.screen_name == "check"
        for words in ("product has a price", "::browse::product", "share passed", "passes and fails", "interval"):
            assert words in c.text
        await c.press("escape")
        assert c.app.screen_name == "checks"
        assert names(c)[-1] == "product has a price"


async def test_a_frozen_tree_stands_still() -> None:
    async with cockpit(polls=2) as c:
        await c.press("3")
        await c.watch(3)
        await c.press("f")
        before = [row.cells for row in table(c).rows]
        await c.watch(5)
        assert [row.cells for row in table(c).rows] == before
        await c.press("f")
        assert [row.cells for row in table(c).rows] != before


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (48, 14)])
@pytest.mark.parametrize("glyphs", [Glyphs.BRAILLE, Glyphs.ASCII])
async def test_hostile_names_do_no_harm(size: tuple[int, int], glyphs: Glyphs) -> None:
    async with cockpit("nasty", polls=2, size=size, glyphs=glyphs) as c:
        await c.press("3")
        await c.watch(3)
        for _ in range(2):
            shown = c.text
            assert "a[/]b" in shown
            assert "\x1b" not in shown
            assert max(map(text_width, shown.splitlines())) == size[0]
            if glyphs is Glyphs.ASCII:
                assert "run " in shown
            await c.press("o")
        await c.press("slash", *"a[/]b", "enter", "end", "enter")
        assert c.app.screen_name == "check"
        assert "a[/]b" in c.text
