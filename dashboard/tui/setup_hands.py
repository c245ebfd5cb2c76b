"""The hands on setup(), its data and teardown(): what is asked before, and what is edited."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from textual.app import App

from dashboard.model.action import Action, SetSetup, SetupAction, Verb
from dashboard.session import Session
from dashboard.view.format import clean

_CANNOT_EDIT: Final = "Cannot edit the setup data"


class SetupHands:
    """Questions first, then hands on what is to be done. Its dialogs are loaded when they are needed."""

    def __init__(
        self,
        app: App[str],
        session: Session,
        ask: Callable[[Action, str], object],
        explains: Callable[[Verb], bool],
    ) -> None:
        """Take what it works with.

        Args:
            app: Over which the dialogs lie.
            session: The targets.
            ask: Has an action performed; the text says what is being done meanwhile.
            explains: Whether a kind of action cannot be done now; then it has said why.
        """
        self._app = app
        self._session = session
        self._ask = ask
        self._explains = explains

    def look(self, target: str) -> None:
        """Ask k6 for the setup data, once."""
        if self._session.histories[target].run.status is not None:
            looking = self._session.look_at_setup(target)
            self._app.run_worker(looking, name="look at the setup data", group="setup")

    def ask_first(self, target: str, action: SetupAction, doing: str) -> None:
        """Have an action performed, after a question."""
        if self._explains(action.verb):
            return
        self._app.run_worker(self._perform_if_confirmed(target, action, doing), name="ask first", group="questions")

    async def _perform_if_confirmed(self, target: str, action: SetupAction, doing: str) -> None:
        if await self._confirm(target, action):
            self._ask(action, doing)

    async def _confirm(self, target: str, action: SetupAction) -> bool:
        """Say what k6 would do with it in the state in which it is now, and ask."""
        from dashboard.tui.screens.question import QuestionDialog
        from dashboard.view.setup import question_of

        run = self._session.histories[target].run
        return await self._app.push_screen_wait(QuestionDialog(question_of(action, run.status, run.state())))

    def edit(self, target: str) -> None:
        """Edit the setup data, as k6 has them now."""
        if not self._explains(Verb.SET_SETUP):
            self._app.run_worker(self._edit(target), name="edit the setup data", group="editor", exclusive=True)

    async def _edit(self, target: str) -> None:
        failure = await self._session.look_at_setup(target)
        if failure is not None:
            self._cannot_edit(clean(failure.message))
            return
        from dashboard.tui.screens.setup_editor import MOST_CHARACTERS, SetupEditor
        from dashboard.view.setup import editable

        seen = self._session.histories[target].run.setup.at(None)
        data = seen.data.text if seen else None
        if data is not None and len(data) > MOST_CHARACTERS:
            self._cannot_edit(f"{len(data):,} characters are too many to edit here; k6dash setup set FILE takes them.")
            return

        def take(action: SetSetup | None) -> None:
            if action is not None:
                self._ask(action, "sending setup data")

        self._app.push_screen(SetupEditor(editable(data), data, partial(self._confirm, target)), take)

    def _cannot_edit(self, why: str) -> None:
        self._app.notify(why, title=_CANNOT_EDIT, severity="warning", timeout=8.0, markup=False)
