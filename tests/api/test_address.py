from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.address import default_target, parse_header, parse_target
from dashboard.errors import UsageError


@pytest.mark.parametrize(
    ("text", "url", "label"),
    [
        ("localhost", "http://localhost:6565", "localhost:6565"),
        (" localhost:6565 ", "http://localhost:6565", "localhost:6565"),
        ("localhost:6565/", "http://localhost:6565", "localhost:6565"),
        (":7000", "http://localhost:7000", "localhost:7000"),
        ("Load-7.Example.COM", "http://load-7.example.com:6565", "load-7.example.com:6565"),
        ("my_host:1", "http://my_host:1", "my_host:1"),
        ("10.0.0.7:65535", "http://10.0.0.7:65535", "10.0.0.7:65535"),
        ("::1", "http://[::1]:6565", "[::1]:6565"),
        ("2001:DB8::a:b", "http://[2001:db8::a:b]:6565", "[2001:db8::a:b]:6565"),
        ("1:2:3:4:5:6:7:8", "http://[1:2:3:4:5:6:7:8]:6565", "[1:2:3:4:5:6:7:8]:6565"),
        ("[::1]", "http://[::1]:6565", "[::1]:6565"),
        ("[::1]:80", "http://[::1]:80", "[::1]:80"),
        ("http://host", "http://host:80", "host:80"),
        ("https://host", "https://host:443", "host:443"),
        ("HTTP://host:6565/", "http://host:6565", "host:6565"),
        ("https://[2001:db8::1]:8443/k6/a/", "https://[2001:db8::1]:8443/k6/a", "[2001:db8::1]:8443/k6/a"),
        ("http://:6565", "", ""),
        ("straße.example", "http://xn--strae-oqa.example:6565", "xn--strae-oqa.example:6565"),
        ("host.", "http://host.:6565", "host.:6565"),
    ],
)
def test_a_target_as_people_type_it(text: str, url: str, label: str) -> None:
    if not url:
        with pytest.raises(UsageError, match="host is missing"):
            parse_target(text)
        return
    target = parse_target(text)
    assert (target.url, target.label) == (url, label)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("two words", "space"),
        ("a\x1b[2Jb", "unprintable"),
        ("a\u202eb", "unprintable"),
        ("ws://host", "does not speak ws"),
        ("ftp://host", "does not speak ftp"),
        ("http://user:secret@host", "--header"),
        ("user@host", "--header"),
        ("http://host?x=1", r"before any \?"),
        ("http://host/#a", r"before any \?"),
        ("host:", "port is missing"),
        ("[::1]:", "port is missing"),
        (":", "port is missing"),
        ("host:0", "1 to 65535"),
        ("host:65536", "1 to 65535"),
        ("host:-1", "1 to 65535"),
        ("host:6565x", "1 to 65535"),
        ("host:٣", "1 to 65535"),
        ("6565", "alone is written :6565"),
        ("::1:6565", r"\[::1\]:6565"),
        ("http://::1:6565", r"\[address\]:port"),
        ("2001:db8::1:g", r"\[address\]:port"),
        ("host:1:2", r"\[address\]:port"),
        ("[::1", "bracket"),
        ("[::1]6565", "bracket"),
        ("[host]:80", "no IPv6 address"),
        ("[fe80::1%eth0]:80", "no IPv6 address"),
        ("256.1.1.1", "looks like an IPv4"),
        ("127.1", "looks like an IPv4"),
        ("-host", "cannot be a name"),
        ("a..b", "cannot be a name"),
        ("a" * 64, "cannot be a name"),
        (".".join(["a" * 60] * 5), "cannot be a name"),
        ("ho%st", "cannot be a name"),
        ("xn--ü", "cannot be a name"),
        ("http://host\\path", "backslash"),
        ("host/path", "needs http://"),
        ("http://localhost:6565/v1/status", "leave out /v1"),
        ("http://localhost:6565/v1", "leave out /v1"),
        ("http://", "host is missing"),
        ("sim:spike", "1 to 65535"),
    ],
)
def test_what_cannot_be_a_target_is_explained_in_one_line(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse_target(text)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300
    assert "secret" not in message


@pytest.mark.parametrize(
    ("text", "is_loopback"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("[::ffff:127.0.0.1]", True),
        ("0.0.0.0", True),
        ("[::]", True),
        ("10.0.0.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_this_machine_is_known(text: str, is_loopback: bool) -> None:
    assert parse_target(text).is_loopback is is_loopback


def test_only_https_is_verified_and_insecure_turns_it_off() -> None:
    assert parse_target("https://host").verify
    assert not parse_target("https://host", insecure=True).verify
    assert not parse_target("http://host").verify
    assert not parse_target("host", insecure=True).verify


def test_the_default_is_k6s_own() -> None:
    assert default_target({}) == "localhost:6565"
    assert default_target({"K6_ADDRESS": " "}) == "localhost:6565"
    assert default_target({"K6_ADDRESS": "0.0.0.0:7000"}) == "0.0.0.0:7000"


@given(st.text() | st.text(alphabet="[]:/.@%?#1aé-_ http", max_size=30))
def test_any_text_is_a_target_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        target = parse_target(text)
        assert parse_target(target.url) == target


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Authorization: Basic YTpi", ("Authorization", "Basic YTpi")),
        ("X-A:b:c", ("X-A", "b:c")),
        ("Host: k6.example", ("Host", "k6.example")),
        ("X-Tab:  a\tb ", ("X-Tab", "a\tb")),
        ("X-Latin: é", ("X-Latin", "é")),
    ],
)
def test_a_header_as_people_type_it(text: str, header: tuple[str, str]) -> None:
    assert parse_header(text) == header


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no colon secret",
        ": secret",
        "Na me: secret",
        "Näme: secret",
        " Name: secret",
        "X: a\r\nY: secret",
        "X: secret\n",
        "X: \x00secret",
        "X: secret\x85",
        "X: secret \N{SNOWMAN}",
        "X:",
        "X:   ",
        "Content-Length: 5",
        "transfer-encoding: chunked",
        "Connection: close",
        "Accept-Encoding: gzip",
    ],
)
def test_what_is_no_header_is_explained_without_its_value(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_header(text)
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()
