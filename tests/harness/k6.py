"""Real k6 processes on loopback, and the server that they put under load.

The binaries are named by ``K6DASH_K6_V1`` and ``K6DASH_K6_V2``. What becomes of a test without them, ``needs``
decides.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

import pytest

from tests.harness.needs import REQUIRE_K6, missing
from tests.harness.ports import HOST, free_port
from tests.harness.waiting import PATIENCE, wait_until

SCRIPTS: Final = Path(__file__).parents[1] / "k6" / "scripts"
FIXTURES: Final = frozenset({"k6", "k6_v1", "k6_v2"})
"""The fixtures that give a k6; asking for one marks the test ``k6``."""

CHECKOUT: Final = Path(__file__).parents[2]

_VARIABLES: Final = {1: "K6DASH_K6_V1", 2: "K6DASH_K6_V2"}
_BINARIES: Final = {major: os.environ.get(variable, "") for major, variable in _VARIABLES.items()}

_QUIET: Final = {"K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false", "NO_COLOR": "1"}
_ADDRESS_IN_USE: Final = 106
_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class K6Binary:
    """A k6 that can be run; usable wherever a path is."""

    path: Path
    major: int

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def is_v1(self) -> bool:
        """Whether it has what v2 dropped: live control of VUs, pausing in mid-run, an API by default."""
        return self.major == 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What k6's REST API answered, as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the one resource in the body."""
        attributes: dict[str, Any] = self.document["data"]["attributes"]
        return attributes


def find_k6(major: int) -> K6Binary:
    """The k6 of that major version; skips the test where there is none, or fails it where one is required."""
    name = _BINARIES[major]
    if not (name and os.access(name, os.X_OK)):
        missing(f"{_VARIABLES[major]} names no k6 v{major}" + (f": {name}" if name else ""), REQUIRE_K6)
    return K6Binary(Path(name), major)


@pytest.fixture(scope="session")
def k6_v1() -> K6Binary:
    """A real k6 of major version 1."""
    return find_k6(1)


@pytest.fixture(scope="session")
def k6_v2() -> K6Binary:
    """A real k6 of major version 2."""
    return find_k6(2)


@pytest.fixture(scope="session", params=[1, 2], ids=["v1", "v2"])
def k6(request: pytest.FixtureRequest) -> K6Binary:
    """Each real k6 in turn."""
    return find_k6(request.param)


@pytest.fixture(scope="session")
def target_server() -> Iterator[str]:
    """The base URL of a server for k6 to shoot at, as scripts want it in ``TARGET``."""
    with start_target() as url:
        yield url


@contextmanager
def start_target() -> Generator[str]:
    """Run the server under load in a process of its own; gives its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.harness.target"],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, "the server under load did not start"
        try:
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()


class RunningK6:
    """A k6 process and the way to its REST API."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self._chunks: list[bytes] = []
        self._drain = threading.Thread(target=self._read, name=f"k6-{process.pid}", daemon=True)
        self._drain.start()

    @property
    def address(self) -> str:
        """``host:port`` of the REST API."""
        return f"{HOST}:{self.port}"

    @property
    def output(self) -> str:
        """What k6 has printed so far, both streams together."""
        return b"".join(self._chunks).decode(errors="replace")

    def api(self, method: str, path: str, body: object = None, timeout: float = PATIENCE) -> Answer:
        """Ask k6 directly, past k6dash.

        Args:
            method: Such as ``GET``.
            path: Such as ``/v1/status``.
            body: Sent as it is when bytes, as JSON otherwise; None sends nothing.
            timeout: Seconds to wait for the answer.

        Raises:
            OSError: k6 cannot be reached, or does not answer in time.
            HTTPException: it does not speak HTTP.
        """
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = HTTPConnection(HOST, self.port, timeout=timeout)
        try:
            connection.request(method, path, payload)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers.items()), response.read())
        finally:
            connection.close()

    def status(self) -> dict[str, Any]:
        """The attributes of /v1/status."""
        return self.api("GET", "/v1/status").attributes

    def patch_status(self, **attributes: object) -> Answer:
        """PATCH /v1/status; write ``vus_max`` for ``vus-max``."""
        given = {name.replace("_", "-"): value for name, value in attributes.items()}
        return self.api("PATCH", "/v1/status", {"data": {"type": "status", "id": "default", "attributes": given}})

    def wait_for_api(self, timeout: float = 2 * PATIENCE) -> None:
        """Wait until the REST API answers.

        Raises:
            K6Ended: the process ended first.
            AssertionError: it did not answer in time.
        """

        def answers() -> bool:
            if self.process.poll() is not None:
                self._drain.join(PATIENCE)
                raise K6Ended(self.process.returncode, self.output)
            try:
                return self.api("GET", "/v1/status", timeout=timeout).status == 200
            except (OSError, HTTPException):
                return False

        wait_until(answers, timeout, "k6's REST API", lambda: self.output)

    def wait_for_status(self, *numbers: int, timeout: float = PATIENCE) -> dict[str, Any]:
        """Wait until the status is one of ``numbers`` (4 paused before the start, 7 running); its attributes.

        Raises:
            AssertionError: it did not come in time.
        """
        attributes: dict[str, Any] = {}

        def is_there() -> bool:
            attributes.clear()
            attributes.update(self.status())
            return attributes["status"] in numbers

        wait_until(is_there, timeout, f"k6's status {numbers}", lambda: f"{attributes}\n{self.output}")
        return attributes

    def stop(self) -> int:
        """Stop the test through the REST API, as a user would; the exit code."""
        self.patch_status(stopped=True)
        return self.wait()

    def interrupt(self) -> int:
        """Send the signal of Ctrl+C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def freeze(self) -> None:
        """Stop the process in its tracks: connections stay open and nothing answers."""
        self.process.send_signal(signal.SIGSTOP)
        # The signal takes effect a moment later; until then k6 still answers.
        os.waitpid(self.process.pid, os.WUNTRACED)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process at once; nothing listens on its port afterwards."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._drain.join(PATIENCE)

    def wait(self, timeout: float = 2 * PATIENCE) -> int:
        """Wait for the process to end by itself; the exit code."""
        code = self.process.wait(timeout)
        self._drain.join(PATIENCE)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            while chunk := os.read(stream.fileno(), 1 << 16):
                self._chunks.append(chunk)


class K6Ended(AssertionError):
    """k6 ended before its REST API answered."""

    def __init__(self, code: int, output: str) -> None:
        super().__init__(f"k6 ended with {code} before its API answered:\n{output}")
        self.code = code


@contextmanager
def start_k6(
    binary: K6Binary | Path,
    script: str | Path,
    *flags: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Generator[RunningK6]:
    """Run a k6 whose REST API answers, and kill it in the end.

    Args:
        binary: Which k6.
        script: The name of a script of ``tests/k6/scripts``, such as ``plain.js``, or a path.
        flags: Further flags of ``k6 run``, such as ``--paused`` or ``--linger``.
        env: Variables for the script, such as ``TARGET``, ``DUR``, ``VUS``; scripts see them as ``__ENV``.
        port: Where its API listens; any free port otherwise.

    Raises:
        K6Ended: it ended before its API answered.
    """
    with tempfile.TemporaryDirectory(prefix="k6-home-") as home:
        running = _start(binary, script, flags, {**(env or {}), "HOME": home, "XDG_CONFIG_HOME": home}, port)
        try:
            yield running
        finally:
            running.kill()


def _start(
    binary: K6Binary | Path,
    script: str | Path,
    flags: tuple[str, ...],
    env: Mapping[str, str],
    port: int | None,
) -> RunningK6:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("K6_")}
    for attempt in range(_ATTEMPTS):
        chosen = port or free_port()
        process = subprocess.Popen(
            [os.fspath(binary), "run", "--address", f"{HOST}:{chosen}", *flags, str(SCRIPTS / script)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**inherited, **_QUIET, **env},
        )
        running = RunningK6(process, chosen)
        try:
            running.wait_for_api()
        except K6Ended as ended:
            if ended.code != _ADDRESS_IN_USE or port or attempt == _ATTEMPTS - 1:
                raise
        except BaseException:
            running.kill()
            raise
        else:
            return running
    raise AssertionError("unreachable: the last attempt returns or raises")
