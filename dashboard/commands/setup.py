"""``k6dash setup`` and ``teardown``: the script's hooks and the data between them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dashboard.commands.oneshot import ACT_TIMEOUT, Reach, reaching
from dashboard.commands.options import CONTEXT
from dashboard.errors import UsageError

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report

LARGEST = 16 * 1024 * 1024
"""The most bytes sent: as many as are taken when they are read again."""


@click.command(context_settings=CONTEXT)
@click.argument("what", metavar="[show | run | set]", type=click.Choice(("show", "run", "set")), default="show")
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True))
@reaching(ACT_TIMEOUT)
def setup(reach: Reach, what: str, file: str | None) -> int:
    """Show the setup data, run the setup hook again, or set the data from FILE (- is stdin; empty takes them away).

    They are shown as the bare JSON value that k6 has, and set from one. A VU reads them once, at its first iteration.
    """
    if (file is not None) is not (what == "set"):
        raise UsageError("setup set needs a FILE, or - for stdin" if what == "set" else f"setup {what} takes no FILE")
    text = None if file is None else _json_of(file)

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import setup

        match what:
            case "run":
                return await setup.run(client, deadline)
            case "set":
                return await setup.put(client, deadline, text)
            case _:
                return await setup.show(client, deadline)

    return reach.ask(f"setup {what}", ask, acts=what != "show")


@click.command(context_settings=CONTEXT)
@reaching(ACT_TIMEOUT)
def teardown(reach: Reach) -> int:
    """Run the teardown hook now. It runs again when the test ends."""

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import setup

        return await setup.teardown(client, deadline)

    return reach.ask("teardown", ask, acts=True)


def _json_of(file: str) -> str | None:
    """The JSON in a file, as it is; None where there is nothing in it.

    Raises:
        UsageError: it cannot be read, or is no JSON.
    """
    from dashboard.model.json_text import check

    name = "stdin" if file == "-" else file
    try:
        if file == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with open(file, "rb") as stream:
                content = stream.read(LARGEST + 1)
        text = content.decode("utf-8-sig").strip()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text") from None
    if len(content) > LARGEST:
        raise UsageError(f"{name} holds more than {LARGEST // 1024 // 1024} MiB; k6dash could not read that back")
    if not text:
        return None
    fault = check(text)
    if fault is not None:
        raise UsageError(f"{name} is no JSON: {fault}")
    return text
