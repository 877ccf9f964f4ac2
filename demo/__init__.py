"""`make demo`: from nothing to a monitored model, on this machine, with every step timed."""
