"""Where the SDK's classes are at home."""
