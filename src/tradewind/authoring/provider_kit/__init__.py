"""What provider packages lean on beside the authoring API: small helpers, each under one theme."""
