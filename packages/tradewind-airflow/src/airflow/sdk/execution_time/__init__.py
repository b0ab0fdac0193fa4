"""What a running task uses."""
