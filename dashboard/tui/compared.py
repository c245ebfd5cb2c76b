"""The run that is drawn behind the one shown, as the cockpit has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.quick import dataclass
from dashboard.view.baseline import Baseline

if TYPE_CHECKING:
    from dashboard.model.run_history import RunHistory
    from dashboard.replay import ReplaySession


@dataclass(frozen=True, slots=True)
class Compared:
    """A recorded run beside the one shown."""

    name: str
    """The file's name; untrusted text."""
    session: ReplaySession
    """Reads it, when it runs."""

    @property
    def baseline(self) -> Baseline:
        """What is drawn of it."""
        return Baseline(self.name, self._last_run)

    def _last_run(self) -> RunHistory:
        """The last run of the recording, which is the one that a comparison takes too."""
        return self.session.histories[self.session.target].run
