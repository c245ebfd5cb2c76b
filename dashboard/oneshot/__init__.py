"""One question or one action, one answer, and the process is over: for scripts, and for hands in a hurry.

Each function here asks a k6 through the client it is given and returns a :class:`~dashboard.oneshot.report.Report`;
nothing here prints, reads what was typed, or knows a terminal.
"""
