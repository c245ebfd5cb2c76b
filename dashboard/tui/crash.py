"""What is said when k6dash itself fails: where it was, and nothing of what it knew.

A value in a frame may be a secret, such as a header meant for a proxy, and this text is made to be passed on.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, metadata

from rich.console import Group, RenderableType
from rich.text import Text
from rich.traceback import Traceback

from dashboard import __version__


def crash_report() -> RenderableType:
    """The traceback of the exception being handled, without the values of variables, and what to do with it."""
    where = _issues()
    ask = f"Please report it at {where}" if where else "Please report it to those who gave you k6dash"
    what = f"k6dash {__version__} has failed by its own fault; a k6 that it watched goes on."
    words = f"{what} {ask}, with the lines above."
    return Group(Traceback(show_locals=False, width=None), Text(words))


def _issues() -> str:
    """Where the installed distribution says that its issues are kept; empty where it does not."""
    try:
        urls = metadata("k6dash").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    return next((url.partition(",")[2].strip() for url in urls if str(url).lower().startswith("issues,")), "")
