"""Where readings come from: a running k6, and later a recording or an event stream."""
