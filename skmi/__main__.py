"""Run the command line: `python -m skmi`."""

import sys

from skmi.cli import main

sys.exit(main())
