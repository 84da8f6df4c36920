"""`python -m archcheck` is the same as `archcheck`."""

from __future__ import annotations

import sys

from archcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
