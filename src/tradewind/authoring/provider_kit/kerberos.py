"""Kerberos tickets, and the names they are for."""

import os
import re
import shlex
import subprocess
import sys
from logging import getLogger

from tradewind.authoring.configuration import conf
from tradewind.authoring.provider_kit.surroundings import getfqdn

log = getLogger(__name__)

_HOST_PATTERN = "_HOST"


def get_components(principal: str | None) -> list[str] | None:
    """[user, host, realm] of `user/host@REALM`, or what of it is there."""
    if not principal:
        return None
    return re.split("[/@]", principal)


def replace_hostname_pattern(components: list[str], host: str | None = None) -> str:
    """`user/host@REALM`, with this host where the pattern `_HOST` or nothing stands."""
    name = host
    if not name or name == "0.0.0.0":  # noqa: S104
        name = getfqdn()
    user, _, realm = components
    return f"{user}/{name.lower()}@{realm}"


def get_kerberos_principal(principal: str | None) -> str:
    """`principal`, else the one of `[kerberos]`, with this host's name."""
    found = principal or conf.get_mandatory_value("kerberos", "principal", fallback="airflow")
    return found.replace(_HOST_PATTERN, getfqdn())


def renew_from_kt(principal: str | None, keytab: str, exit_on_fail: bool = True) -> int:
    """Take a new ticket with `kinit`; its exit code. Exits the process if told to and it fails."""
    lifetime = conf.getint("kerberos", "reinit_frequency", fallback=3600)
    command = [
        conf.get("kerberos", "kinit_path", fallback="kinit"),
        "-f" if conf.getboolean("kerberos", "forwardable", fallback=True) else "-F",
        "-a" if conf.getboolean("kerberos", "include_ip", fallback=True) else "-A",
        "-r",
        f"{lifetime}m",
        "-k",
        "-t",
        keytab,
        "-c",
        conf.get("kerberos", "ccache", fallback="/tmp/airflow_krb5_ccache"),  # noqa: S108
        get_kerberos_principal(principal),
    ]
    log.info("Re-initialising kerberos from keytab: %s", shlex.join(command))
    done = subprocess.run(command, capture_output=True, env=dict(os.environ, LC_ALL="C"))
    if done.returncode != 0:
        log.error(
            "kinit failed with %d: %s", done.returncode, done.stderr.decode("utf-8", "replace")
        )
        if exit_on_fail:
            sys.exit(done.returncode)
    return done.returncode
