"""Widgets, one a module, named after what is seen."""
