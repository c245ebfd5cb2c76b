"""httpx without its command line.

Where click, rich and pygments are installed, ``import httpx`` loads its own command line with all three: half of what
the import costs, and 5 MB. httpx does without where they are missing, and does so here.
"""

from __future__ import annotations

import sys
from typing import Final

_COMMAND_LINE: Final = "httpx._main"
_hides = "httpx" not in sys.modules and _COMMAND_LINE not in sys.modules

if _hides:
    # Python's own word for a module that cannot be had; it stands for as long as the import takes.
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]
try:
    import httpx as httpx
finally:
    if _hides:
        del sys.modules[_COMMAND_LINE]
