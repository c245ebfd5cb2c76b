"""Reads k6's command line without letting a secret through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from dashboard.api.documents import CommandLine
from dashboard.api.shape import is_list, is_object
from dashboard.api.untrusted import clean

_LONG = re.compile(r"--[a-z][a-z0-9-]{0,40}")
_SHORT = re.compile(r"-[A-Za-z]")
_SCRIPT = re.compile(r"[^=]*\.(js|mjs|cjs|ts|tar)", re.IGNORECASE)
_URL = re.compile(r"([a-z][a-z0-9+.-]*://)(?:[^/]*@)?([^?#]*)", re.IGNORECASE)
_WITHOUT_VALUE = frozenset(
    {
        *("--paused", "--no-setup", "--no-teardown", "--http-debug", "--insecure-skip-tls-verify", "--throw"),
        *(
            "--no-connection-reuse",
            "--no-vu-connection-reuse",
            "--discard-response-bodies",
            "--linger",
            "--help",
        ),
        *("--include-system-env-vars", "--no-thresholds", "--no-summary", "--new-machine-readable-summary"),
        *("--no-usage-report", "--no-color", "--profiling-enabled", "--quiet", "--verbose"),
        *("-p", "-w", "-l", "-q", "-v", "-h"),
    }
)
"""k6's switches. What follows any other option is taken for its value, so that an option of a later k6 can hide
the script's name and never show a secret."""


def read_command_line(arguments: Sequence[object]) -> CommandLine:
    """Keep the script's name and the names of the options; drop every value."""
    words = [word for word in arguments if isinstance(word, str)]
    flags: list[str] = []
    script: str | None = None
    for word in _without_values(words[1:], flags):
        if script is None and _SCRIPT.fullmatch(shown := _without_login(word)):
            script = clean(shown)
    return CommandLine(script, tuple(flags))


def _without_values(words: list[str], flags: list[str]) -> Iterator[str]:
    """Give the words that are neither options nor their values; put the options' names into ``flags``."""
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield from rest
        elif not word.startswith("-") or word == "-":
            yield word
        else:
            name, equals, _ = word.partition("=")
            # The value of a short option may follow without a space: -eTOKEN=...
            flag = name if name.startswith("--") else name[:2]
            attached = bool(equals) or (flag != name and flag not in _WITHOUT_VALUE)
            if (_LONG if flag.startswith("--") else _SHORT).fullmatch(flag):
                flags.append(flag)
            if not attached and flag not in _WITHOUT_VALUE:
                next(rest, None)


def _without_login(word: str) -> str:
    match = _URL.match(word)
    return match[1] + match[2] if match else word


def without_secrets(body: bytes, key: str = "cmdline") -> bytes:
    """A document as it came, but for the command line in it, of which only what is shown is left.

    A document that is not whole is dropped: there is no telling where in it a secret is.

    Args:
        body: ``/debug/vars/`` as k6 gave it, or another JSON object.
        key: Where the command line stands in it.
    """
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return b""
    if not is_object(document):
        return b""
    given = document.get(key)
    if is_list(given):
        command = read_command_line(given)
        # With the sign of a value and without one, an option takes the next word for no value of its own.
        words = ["k6", *(f"{flag}=" for flag in command.flags)]
        document[key] = [*words, "--", command.script] if command.script else words
    else:
        document.pop(key, None)
    return json.dumps(document, separators=(",", ":")).encode("ascii")
