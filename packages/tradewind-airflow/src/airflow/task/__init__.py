"""Rules of tasks."""
