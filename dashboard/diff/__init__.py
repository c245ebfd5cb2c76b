"""Two recorded runs beside each other."""
