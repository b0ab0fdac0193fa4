"""What decides: events in, Changes out. Pure: no I/O, no clock, no randomness, no logging."""
