"""A process that forks children ready to work, so that two hundred kills do not cost two hundred starts.

Run as a module it reads one JSON line a child, `{"function": …, "arguments": {…}}`, forks, and answers with the
child's id. The children are functions of `tests.reliability.children`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any


class Zygote:
    """The parent's side.

    Args:
        preload: a library that the children are started with, or None.
    """

    def __init__(self, preload: Path | None = None) -> None:
        environment = {**os.environ, **({"LD_PRELOAD": str(preload)} if preload else {})}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def start(self, function: str, **arguments: Any) -> int:
        """Start a child; its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def run(self, function: str, seconds: float = 60, **arguments: Any) -> None:
        """Start a child and wait for its end."""
        gone(self.start(function, **arguments), seconds)

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(10)


def kill(pid: int) -> bool:
    """kill -9, and wait until it is gone; whether it was still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    gone(pid, 10)
    return True


def gone(pid: int, seconds: float) -> None:
    """Wait until a child has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.002)
    raise TimeoutError(f"child {pid} does not end")


def main() -> None:
    """The other side: fork on request."""
    from tests.reliability import children

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the children
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                getattr(children, request["function"])(**request["arguments"])
                code = 0
            except Exception as error:  # noqa: BLE001 - shown to whoever reads the test's output
                sys.stderr.write(f"child {request['function']}: {error!r}\n")
            finally:
                os._exit(code)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
