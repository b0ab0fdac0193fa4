"""Provider packages: installing them beside Tradewind, and looking at what is installed."""
