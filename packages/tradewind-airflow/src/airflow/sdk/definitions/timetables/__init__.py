"""Timetables as DAG files write them."""
