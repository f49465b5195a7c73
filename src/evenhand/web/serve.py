"""Serving: an address, the operator's token, and the server with a log of its own."""

import gc
import ipaddress
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn

from evenhand.errors import WebError
from evenhand.service.office import Office
from evenhand.web.app import make_app
from evenhand.web.logs import make_log, quiet_server
from evenhand.web.settings import WebSettings

TOKEN = "ops-token"  # noqa: S105 - the name of a file
BACKLOG = 512


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def settings_for(folder: Path, host: str, proxy: str | None, *, demo: bool = False) -> WebSettings:
    """How an office is served at an address.

    Args:
        folder: the office's folder; the operator's token lies in it.
        host: where it listens.
        proxy: address of the server in front that has the HTTPS certificate; None without one.
        demo: whether the town is invented.

    Raises:
        WebError: others could reach it, and nothing encrypts the way.
    """
    if proxy is None and not is_loopback(host):
        raise WebError(
            "web.needs-https",
            "Answers would travel in the open.",
            where=f"--host {host}",
            why="Others can reach this address, and no server with a certificate stands in front.",
            mend="Put one there and name its address with --proxy, or serve on 127.0.0.1.",
        )
    return WebSettings(secure=proxy is not None, ops_token=ops_token(folder), demo=demo)


def ops_token(folder: Path) -> str:
    """The operator's token; made where there is none, in a file for its owner alone."""
    path = folder / TOKEN
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text("ascii").strip()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        WebError: the address is not to be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        found.close()
        raise WebError(
            "web.address",
            "The service cannot listen there.",
            where=f"--host {host} --port {port}",
            why=getattr(error, "strerror", None) or str(error),
            mend="Name another port with --port, or end what listens there.",
        ) from None
    found.set_inheritable(True)
    return found


def serve(office: Office, settings: WebSettings, listening: socket.socket, proxy: str | None = None) -> None:
    """Serve until interrupted. One process: sessions are kept in its memory.

    Args:
        office: where cases are kept.
        settings: see `settings_for`.
        listening: see `listen`.
        proxy: address whose word about a visitor's address is believed.
    """
    log = make_log()
    app = make_app(office, settings, log=log)
    quiet_server(log)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxy is not None,
        forwarded_allow_ips=proxy or "",
        backlog=BACKLOG,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=20,
    )
    spare_the_collector()
    uvicorn.Server(config).run(sockets=[listening])


def spare_the_collector() -> None:
    """What lives as long as the process is looked through for cycles no more, and the rest less often.

    Requests leave few cycles behind, and every request waits while they are looked for.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
