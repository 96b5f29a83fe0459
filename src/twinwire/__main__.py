"""`python -m twinwire` is the `twinwire` command."""

from __future__ import annotations

import sys

from twinwire.cli import main

if __name__ == "__main__":
    sys.exit(main())
