"""Measures of the budgets, as ratios to what runs beside them on the same machine at the same time."""
