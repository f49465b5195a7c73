"""A connection to PostgreSQL that fails leaves no socket behind, at whichever step the server goes."""

import gc
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pg8000.exceptions import InterfaceError

from evenhand.store.postgres import driver

Serve = Callable[[socket.socket], None]


def goes_at_once(_line: socket.socket) -> None:
    """Accepts and is gone."""


def goes_after_the_question(line: socket.socket) -> None:
    """Is asked about TLS, and is gone."""
    line.recv(8)


def goes_after_the_answer(line: socket.socket) -> None:
    """Says that it has no TLS, and is gone."""
    line.recv(8)
    line.sendall(b"N")
    line.recv(1)


def open_descriptors() -> set[str]:
    """Numbers of open files and sockets; the one that reads this list is closed again, and left out."""
    return {path.name for path in list(Path("/proc/self/fd").iterdir()) if path.is_symlink()}


@pytest.mark.parametrize("serve", [goes_at_once, goes_after_the_question, goes_after_the_answer])
def test_a_server_that_goes_while_it_is_greeted_leaves_no_socket(tmp_path: Path, serve: Serve) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(path)
        listening.listen()

        def answer() -> None:
            line, _ = listening.accept()
            with line:
                serve(line)

        for _ in range(3):
            thread = threading.Thread(target=answer)
            before = open_descriptors()
            thread.start()
            with pytest.raises(Exception):  # noqa: B017, PT011 - whichever of the driver's errors
                driver()(user="nobody", database="none", unix_sock=path)
            thread.join()
            assert open_descriptors() == before
    gc.collect()  # a socket left behind would warn here, and a warning is an error


@pytest.mark.parametrize("options", [{"unix_sock": "nowhere"}, {"host": "127.0.0.1", "port": 1}])
def test_nobody_there_is_the_driver_s_own_error(tmp_path: Path, options: dict[str, object]) -> None:
    if "unix_sock" in options:
        options = {"unix_sock": str(tmp_path / "nowhere")}
    before = open_descriptors()
    with pytest.raises(InterfaceError):
        driver()(user="nobody", database="none", **options)
    assert open_descriptors() == before
