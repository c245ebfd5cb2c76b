"""The themes: colours by meaning, for dark and light terminals and for the terminal's own sixteen colours.

Stylesheets refer to meanings alone: ``$role-p95``, ``$pass``, ``$warn``. Text keeps a contrast of at least
4.5 to 1 on its background in both of k6dash's own themes.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="k6dash-dark",
    dark=True,
    primary="#7d64ff",
    secondary="#4fb3d9",
    accent="#a594ff",
    success="#4fd18b",
    warning="#f2c14e",
    error="#ff6b6b",
    foreground="#dcdcea",
    background="#11111b",
    surface="#171723",
    panel="#20202f",
    boost="#26263a",
    variables={
        "role-avg": "#f4f4ff",
        "role-min": "#5c9cf5",
        "role-med": "#3fc9c0",
        "role-p90": "#f2b84b",
        "role-p95": "#ff8552",
        "role-p99": "#ff5c8a",
        "role-max": "#e26bd6",
        "role-rate": "#4fc3f7",
        "role-vus": "#a594ff",
        "role-failed": "#ff6b6b",
        "role-passed": "#4fd18b",
        "role-received": "#56b6f0",
        "role-sent": "#d3a6ff",
        "role-value": "#5fd7e8",
        "role-planned": "#8b8ba7",
        "pass": "#4fd18b",
        "fail": "#ff6b6b",
        "warn": "#f2c14e",
        "dim": "#8b8ba7",
        "faint": "#3a3a50",
        "grid": "#2c2c40",
        "mark": "#a594ff",
        "level": "#e0a52e",
        "cursor": "#33305c",
        "cursor-blurred": "#26263a",
        "cursor-style": "bold",
        "cursor-blurred-style": "none",
        "border": "#7d64ff",
        "border-blurred": "#3d3d57",
        "footer-key-foreground": "#a594ff",
        "block-cursor-background": "#7d64ff",
        "block-cursor-foreground": "#ffffff",
        "scrollbar": "#3d3d57",
        "scrollbar-hover": "#7d64ff",
        "scrollbar-active": "#a594ff",
        "scrollbar-background": "#171723",
        "scrollbar-background-hover": "#171723",
        "scrollbar-background-active": "#171723",
        "scrollbar-corner-color": "#171723",
    },
)

LIGHT = Theme(
    name="k6dash-light",
    dark=False,
    primary="#5b45d6",
    secondary="#0b6e99",
    accent="#5b45d6",
    success="#0f7540",
    warning="#8a5a00",
    error="#c42b2b",
    foreground="#23232f",
    background="#f5f5fa",
    surface="#fdfdff",
    panel="#ececf4",
    boost="#e4e4ef",
    variables={
        "role-avg": "#1d1d28",
        "role-min": "#2f62c4",
        "role-med": "#00746d",
        "role-p90": "#8a5a00",
        "role-p95": "#bb4400",
        "role-p99": "#bd1550",
        "role-max": "#9c2a91",
        "role-rate": "#006a9c",
        "role-vus": "#5b45d6",
        "role-failed": "#c42b2b",
        "role-passed": "#0f7540",
        "role-received": "#00669c",
        "role-sent": "#8236c0",
        "role-value": "#006b7d",
        "role-planned": "#63637c",
        "pass": "#0f7540",
        "fail": "#c42b2b",
        "warn": "#8a5a00",
        "dim": "#63637c",
        "faint": "#c3c3d3",
        "grid": "#d9d9e5",
        "mark": "#5b45d6",
        "level": "#8a5a00",
        "cursor": "#d9d4ff",
        "cursor-blurred": "#e4e4ef",
        "cursor-style": "bold",
        "cursor-blurred-style": "none",
        "border": "#5b45d6",
        "border-blurred": "#bdbdd0",
        "footer-key-foreground": "#5b45d6",
        "block-cursor-background": "#5b45d6",
        "block-cursor-foreground": "#ffffff",
        "scrollbar": "#bdbdd0",
        "scrollbar-hover": "#5b45d6",
        "scrollbar-active": "#5b45d6",
        "scrollbar-background": "#fdfdff",
        "scrollbar-background-hover": "#fdfdff",
        "scrollbar-background-active": "#fdfdff",
        "scrollbar-corner-color": "#fdfdff",
    },
)

_ANSI_VARIABLES = {
    "role-avg": "ansi_default",
    "role-min": "ansi_blue",
    "role-med": "ansi_cyan",
    "role-p90": "ansi_yellow",
    "role-p95": "ansi_red",
    "role-p99": "ansi_magenta",
    "role-max": "ansi_bright_magenta",
    "role-rate": "ansi_cyan",
    "role-vus": "ansi_magenta",
    "role-failed": "ansi_red",
    "role-passed": "ansi_green",
    "role-received": "ansi_blue",
    "role-sent": "ansi_magenta",
    "role-value": "ansi_cyan",
    "role-planned": "ansi_bright_black",
    "pass": "ansi_green",
    "fail": "ansi_red",
    "warn": "ansi_yellow",
    "dim": "ansi_bright_black",
    "faint": "ansi_bright_black",
    "grid": "ansi_bright_black",
    "mark": "ansi_magenta",
    "level": "ansi_yellow",
    "cursor": "ansi_default",
    "cursor-blurred": "ansi_default",
    "cursor-style": "reverse",
    "cursor-blurred-style": "underline",
    "border": "ansi_magenta",
    "border-blurred": "ansi_bright_black",
    "footer-key-foreground": "ansi_magenta",
    "block-cursor-background": "ansi_magenta",
    "block-cursor-foreground": "ansi_bright_white",
    "ansi-background": "ansi_black",
    "ansi-foreground": "ansi_white",
}

ANSI = Theme(
    name="k6dash-ansi",
    ansi=True,
    primary="ansi_magenta",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables=_ANSI_VARIABLES,
)

_OTHERS = frozenset(
    {"pass", "fail", "warn", "dim", "faint", "grid", "mark", "level"}
    | {"cursor", "cursor-style", "cursor-blurred", "cursor-blurred-style"}
)

THEMES = (DARK, LIGHT, ANSI)
"""To be registered by the app, the first being the default."""

_MEANINGS = tuple(name for name in _ANSI_VARIABLES if name.startswith("role-") or name in _OTHERS)


def variable_defaults(theme: Theme) -> dict[str, str]:
    """The meanings' colours under a theme that is not ours, for ``App.get_theme_variable_defaults``."""
    own = ANSI if theme.ansi else DARK if theme.dark else LIGHT
    return {name: own.variables[name] for name in _MEANINGS}
