"""What the user does with time: standing still, moving, playing, another run."""

from __future__ import annotations

from dataclasses import replace

from dashboard.tui.cockpit import Cockpit
from dashboard.tui.messages import MomentChosen
from dashboard.tui.widgets.position import PositionBar
from dashboard.view.header import selected_run


class Moments(Cockpit):
    """The actions and messages that change which moment is shown."""

    async def on_moment_chosen(self, event: MomentChosen) -> None:
        """Show a moment that has passed."""
        if self._stage is not None and self._stage.shown == "events":
            await self._turn_to("overview", self._stage)
        self._select(self._playhead.seek(self._selection, event.at))

    def on_position_bar_sought(self, event: PositionBar.Sought) -> None:
        """Show the moment that was pointed at."""
        self._select(self._playhead.seek(self._selection, event.at))

    def action_play(self) -> None:
        """Let the moment shown move on, or stand still."""
        self._select(self._playhead.toggle(self._selection))
        if self._playing is not None and self._playhead.is_playing:
            self._playing.resume()

    def action_move(self, seconds: float) -> None:
        """Show a moment so much later, or earlier."""
        self._select(self._playhead.move(self._selection, seconds))

    def action_step(self, looks: int) -> None:
        """Show the next look, or the one before."""
        self._select(self._playhead.step(self._selection, looks))

    def action_to_event(self, step: int) -> None:
        """Show what happened next, or before."""
        self._select(self._playhead.to_event(self._selection, step))

    def action_pace(self, step: int) -> None:
        """Play faster or slower."""
        self._playhead.faster(step)
        self._show_header()

    def action_freeze(self) -> None:
        """Stand still, or follow again."""
        if self._selection.cursor is not None:
            self._select(self._playhead.follow(self._selection))
            return
        run = selected_run(self._session.histories[self._target], self._selection)
        self._select(replace(self._selection, cursor=run.last_row))

    def action_earlier_run(self) -> None:
        """Show the run before the one shown."""
        self._turn_to_run(-1)

    def action_later_run(self) -> None:
        """Show the run after the one shown."""
        self._turn_to_run(1)

    def _turn_to_run(self, step: int) -> None:
        history = self._session.histories[self._target]
        numbers = [run.number for run in history.runs]
        shown = numbers.index(selected_run(history, self._selection).number) + step
        if not 0 <= shown < len(numbers):
            self.notify("There is no earlier run." if step < 0 else "This is the newest run.", markup=False)
            return
        is_newest = shown == len(numbers) - 1
        run = history.runs[shown]
        self._select(
            replace(self._selection, run=None if is_newest else run.number, cursor=None if is_newest else run.last_row)
        )
