"""The API server's socket, which whoever starts the server may open before it. Knows no HTTP."""

import socket

from tradewind.model.errors import UserError


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises UserError if it cannot."""
    made = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError as error:
        if made is not None:
            made.close()
        raise UserError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; "
            "choose another port with --port"
        ) from error
    return made
