"""Answers of real k6s, byte for byte; captured with the scripts and by the rules of the API's own study."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

VERSIONS = ("v1.1.0", "v1.7.1", "v2.2.0")


@dataclass(frozen=True, slots=True)
class Golden:
    """One request and what k6 answered."""

    version: str
    name: str
    method: str
    endpoint: str
    status: int
    body: bytes

    def __str__(self) -> str:
        return f"{self.version}-{self.name}"


def goldens(*names: str) -> list[Golden]:
    """All answers, or those of the given names, of every version that gave one."""
    found: list[Golden] = []
    for version in VERSIONS:
        text = Path(__file__).with_name(f"{version}.json").read_text(encoding="utf-8")
        for name, entry in json.loads(text).items():
            if not names or name in names:
                body = entry["body"].encode()
                found.append(
                    Golden(version, name, entry["method"], entry["endpoint"], entry["status"], body)
                )
    return found
