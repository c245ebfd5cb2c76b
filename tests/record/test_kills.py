from __future__ import annotations

import random
from pathlib import Path

from tests.record.kills import kill

KILLS = 5
"""``python -m tests.record.kills`` does 200."""


def test_a_killed_recorder_loses_nothing_before_its_last_second(tmp_path: Path) -> None:
    dice = random.Random(5)
    for number in range(KILLS):
        killed = kill(tmp_path / str(number), dice)
        assert killed.kept
        assert killed.kept == killed.seen[: len(killed.kept)]
        assert not killed.lost_before_the_last_second
        assert "without having been closed" in killed.trouble
