from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from dashboard.tui.theme import ANSI, DARK, LIGHT, THEMES, variable_defaults
from dashboard.view.chart import Role

TEXTS = [f"role-{role}" for role in Role] + ["pass", "fail", "warn", "dim", "mark", "level"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_role_has_a_colour(theme: Theme) -> None:
    assert set(TEXTS) <= theme.variables.keys()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme, name: str) -> None:
    colour = Color.parse(theme.variables[name])
    for ground in (theme.background, theme.surface, theme.panel):
        assert contrast(colour, Color.parse(ground or "")) >= 4.5, (theme.name, name, ground)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_can_be_read_under_the_cursor(theme: Theme) -> None:
    for cursor in ("cursor", "cursor-blurred"):
        ground = Color.parse(theme.variables[cursor])
        assert contrast(Color.parse(theme.foreground or ""), ground) >= 4.5
        assert contrast(Color.parse(theme.variables["fail"]), ground) >= 3


def test_other_themes_get_the_meanings_too() -> None:
    for theme in BUILTIN_THEMES.values():
        own = ANSI if theme.ansi else DARK if theme.dark else LIGHT
        defaults = variable_defaults(theme)
        assert set(TEXTS) <= defaults.keys()
        assert "primary" not in defaults
        assert "border" not in defaults
        assert defaults["role-p95"] == own.variables["role-p95"]


def contrast(one: Color, other: Color) -> float:
    """WCAG's contrast ratio."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colour: Color) -> float:
    channels = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour.rgb)
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
