"""Operators and hooks shipped with Tradewind; stands on `authoring` and knows no database."""
