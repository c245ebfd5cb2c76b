"""Pure functions from the model to what is to be shown. Knows no widget, no clock, no colour."""
