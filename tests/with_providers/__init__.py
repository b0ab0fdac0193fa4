"""Real provider packages on us (`make test-providers`): not collected where they are not installed."""
