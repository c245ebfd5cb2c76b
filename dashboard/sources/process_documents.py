"""What the documents of a process are named, which k6dash has started or simulates: they are no paths of an API."""

from typing import Final

LAUNCH: Final = "process/launch"
"""Which k6 it is, and how it was started."""
OUTPUT: Final = "process/stdout"
LOG: Final = "process/stderr"
SKIPPED: Final = "process/skipped"
"""How much of the log was left out."""
PLAN: Final = "process/inspect"
"""What ``k6 inspect`` says of the script."""
EXIT: Final = "process/exit"
