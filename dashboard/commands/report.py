"""``k6dash report``: a recorded run on one page."""

from __future__ import annotations

from pathlib import Path

import click

from dashboard.commands.export import writing
from dashboard.commands.options import CONTEXT
from dashboard.errors import ExitCode, UsageError


@click.command(context_settings=CONTEXT)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write. [default: stdout]"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("html", "md")),
    help="html: one page with charts that loads nothing; md: for a pull request."
    " [default: what the ending of --output says, else html]",
)
@click.option(
    "--run", "number", type=click.IntRange(1), metavar="NUMBER", help="Which run of FILE. [default: the last]"
)
def report(file: Path, output: Path | None, form: str | None, number: int | None) -> int:
    """Write a report on the run that was recorded in FILE."""
    form = form or ("md" if output is not None and output.suffix.lower() in (".md", ".markdown") else "html")
    if form == "html":
        try:
            from dashboard.report.page import render_page as render
        except ImportError:
            raise UsageError(
                "an HTML report needs pygal and jinja2: pip install 'k6dash[report]'; or take --format md"
            ) from None
    else:
        from dashboard.report.markdown import render_markdown as render
    from dashboard.playback import Playback
    from dashboard.report.content import build_content
    from dashboard.sources.replayable import open_replayable

    recording = open_replayable(file)
    history = Playback(recording).finish()
    try:
        content = build_content(recording, history, number)
    except LookupError as error:
        raise UsageError(f"{file} has no run {number}; {error.args[0]}") from None
    with writing(output, file) as out:
        out.write(render(content).encode("utf-8", "backslashreplace"))
    return ExitCode.OK
