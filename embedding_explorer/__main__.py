"""``python -m embedding_explorer``: as the command ``embedding-explorer``."""

import sys

from embedding_explorer.command import main

sys.exit(main())
