"""Serving: where, to whom, and what the server itself tells."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evenhand.errors import EvenhandError
from evenhand.service.office import make_office
from evenhand.web.serve import is_loopback, listen, ops_token, settings_for


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("town.example", False)],  # noqa: S104
)
def test_an_address_of_this_machine(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_others_are_served_only_through_https(tmp_path: Path) -> None:
    with pytest.raises(EvenhandError) as error:
        settings_for(tmp_path, "0.0.0.0", None)  # noqa: S104 - refused
    assert error.value.code == "web.needs-https"
    assert settings_for(tmp_path, "0.0.0.0", "10.0.0.1").secure  # noqa: S104 - behind a proxy
    assert not settings_for(tmp_path, "127.0.0.1", None).secure


def test_the_operator_s_token_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    first = ops_token(tmp_path)
    assert len(first) > 40
    assert ops_token(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "ops-token").stat().st_mode) == 0o600


def test_a_port_that_is_taken_is_told() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(EvenhandError) as error:
            listen("127.0.0.1", taken.getsockname()[1])
    assert error.value.code == "web.address"


def test_the_command_serves_until_interrupted_and_its_log_tells_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    with make_office(folder, "town.example/evenhand").store:
        pass
    command = [
        sys.executable,
        "-c",
        "from evenhand.cli import main; main()",
        "serve",
        "--office",
        str(folder),
        "--port",
        "0",
        "--json",
    ]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=plain) as running,
        _ended_after(60, running),
    ):
        assert running.stdout is not None
        where = json.loads(running.stdout.readline())["address"]
        status, body = _get(where + "/?secret=4711", tries=100)
        assert (status, "<h1" in body) == (200, True)
        assert _get(where + "/healthz")[0] == 403
        token = {"authorization": f"Bearer {ops_token(folder)}"}
        assert json.loads(_get(where + "/healthz", headers=token)[1]) == {"status": "ok"}
        os.kill(running.pid, signal.SIGINT)
        _, errors = running.communicate(timeout=30)
    assert running.returncode == 3
    assert "4711" not in errors
    assert "127.0.0.1" not in errors.replace(where, "")
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert any(line.get("route") == "/healthz" for line in lines)


@contextmanager
def _ended_after(seconds: float, running: subprocess.Popen[str]) -> Iterator[None]:
    """Kill a process that takes longer, so that no read of its output waits for ever; and at the end."""
    timer = threading.Timer(seconds, running.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        running.kill()


def _get(url: str, *, headers: dict[str, str] | None = None, tries: int = 1) -> tuple[int, str]:
    import time

    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - our own server
    for attempt in range(tries):
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - the same
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            if attempt == tries - 1:
                raise
            time.sleep(0.1)
    raise AssertionError
