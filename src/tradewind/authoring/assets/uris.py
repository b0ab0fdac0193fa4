"""The one spelling of an asset's URI."""

import warnings
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit


def normalised(uri: str) -> str:
    """`uri` with a lower-case scheme and sorted query, without fragment and last slash, and without
    a login that has a password.

    Text without a scheme, and of a scheme `x-...`, stays as it is. Raises ValueError for the scheme
    `airflow`.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if not scheme or scheme.startswith("x-"):
        return uri
    if scheme == "airflow":
        raise ValueError(f"the scheme of the asset URI {uri!r} is reserved: use another one")
    netloc = parts.netloc
    if "@" in netloc:
        login, host = netloc.rsplit("@", 1)
        if login.partition(":")[2]:
            netloc = host
            warnings.warn(
                "an asset URI holds a password; it and the login are left out: keep them in a "
                "Connection",
                UserWarning,
                stacklevel=3,
            )
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    query = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs)
    return urlunsplit((scheme, netloc, parts.path.rstrip("/") or "/", query, ""))


def scheme_of(uri: str) -> str:
    """The scheme in lower case, empty where there is none."""
    return urlsplit(uri).scheme.lower()
