"""Random bodies for ``PATCH /v1/status``: what real k6 says to them, word for word."""

from __future__ import annotations

import http.client
import json
from random import Random

import pytest

from dashboard.simulation import documents, status_patch
from dashboard.simulation.gojson import GoJSONError
from dashboard.simulation.profile import Profile
from tests.conformance.targets import OnSocket, go_to, real_k6

KEYS = (
    "data",
    "attributes",
    "paused",
    "vus",
    "vus-max",
    "stopped",
    "status",
    "running",
    "tainted",
    "type",
    "id",
)
ODD_KEYS = ("DATA", "Vus", "x", "Int64", "Bool", "Valid", "int64", "\u017ftopped", "vu\u017f", "")
SCALARS = (
    *("null", "true", "false", "0", "1", "-1", "5", "1.5", "1e2", "1e400", "-0", "0.0", "2147483648"),
    *("99999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808"),
    *('""', '"x"', '"5"', '"+5"', '"-"', '"1e2"', '"\\u0035"', '"é"', '"\\ud800"', '" 5"', '"0005"', '"\\n"'),
    *('"9223372036854775807"', '"-9223372036854775809"', '"a\\"b"', '"\u200b"', '"\u00a0"', '"\U0001f600"'),
)
NOISE = b' \t\n{}[],:"\\truefalsn019.eE+-\x00\xff\xc3/u'


def value(random: Random, depth: int = 0) -> str:
    """A JSON value, most often one that an attribute may have."""
    kind = random.random()
    if kind < 0.6 or depth > 4:
        return random.choice(SCALARS)
    if kind < 0.7:
        return "[" + ",".join(value(random, depth + 1) for _ in range(random.randrange(3))) + "]"
    keys = [json.dumps(random.choice(KEYS + ODD_KEYS), ensure_ascii=random.random() < 0.5) for _ in range(3)]
    return "{" + ",".join(f"{key}:{value(random, depth + 1)}" for key in keys[: random.randrange(4)]) + "}"


def body(random: Random) -> bytes:
    """An envelope with random attributes, or any value, and now and then some damage."""
    keys = [json.dumps(random.choice(KEYS[2:] + ODD_KEYS)) for _ in range(random.randrange(4))]
    attributes = ",".join(f"{key}:{value(random, 2)}" for key in keys)
    lead = random.choice(('"type":"status",', "", '"id":3,', '"type":[],'))
    text = value(random) if random.random() < 0.2 else f'{{"data":{{{lead}"attributes":{{{attributes}}}}}}}'
    data = bytearray(text.encode())
    for _ in range(random.randrange(1, 3) if random.random() < 0.35 else 0):
        at = random.randrange(len(data) + 1)
        if random.random() < 0.5:
            del data[at : at + 1]
        else:
            data[at:at] = bytes([random.choice(NOISE)])
    return bytes(data)


def simulated(data: bytes) -> tuple[int, str]:
    """The status and the body, or a part of it, that the simulation answers a running test with."""
    try:
        patch = status_patch.decode(data)
    except GoJSONError as error:
        return 400, documents.error_document(400, "Invalid data", str(error))
    if patch.stopped:
        return 0, "it would end the run"
    if patch.paused.valid:
        return 500, '"title":"Pause error"'
    if patch.vus.valid or patch.vus_max.valid:
        return 500, '"title":"Execution config error"'
    return 200, '"type":"status"'


def test_random_bodies_reach_every_answer() -> None:
    random = Random(1)
    assert {simulated(body(random))[0] for _ in range(2000)} == {0, 200, 400, 500}


@pytest.mark.k6
@pytest.mark.parametrize("profile", [Profile.V1, Profile.V2])
def test_real_k6_says_the_same_to_random_bodies(profile: Profile) -> None:
    random = Random(20_000)
    different: list[str] = []
    with real_k6(profile) as target:
        assert isinstance(target, OnSocket)
        go_to(target, "running")
        connection = http.client.HTTPConnection("127.0.0.1", target.port)
        for _ in range(3000):
            data = body(random)
            code, text = simulated(data)
            if not code:
                continue
            connection.request("PATCH", "/v1/status", data)
            answer = connection.getresponse()
            told = answer.read().decode()
            if answer.status != code or (text != told if code == 400 else text not in told):
                different.append(f"{data!r}\n   k6 {answer.status} {told}\n  got {code} {text}")
        connection.close()
    assert not different, "\n".join(different)
