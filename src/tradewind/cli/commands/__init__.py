"""One file per command or command group; each is imported only when it is called."""
