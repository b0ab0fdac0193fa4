"""Partition mappers and windows."""
