"""Partitions: which upstream keys make up which downstream key. Values that a Plan spells out."""
