"""What a k6 run is, as far as k6 tells: pure data and pure functions, no I/O, no clock, no randomness."""
