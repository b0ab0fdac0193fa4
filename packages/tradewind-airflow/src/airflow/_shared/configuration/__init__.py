"""Errors of the configuration."""
