"""The stylesheets say the same however they are read."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import tokenize_values

from dashboard.resources import stylesheet
from dashboard.tui.sheets import FRAME, OTHERS, OVERVIEW, compact
from dashboard.tui.theme import DARK, variable_defaults

TRICKY = """
/* A comment with { braces; } and a : colon */
Screen > .a--b , #c.-d:focus > Static:hover,Button.-e { color: $pass ;  background:  $background  60% ; }
.-ascii { Phases:focus, Thresholds { border:ascii $border; } &.-short Phases { margin: 0 1 0  2; } }
"""


def rules(css: str) -> list[tuple[str, str]]:
    variables = App[None]().get_css_variables() | DARK.variables | variable_defaults(DARK)

    def said(rule: RuleSet) -> tuple[str, str]:
        return rule.selectors, "\n".join(rule.styles.css_lines)

    found = list(parse("", css, ("", ""), variable_tokens=tokenize_values(variables)))
    assert not any(rule.errors for rule in found)
    return [said(rule) for rule in found]


@pytest.mark.parametrize("name", [*FRAME, *OVERVIEW, *OTHERS])
def test_a_stylesheet_says_the_same_without_its_blanks(name: str) -> None:
    css = stylesheet(name).read_text(encoding="utf-8")
    assert rules(compact(css)) == rules(css) != []
    assert len(compact(css)) < len(css)


def test_blanks_that_mean_something_stay() -> None:
    assert rules(compact(TRICKY)) == rules(TRICKY)
    assert len(rules(TRICKY)) == 4
