"""The command line, ``python -m stableminima``."""
