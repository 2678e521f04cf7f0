from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Made = Callable[..., dict[str, Any]]
BOB = "b0b00000-0000-4000-8000-000000000002"
ALICE = "a11ce000-0000-4000-8000-000000000001"


def at(time: str) -> dict[str, str]:
    return {"datetime": time, "timezone": "Europe/Berlin"}


def on(day: str) -> dict[str, Any]:
    return {
        "title": day,
        "starts_at": at(f"2026-01-{day}T09:00:00Z"),
        "ends_at": at(f"2026-01-{day}T10:00:00Z"),
    }


def titles(client: httpx.Client, **query: Any) -> list[str]:
    answer = client.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()]


def links(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers.get("Link", ""))
    return {rel: url for url, rel in found}


def test_events_without_a_time_come_first_then_those_that_start_first(
    alice: httpx.Client, made_event: Made, advance: Callable[[float], None]
) -> None:
    made_event(**on("08"))
    made_event(title="second", is_time_independent=True)
    advance(1)
    made_event(title="third", is_time_independent=True)
    made_event(**on("07"))
    assert titles(alice) == ["second", "third", "07", "08"]


def test_what_starts_together_comes_as_it_was_made_and_then_by_id(
    alice: httpx.Client, made_event: Made, advance: Callable[[float], None]
) -> None:
    ids = sorted(made_event(**on("07"))["id"] for _ in range(4))
    advance(1)
    last = made_event(**on("07"))["id"]
    assert [each["id"] for each in alice.get("/v1/events").json()] == [*ids, last]


def test_a_list_has_what_the_caller_made_and_is_asked_to_whatever_was_answered(
    alice: httpx.Client,
    bob: httpx.Client,
    carol: httpx.Client,
    mallory: httpx.Client,
    made_event: Made,
) -> None:
    asked = made_event(**on("07"))
    made_event(**on("08"))
    made_event(bob, **on("06"))
    alice.post(f"/v1/events/{asked['id']}/invites", json={"invitee": BOB})
    bob.delete(f"/v1/events/{asked['id']}/invite")
    assert titles(bob) == ["06", "07"]
    assert [each["invite_status"] for each in bob.get("/v1/events").json()] == [
        "accepted",
        "declined",
    ]
    assert titles(alice) == ["07", "08"]
    assert titles(carol) == titles(mallory) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"time_min": "2026-01-08T10:00:00Z"}, ["daily", "08", "09"]),
        ({"time_min": "2026-01-08T11:00:00.5+01:00"}, ["daily", "09"]),
        ({"time_max": "2026-01-07T09:00:00Z"}, ["ends", "07"]),
        ({"time_min": "2026-01-03T00:00:00Z", "time_max": "2026-01-06T00:00:00Z"}, ["ends"]),
        ({"time_min": "2026-01-06T09:00:01Z", "time_max": "2026-01-07T09:30:00Z"}, ["07"]),
        ({"time_min": "2080-01-01T00:00:00Z"}, ["daily"]),
        ({"time_min": "2200-01-01T00:00:00Z"}, []),
    ],
)
def test_a_time_filter_goes_by_the_whole_series_and_leaves_out_what_has_no_time(
    alice: httpx.Client, made_event: Made, query: dict[str, str], expected: list[str]
) -> None:
    made_event(title="whenever", is_time_independent=True)
    made_event(**on("04") | {"title": "ends"}, recurrence_pattern=["RRULE:FREQ=DAILY;COUNT=3"])
    for day in ("07", "08", "09"):
        made_event(**on(day))
    times = {"starts_at": at("2026-01-07T12:00:00Z"), "ends_at": at("2026-01-07T13:00:00Z")}
    made_event(title="daily", recurrence_pattern=["RRULE:FREQ=DAILY"], **times)
    assert titles(alice, **query) == expected


def test_filters_are_all_to_be_met(alice: httpx.Client, made_event: Made) -> None:
    liked = made_event(title="liked", is_adhoc=True)
    made_event(title="adhoc", is_adhoc=True)
    made_event(title="planned")
    made_event(title="whenever", is_time_independent=True)
    alice.put(f"/v1/users/me/event_favorites/{liked['id']}")
    assert titles(alice, adhoc=False) == ["whenever", "planned"]
    assert sorted(titles(alice, adhoc=True)) == ["adhoc", "liked"]
    assert titles(alice, time_independent=True) == ["whenever"]
    assert len(titles(alice, time_independent=False)) == 3
    assert titles(alice, favorites=True, adhoc=True) == ["liked"]
    assert titles(alice, favorites=True, adhoc=False) == []
    assert len(titles(alice, favorites=False)) == 4


def test_a_list_can_be_of_what_was_answered_in_some_way(
    alice: httpx.Client, bob: httpx.Client, made_event: Made
) -> None:
    made_event(bob, title="own")
    for answer in ("pending", "declined"):
        event = made_event(title=answer)
        alice.post(f"/v1/events/{event['id']}/invites", json={"invitee": BOB})
        if answer == "declined":
            bob.delete(f"/v1/events/{event['id']}/invite")
    assert titles(bob, invite_status="pending") == ["pending"]
    several = bob.get("/v1/events?invite_status=accepted,declined").json()
    assert sorted(each["title"] for each in several) == ["declined", "own"]


def test_what_is_different_follows_what_is_repeated_and_does_not_count(
    alice: httpx.Client, made_event: Made, daily: str
) -> None:
    for day, body in (("08", {"status": "cancelled"}), ("07", {"title": "Other"})):
        alice.patch(f"{daily}/instances/202601{day}T090000Z", json=body)
    made_event(**on("09"))
    answer = alice.get("/v1/events", params={"per_page": 1})
    event, first, second = answer.json()
    assert first == {
        "id": f"{event['id']}_20260107T090000Z",
        "recurring_event_id": event["id"],
        "instance_id": "20260107T090000Z",
        "created_by": event["created_by"],
        "created_at": "2026-01-05T09:00:00Z",
        "updated_by": event["created_by"],
        "updated_at": "2026-01-05T09:00:00Z",
        "title": "Other",
        "original_starts_at": at("2026-01-07T09:00:00Z"),
        "type": "exception",
        "status": "ok",
        "can_edit": True,
    }
    assert (second["instance_id"], second["status"]) == ("20260108T090000Z", "cancelled")
    assert "title" not in second
    assert [each["title"] for each in alice.get(links(answer)["next"]).json()] == ["09"]


@pytest.mark.parametrize("per_page", [1, 2, 7, 100])
def test_pages_of_any_size_make_the_same_list(
    alice: httpx.Client, made_event: Made, per_page: int
) -> None:
    for day in ("08", "07", "09", "07", "06"):
        made_event(**on(day))
    made_event(title="whenever", is_time_independent=True)
    answer = alice.get("/v1/events", params={"per_page": per_page, "adhoc": False})
    seen = answer.json()
    while "next" in links(answer):
        assert links(answer)["next"] == links(answer)["after"]
        answer = alice.get(links(answer)["next"])
        seen += answer.json()
        assert len(answer.json()) > 0
    assert seen == alice.get("/v1/events").json()


def test_a_page_is_not_shifted_by_what_comes_or_goes_before_it(
    alice: httpx.Client, made_event: Made
) -> None:
    first = made_event(**on("07"))
    for day in ("08", "09"):
        made_event(**on(day))
    answer = alice.get("/v1/events", params={"per_page": 2})
    alice.delete(f"/v1/events/{first['id']}")
    made_event(**on("06"))
    assert [each["title"] for each in alice.get(links(answer)["next"]).json()] == ["09"]


@pytest.mark.parametrize(("per_page", "shown"), [(0, 1), (-5, 1), (1000, 100)])
def test_a_page_size_out_of_bounds_is_brought_into_them(
    alice: httpx.Client, made_event: Made, per_page: int, shown: int
) -> None:
    for _ in range(101):
        made_event(is_time_independent=True)
    assert len(titles(alice, per_page=per_page)) == shown


@pytest.mark.parametrize(
    "query",
    [
        {"after": "nonsense"},
        {"after": ""},
        {"after": "WyJhIl0"},
        {"after": "WzEsMiwzXQ"},
        {"time_min": "tomorrow"},
        {"time_max": "2026-01-06"},
        {"adhoc": "perhaps"},
        {"invitees_max": "many"},
    ],
)
def test_a_query_that_cannot_be_read_is_a_bad_request(
    alice: httpx.Client, query: dict[str, str]
) -> None:
    answer = alice.get("/v1/events", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def invitees(client: httpx.Client, path: str, most: int) -> tuple[list[str], bool]:
    event = client.get(path, params={"invitees_max": most}).json()
    emails = [each["profile"]["email"] for each in event["invitees"]]
    return emails, event["invitees_truncated"]


def test_invitees_are_shown_as_far_as_they_are_asked_for_users_and_newest_first(
    alice: httpx.Client, made_event: Made
) -> None:
    path = f"/v1/events/{made_event()['id']}"
    for body in (
        {"email": "one@example.org"},
        {"invitee": BOB},
        {"email": "dave@acme.example"},
        {"email": "carol@acme.example"},
    ):
        assert alice.post(f"{path}/invites", json=body).status_code == 201
    everybody = ["carol@acme.example", "bob@acme.example", "dave@acme.example", "one@example.org"]
    assert invitees(alice, path, 9) == (everybody, False)
    assert invitees(alice, path, 4) == (everybody, False)
    assert invitees(alice, path, 3) == (everybody[:3], True)
    assert invitees(alice, path, 1) == (everybody[:1], True)
    assert invitees(alice, path, 0) == invitees(alice, path, -1) == ([], True)
