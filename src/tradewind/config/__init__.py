"""Every option, read once at start into one frozen `Settings` that is handed down."""
