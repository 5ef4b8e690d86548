"""``python -m stableminima``: sweeps of one's own, and the recorded studies of the book."""

import sys

from .command.verbs import main

if __name__ == "__main__":
    sys.exit(main())
