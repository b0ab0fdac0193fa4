"""Where some shared classes are at home."""
