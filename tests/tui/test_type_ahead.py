"""Keys that arrive together go where a person meant them."""

from __future__ import annotations

from textual.events import Key

from tests.tui.cockpit import cockpit


async def test_a_filter_typed_in_one_go_steers_nothing() -> None:
    async with cockpit("steady", polls=5) as sitting:
        await sitting.pilot.press("2")
        for key in ("slash", *"http_req_p", "slash"):
            character = "/" if key == "slash" else key
            sitting.app.post_message(Key("underscore" if key == "_" else key, character))
        await sitting.watch(1)
        assert sitting.app.is_running
        assert sitting.source.performed == []
        assert "http_req_p/" in sitting.text
