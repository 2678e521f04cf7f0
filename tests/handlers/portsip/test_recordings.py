from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

MISSING = {"code": "NOT_FOUND", "message": "resource not found"}


@pytest.mark.parametrize("verb", ["set_read", "set_unread", "destroy"])
@pytest.mark.parametrize(
    ("room", "recording", "kind"),
    [("none", "", "conference room"), ("", "none", "recording")],
    ids=["room", "recording"],
)
def test_a_recording_is_reached_through_its_own_room(
    alice: httpx.Client,
    make_room: Callable[..., str],
    verb: str,
    room: str,
    recording: str,
    kind: str,
) -> None:
    path = make_room()
    alice.post(f"{path}/participants/invite", json={"number": "100"})
    alice.post(f"{path}/start_recording")
    alice.post(f"{path}/stop_recording")
    [made] = alice.get(f"{path}/recordings").json()["items"]
    path = path.rpartition("/")[0] + f"/{room}" if room else path
    answer = alice.post(f"{path}/recordings/{recording or made['id']}/{verb}")
    assert (answer.status_code, answer.json()) == (
        404,
        {"errors": [{**MISSING, "detail": {"kind": kind}}]},
    )
