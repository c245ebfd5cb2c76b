"""Where the process begins: ``k6dash``, and ``python -m dashboard``.

What needs no command line is answered here, before the library that reads one is loaded.
"""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run k6dash and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        from dashboard import __version__

        sys.stdout.write(f"k6dash {__version__}\n")
        return 0
    # Loading makes thousands of objects that all stay: looking for garbage among them finds none.
    gc.disable()
    from dashboard.cli import main as run

    gc.freeze()
    gc.enable()
    return run()


if __name__ == "__main__":
    sys.exit(main())
