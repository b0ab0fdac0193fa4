"""How long a test waits for what must happen: a machine may be very busy, and a wait that is not
in vain costs only what it lasts."""

PATIENCE_S = 120.0
