"""python -m benchmarks.extraction: see compare."""

import sys

from benchmarks.extraction.compare import main

if __name__ == "__main__":
    sys.exit(main())
