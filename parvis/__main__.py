"""`python -m parvis`: the `parvis` command."""

import sys

from parvis.web.cli import main

sys.exit(main())
