"""Bodies, queries and answers of the REST API: their fields, and how rows become answers."""
