"""What was recorded, for other tools: as a table, as JSON, as time series."""
