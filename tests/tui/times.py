"""Moments that tests of the screen use."""

START = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC."""
