"""Real k6's own answers, kept as data; ``python -m tests.conformance.golden_answers`` takes them anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dashboard.simulation.profile import Profile
from tests.conformance.cases import phases
from tests.conformance.targets import Target, go_to, real_k6
from tests.conformance.wire import normalised

GOLDEN = Path(__file__).resolve().parent / "golden"


def answers_of(target: Target, profile: Profile) -> dict[str, dict[str, Any]]:
    """All answers, by phase and case."""
    found: dict[str, dict[str, Any]] = {}
    for phase, cases in phases(external=profile.is_external).items():
        go_to(target, phase)
        found[phase] = {case.name: normalised(target.ask(case), case) for case in cases}
        assert len(found[phase]) == len(cases), "two cases of one name"
    return found


def load(profile: Profile) -> dict[str, dict[str, Any]]:
    """The answers that were kept."""
    kept = json.loads((GOLDEN / f"answers-{profile}.json").read_text(encoding="utf-8", errors="surrogatepass"))
    return {
        phase: {name: kept["answers"][at] for name, at in by_name.items()} for phase, by_name in kept["phases"].items()
    }


def save(profile: Profile, found: dict[str, dict[str, Any]]) -> None:
    """Keep answers, each distinct one once."""
    distinct: dict[str, int] = {}
    numbered: dict[str, dict[str, int]] = {}
    for phase, by_name in found.items():
        numbered[phase] = {}
        for name, answer in by_name.items():
            numbered[phase][name] = distinct.setdefault(json.dumps(answer), len(distinct))
    lines = ",\n".join(distinct)
    text = f'{{"phases": {json.dumps(numbered, indent=0)},\n"answers": [\n{lines}\n]}}\n'
    (GOLDEN / f"answers-{profile}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for chosen in [Profile(name) for name in sys.argv[1:]] or list(Profile):
        with real_k6(chosen) as real:
            save(chosen, answers_of(real, chosen))
