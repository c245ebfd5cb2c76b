"""``python -m dashboard`` is ``k6dash``."""

import sys

from dashboard.cli import main

sys.exit(main())
