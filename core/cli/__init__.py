"""The headless commands: ``python -m core VERB ...``. One verb a module."""
