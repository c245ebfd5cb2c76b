"""Settings as the cockpit on a terminal takes them."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import open_cockpit


def test_the_cockpit_starts_as_its_settings_say(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('simulate = "steady"\ninterval = 0.2\ntheme = "light"\n[keys]\npause = "P"\n', encoding="utf-8")
    with open_cockpit("--config", str(path)) as cockpit:
        cockpit.wait_state("running")
        cockpit.wait_vus(20, 40)
        cockpit.press("p", "+")
        cockpit.wait_vus(21, 40)
        assert cockpit.state == "running"
        cockpit.press("P")
        cockpit.wait_state("paused")
        assert "P resume" in cockpit.screen
        assert cockpit.leave() == 0


def test_the_environment_sets_what_is_not_typed() -> None:
    with open_cockpit(env={"K6DASH_SIMULATE": "spike", "K6DASH_READ_ONLY": "1"}) as cockpit:
        cockpit.wait_state("running")
        assert "sim:spike" in cockpit.screen
        assert "read-only" in cockpit.screen
        assert cockpit.leave() == 0
