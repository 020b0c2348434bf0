"""Right events spoiled: bytes, headers, versions and fields, with a person's numbers and name planted wherever a value may stand."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from uuid import UUID

from spoiled_books import noisy

from common.bus.protocol import Outgoing
from contracts.compatibility import contracts, example

SECRETS = ("320599199001010013", "13812345678", "622202100123", "某某化名")
"""An ID number, a telephone, an account and a name."""
_PLANTED: tuple[Any, ...] = (
    *SECRETS, *(int(secret) for secret in SECRETS[:3]), *(float(secret) for secret in SECRETS[:3]), *(-int(secret) for secret in SECRETS[:3]),
    [SECRETS[0]], {"name": SECRETS[3]}, {SECRETS[1]: 1}, {SECRETS[3]: {SECRETS[2]: None}}, f"2018-03-01 {SECRETS[1]}", f"{SECRETS[0][:6]}-{SECRETS[0][6:]}",
    "\u202e".join(SECRETS), [[[[[[[[[[SECRETS[0]]]]]]]]]]],
)  # fmt: skip
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 10**40, 1e308, "", " ", "\0", "9999-12-31", "0001-01-01", "2018-02-30", "x" * 300, "📇", [], {}, [None] * 300, "UNKNOWN",
    "00000000-0000-0000-0000-000000000000", "2015:6-18-02-04", "320582", "2018-03",
)  # fmt: skip
_HEADERS = (
    "", "0", "-1", "1", "2", "3", "9" * 19, "9" * 5000, "v1", "１", "1.0", "true", "2018-06-01T12:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00",
    "2018-06-01T12:00:00Z", "craftport.x.y.z.v1", "\0", "\r\nx: y", "�", *SECRETS,
)  # fmt: skip


def right(topic: str, chance: Random) -> Outgoing:
    contract = contracts()[topic]
    state = json.loads(example(topic))
    state["id"] = str(UUID(int=chance.getrandbits(8)))
    headers = {
        "ce_specversion": "1.0", "ce_id": str(UUID(int=chance.getrandbits(128))), "ce_source": f"/craftport/{topic.partition('.')[0]}",
        "ce_type": contract.event_type(chance.choice(contract.verbs)), "ce_subject": state["id"], "ce_time": "2018-06-01T09:30:00+08:00",
        "ce_epoch": chance.choice(["1", "1", "1", "2"]), "ce_version": str(chance.randrange(1, 6)), "ce_cause": "test", "ce_bulk": "false",
        "content-type": "application/json",
    }  # fmt: skip
    return Outgoing(topic, str(chance.randrange(20)), headers, json.dumps(state).encode())


def spoiled(topic: str, chance: Random) -> Outgoing:
    """Some stay right; of the others the fields, the headers or the bare bytes are wrong, or all of them."""
    event = right(topic, chance)
    headers, value = dict(event.headers), event.value
    if chance.random() < 0.5:
        value = _fields(json.loads(value), chance)
    if chance.random() < 0.25:
        headers[chance.choice(list(headers))] = chance.choice(_HEADERS)
    if chance.random() < 0.05:
        del headers[chance.choice(list(headers))]
    if chance.random() < 0.15:
        value = noisy(chance, value) if chance.random() < 0.7 else chance.randbytes(chance.choice([0, 1, 300]))
    return Outgoing(topic, event.key, headers, value)


def _fields(state: dict[str, Any], chance: Random) -> bytes:
    for _ in range(chance.choice([1, 1, 3])):
        name = chance.choice([*state, chance.choice(SECRETS), "name"])
        match chance.randrange(4):
            case 0:
                state.pop(name, None)
            case 1:
                state[name] = chance.choice(_ODD)
            case _:
                state[name] = chance.choice(_PLANTED)
    return json.dumps(state).encode()
