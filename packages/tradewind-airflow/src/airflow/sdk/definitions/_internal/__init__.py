"""Parts that some packages reach for."""
