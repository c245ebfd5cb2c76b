"""A run on one page, to be kept, sent and printed."""
