"""The command line: parses, wires, calls. It decides nothing of its own."""
