"""The documents are the documented ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest

import dashboard.oneshot
from tests.oneshot.command import run, served

PAGE = (Path(dashboard.oneshot.__file__).parent / "JSON.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
STATUS = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.+?) \|", SECTIONS["status"], re.MULTILINE))))
COMMON = {"schema", "command", "target"}


def documented(command: str) -> set[str]:
    """The keys in the left column of the command's section."""
    section = next(text for title, text in SECTIONS.items() if command in title.split(", "))
    return set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.+?) \|", section, re.MULTILINE))))


COMMANDS = (
    ("status",),
    ("metrics", "http_reqs", "nothing"),
    ("capabilities",),
    ("setup", "show"),
    ("setup", "run"),
    ("teardown",),
    ("generator",),
    ("groups", "--force"),
    ("checks", "--force"),
    ("wait", "running"),
    ("pause",),
    ("resume",),
    ("scale", "2"),
    ("stop", "--yes"),
)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    with served() as address:
        run("wait", "running", "--target", address, "--timeout", "20")
        path = tmp_path_factory.mktemp("json") / "data.json"
        path.write_text("[1]")
        commands = (*COMMANDS[:-1], ("setup", "set", str(path)), COMMANDS[-1])
        told = [run(*command, "--target", address, "--json").document for command in commands]
        told.append(run("config", "--json").document)
        return {document["command"]: document for document in told}


@pytest.mark.parametrize("command", [command for title in SECTIONS for command in title.split(", ")])
def test_a_document_has_the_documented_keys_and_no_others(documents: dict[str, dict[str, Any]], command: str) -> None:
    document = documents[command]
    assert (document["schema"], document["command"]) == (1, command)
    only_of_some = {"asked", "end", "has_data", "data"} - document.keys()
    assert document.keys() == documented(command) - only_of_some | COMMON
    for key in ("before", "after", "status"):
        if isinstance(document.get(key), dict):
            assert cast("dict[str, object]", document[key]).keys() == STATUS
