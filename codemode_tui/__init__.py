"""Codemode: a terminal assistant that shows its reasoning as code and runs it in a sandbox."""

__version__ = "0.1.0"
