"""Hooks of the core."""
