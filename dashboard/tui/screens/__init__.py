"""Dialogs and the help: what lies over the dashboard."""
