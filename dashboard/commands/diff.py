"""``k6dash diff``: two recorded runs beside each other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dashboard.commands.options import CONTEXT
from dashboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from dashboard.diff.course import Course


class Share(click.ParamType[float]):
    """A share, as ``10%`` or ``0.1``."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        text = str(value).strip()
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?%?", text):
            self.fail(f"{value!r} is no share; write one like 10%", param, ctx)
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)


@click.command(context_settings=CONTEXT)
@click.argument("before", type=click.Path(path_type=Path), metavar="A")
@click.argument("after", type=click.Path(path_type=Path), metavar="B")
@click.option("--metric", "wanted", metavar="METRIC", multiple=True, help="Compare this one alone; repeatable.")
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Show phases of requests, bytes, largest values and the script's own numbers too.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document, for programs.")
@click.option(
    "--fail-on-regression",
    "share",
    type=Share(),
    metavar="PERCENT",
    help="End with 99 where B is worse than A by more than this, such as 10%, and by more than noise where that can be"
    " told; percentiles count by their size alone.",
)
def diff(before: Path, after: Path, wanted: tuple[str, ...], every: bool, as_json: bool, share: float | None) -> int:
    """Compare the recorded run B with the recorded run A, second by second of the test's clock."""
    from dashboard.diff.compare import compare_runs
    from dashboard.diff.course import read_course
    from dashboard.diff.table import document, explanation, table_lines
    from dashboard.sources.replayable import open_replayable

    courses: list[Course] = []
    for path in (before, after):
        course = read_course(open_replayable(path))
        if not course.looks:
            raise UsageError(f"{path} holds no numbers of a test that ran; record one from its start")
        courses.append(course)
    found = compare_runs(courses[0], courses[1], wanted)
    missing = set(wanted) - {change.metric for change in found.changes}
    if missing:
        raise UsageError(f"neither recording has a metric {sorted(missing)[0]!r} with a trend, rate or counter in it")
    if as_json:
        click.echo(json.dumps(document(found, share), indent=2, allow_nan=False))
    else:
        for line in table_lines(found, every=every or bool(wanted), share=share):
            click.echo(line)
    for note in (*found.notes, explanation(found)):
        click.echo(f"k6dash: {note}", err=True)
    regressions = [change for change in found.changes if share is not None and change.is_regression(share)]
    if regressions:
        click.echo(f"k6dash: {len(regressions)} of them worse by more than {100 * (share or 0):g}%", err=True)
        return ExitCode.THRESHOLDS_CROSSED
    return ExitCode.OK
