"""The real command, run once, and a simulated k6 for it to ask."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.harness.ports import HOST
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def facts(self) -> dict[str, str]:
        """A table of names and values."""
        return dict(re.split(r"\s{2,}", line, maxsplit=1) for line in self.out.splitlines() if line)


def run(*arguments: str, stdin: str = "", env: dict[str, str] | None = None) -> Done:
    """Run ``k6dash``, with pipes for its streams."""
    done = subprocess.run(
        [*K6DASH, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
        env={**os.environ, **(env or {})},
    )
    return Done(done.returncode, done.stdout, done.stderr)


@contextmanager
def served(*arguments: str) -> Generator[str]:
    """Run ``k6dash serve``; gives its address."""
    process = subprocess.Popen(
        [*K6DASH, "serve", "--listen", f"{HOST}:0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()
