"""Installing provider packages and looking at them; none is needed for these tests."""
