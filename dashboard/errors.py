"""Everything k6dash raises on purpose, and the exit codes that go with it.

The tree::

    K6DashError                     never raised itself
    ├── UsageError                  the user typed something that cannot be; one line says what would be right
    ├── OutputError                 what was to be written cannot be written any more: a full disk, for one
    └── ApiError                    a request to k6 did not do what it should
        ├── Unreachable             no answer: refused, no such host, closed without a word
        │   └── TimedOut            no answer, or not a whole one, in the time allowed
        ├── Rejected                answered with a refusal: k6's error document, or an HTTP status of 400 and above
        └── Undecodable             answered, but not as k6 answers

The exit codes:

====  =========================================================================
 0    done, and where k6 was asked to do something, confirmed by a second look
 1    k6dash itself has failed, and has said where
 2    usage: an option, a file or an address that cannot be used
69    unreachable: nothing answered there, or nothing that speaks k6's REST API
74    a file could not be written to its end; what is in it is good
77    refused by this k6
99    thresholds crossed (k6's own code for it)
103   the test was stopped before its end (k6's own code for a stop through the REST API)
105   ended by a signal (k6's own code for it)
110   the test marked itself as failed (k6's own code for it)
124   timed out
141   whoever read the output went away (a shell's code for SIGPIPE)
====  =========================================================================
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What k6dash's process says when it ends; the module's docstring is the table."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 69
    NOT_WRITTEN = 74
    REFUSED = 77
    THRESHOLDS_CROSSED = 99
    STOPPED = 103
    SIGNALLED = 105
    MARKED_AS_FAILED = 110
    TIMED_OUT = 124
    PIPE_CLOSED = 141


class K6DashError(Exception):
    """The root: catch it where a message and an exit code are all that is left to give."""

    exit_code: ExitCode = ExitCode.USAGE


class UsageError(K6DashError):
    """Something the user typed cannot be. The message is one line: what was wrong, and what would be right."""


class OutputError(K6DashError):
    """What was to be written cannot be written any more. What was written is good."""

    exit_code = ExitCode.NOT_WRITTEN


class ApiError(K6DashError):
    """A request to k6 failed.

    Attributes:
        endpoint: The path that was asked, such as ``/v1/status``.
    """

    exit_code = ExitCode.UNREACHABLE

    def __init__(self, endpoint: str, message: str) -> None:
        super().__init__(message)
        self.endpoint = endpoint


class Unreachable(ApiError):
    """No answer came: connection refused, host unknown, or closed before a word was said.

    Attributes:
        refused: Whether nobody listens there, which is how a k6 that ended looks.
    """

    def __init__(self, endpoint: str, message: str, *, refused: bool = False) -> None:
        super().__init__(endpoint, message)
        self.refused = refused


class TimedOut(Unreachable):
    """No whole answer came in the time allowed."""

    exit_code = ExitCode.TIMED_OUT


class Rejected(ApiError):
    """The server understood and refused, or answered with an HTTP status of 400 and above.

    Attributes:
        status_code: The HTTP status. k6 answers many a user's mistake with 500.
        title: k6's short name of the refusal, such as ``Pause error``; untrusted text.
        detail: k6's explanation; untrusted text, may hold newlines and paths.
    """

    exit_code = ExitCode.REFUSED

    def __init__(self, endpoint: str, status_code: int, title: str, detail: str) -> None:
        super().__init__(endpoint, f"{title}: {detail}" if detail else title)
        self.status_code = status_code
        self.title = title
        self.detail = detail


class Undecodable(ApiError):
    """An answer came, but it is not one that k6 gives.

    Attributes:
        expected: What k6 sends there.
        got: What came instead, as a short description; untrusted text where it quotes the answer.
    """

    def __init__(self, endpoint: str, expected: str, got: str) -> None:
        super().__init__(endpoint, f"{endpoint}: expected {expected}, got {got}")
        self.expected = expected
        self.got = got
