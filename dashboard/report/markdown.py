"""A report as Markdown, short enough for a pull request."""

from __future__ import annotations

import re
from typing import Final

from dashboard.model.threshold_log import Standing
from dashboard.report.content import Content
from dashboard.view.format import clean, quantity

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$@:-])")
_LONGEST: Final = 120
MOST_LINES: Final = 30


_STANDINGS: Final = {Standing.FAILS: "❌", Standing.HOLDS: "✅", Standing.NO_DATA: "no data", Standing.UNKNOWN: "?"}


def _expressions(content: Content) -> str:
    """A line for each threshold of the script."""
    return _table(
        ("", "metric", "threshold", "value", "margin"),
        [
            (
                _STANDINGS[line.standing],
                _text(line.metric),
                _text(line.source),
                _text(quantity(line.number.value, line.number.unit)),
                _text(line.margin),
            )
            for line in content.expressions[:MOST_LINES]
        ],
    ) + _more(len(content.expressions))


def render_markdown(content: Content) -> str:
    """The verdict, the figures, thresholds, failed checks, all statistics folded away."""
    parts = [
        f"### {'❌' if content.is_bad else '✅'} {_text(content.title)}",
        _text(content.verdict),
        _table(("", "", ""), [(f"**{_text(f.title)}**", _text(f.value), _text(f.note)) for f in content.figures]),
    ]
    crossed = [name for name, is_crossed in content.thresholds if is_crossed]
    if content.expressions:
        parts.append("**Thresholds**\n\n" + _expressions(content))
    elif content.thresholds:
        parts.append(
            f"**Thresholds** {len(content.thresholds) - len(crossed)} of {len(content.thresholds)} metrics hold"
            + "".join(f"\n- ❌ {_text(name)}" for name in crossed[:MOST_LINES])
            + _more(len(crossed))
        )
    failed = [line for line in content.checks if line.check is not None and line.tally.fails]
    if failed:
        parts.append(
            "**Failed checks**"
            + "".join(
                f"\n- {_text(line.name)}: {line.tally.fails:,} of {line.tally.total:,} failed"
                for line in failed[:MOST_LINES]
            )
            + _more(len(failed))
        )
    if content.generator is not None:
        parts.append(f"**Load generator** {_text(content.generator.verdict.headline)}")
    tables = [
        f"**{table.title}**\n\n"
        + _table(
            ("metric", *table.columns),
            [
                (f"{'❌ ' if tainted else ''}{_text(name)}", *(_text(value) for value in values))
                for name, tainted, values in table.rows
            ],
        )
        for table in content.tables
    ]
    parts.append("<details><summary>All statistics</summary>\n\n" + "\n\n".join(tables) + "\n\n</details>")
    facts = "  \n".join(f"{fact.name}: {_text(fact.value)}" for fact in content.facts)
    parts.append(f"<details><summary>This run</summary>\n\n{facts}\n\n</details>")
    if content.trouble:
        parts.append(_text(content.trouble))
    return "\n\n".join(parts) + "\n"


def _more(count: int) -> str:
    return f"\n- and {count - MOST_LINES} more" if count > MOST_LINES else ""


def _table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = f"| {' | '.join(titles)} |\n| --- |{' ---: |' * (len(titles) - 1)}"
    return head + "".join(f"\n| {' | '.join(row)} |" for row in rows)


def _text(text: str) -> str:
    """Untrusted text that is nothing but text in Markdown: no markup, no link, no mention, no cell's end."""
    return _SPECIAL.sub(r"\\\1", clean(text, _LONGEST))
