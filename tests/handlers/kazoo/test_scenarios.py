from __future__ import annotations

from hashlib import md5, sha1

import httpx
import pytest

from greenroom.emulator import Emulator


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory"])
@pytest.mark.parametrize("scenario", ["default", "empty"])
def test_the_cast_can_sign_in_and_look_around(who: str, scenario: str) -> None:
    with Emulator(providers=["kazoo"], scenario=scenario) as emulator:
        person = emulator.cast("kazoo")[who]
        client = emulator.client("kazoo", as_=who)
        listed = client.get(f"/v2/accounts/{person['path']['ACCOUNT_ID']}/conferences")
        assert (listed.status_code, bool(listed.json()["data"])) == (200, scenario == "default")
        secret = f"{who}:{who}-password".encode()
        for method, digest in (("md5", md5), ("sha", sha1)):
            login = {
                "credentials": digest(secret).hexdigest(),
                "method": method,
                "account_name": person["tenant"],
            }
            assert client.put("/v2/user_auth", json={"data": login}).status_code == 201


@pytest.mark.parametrize(
    "key",
    [
        "ac0e5d1c8f2b4a6796d3e1f07b8c9a2d4e6f8091a3b5c7d9e0f1a2b3c4d5e6f7",
        "9e1d6b0c5f2a4837b6c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5",
        "5a7b9c1d3e5f70812a4c6e8f0b2d4f6a8c0e1f3a5b7d9f1c3e5a7b9d1f3c5e70",
        "91b0e8d6c4a2f0193b5d7f9a1c3e5082647f9e1b3d5c7a9f0e2d4c6b8a0f1e3d",
    ],
)
def test_every_account_has_its_key(nobody: httpx.Client, key: str) -> None:
    assert nobody.put("/v2/api_auth", json={"data": {"api_key": key}}).status_code == 201


def test_the_digest_of_the_dossier() -> None:
    assert md5(b"john@example.com:m32c6NfqYEt").hexdigest() == "82a2dc91686ec828a67152d45a5c5ef7"
