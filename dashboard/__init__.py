"""k6dash: an interactive terminal dashboard and controller for a running k6 load test."""

__version__ = "0.1.0"
