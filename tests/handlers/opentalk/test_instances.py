from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import Any

import httpx
import pytest

Made = Callable[..., dict[str, Any]]
BOB = "b0b00000-0000-4000-8000-000000000002"


def at(time: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"datetime": time, "timezone": zone}


def starts(client: httpx.Client, path: str, **query: Any) -> list[str]:
    answer = client.get(f"{path}/instances", params=query)
    assert answer.status_code == 200, answer.text
    return [each["starts_at"]["datetime"] for each in answer.json()]


def link(answer: httpx.Response, rel: str = "next") -> str:
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers.get("Link", ""))
    return next((url for url, name in found if name == rel), "")


def test_an_instance_is_the_event_at_its_own_time(
    alice: httpx.Client, made_event: Made, daily: str
) -> None:
    event = alice.get(daily).json()
    left_out = ("is_time_independent", "is_adhoc", "recurrence_pattern", "streaming_targets")
    shared = {name: value for name, value in event.items() if name not in left_out}
    del shared["shared_folder"]
    assert alice.get(f"{daily}/instances/20260107T090000Z").json() == shared | {
        "id": f"{event['id']}_20260107T090000Z",
        "recurring_event_id": event["id"],
        "instance_id": "20260107T090000Z",
        "starts_at": at("2026-01-07T09:00:00Z"),
        "ends_at": at("2026-01-07T10:00:00Z"),
        "type": "instance",
    }


def test_instances_come_in_order_and_keep_the_wall_clocks_time(
    alice: httpx.Client, made_event: Made
) -> None:
    event = made_event(
        starts_at=at("2026-03-28T09:00:00Z"),
        ends_at=at("2026-03-28T09:30:00Z"),
        recurrence_pattern=["RRULE:FREQ=DAILY;COUNT=3"],
    )
    assert starts(alice, f"/v1/events/{event['id']}") == [
        "2026-03-28T09:00:00Z",
        "2026-03-29T08:00:00Z",
        "2026-03-30T08:00:00Z",
    ]


def test_a_fraction_of_a_second_is_no_part_of_an_instances_id(
    alice: httpx.Client, made_event: Made
) -> None:
    event = made_event(
        starts_at=at("2026-01-06T09:00:00.25Z"), recurrence_pattern=["RRULE:FREQ=DAILY;COUNT=2"]
    )
    second = alice.get(f"/v1/events/{event['id']}/instances").json()[1]
    assert second["instance_id"] == "20260107T090000Z"
    assert second["starts_at"] == at("2026-01-07T09:00:00.250000Z")
    assert second["ends_at"] == at("2026-01-07T10:00:00Z")


def test_bounds_belong_to_what_they_bound(alice: httpx.Client, daily: str) -> None:
    query = {"time_min": "2026-01-08T10:00:00+01:00", "time_max": "2026-01-10T09:00:00Z"}
    assert starts(alice, daily, **query) == [
        "2026-01-08T09:00:00Z",
        "2026-01-09T09:00:00Z",
        "2026-01-10T09:00:00Z",
    ]
    assert starts(alice, daily, time_min="2026-01-08T09:00:00.5Z", per_page=1) == [
        "2026-01-09T09:00:00Z"
    ]
    assert starts(alice, daily, time_max="2026-01-06T08:00:00Z") == []
    assert starts(alice, daily, time_min="0001-01-01T00:00:00Z", per_page=1) == [
        "2026-01-06T09:00:00Z"
    ]


def test_nobody_looks_further_than_forty_years(alice: httpx.Client, daily: str) -> None:
    assert starts(alice, daily, time_min="2066-01-03T00:00:00Z")[-1] == "2066-01-05T09:00:00Z"
    assert starts(alice, daily, time_min="2067-01-01T00:00:00Z") == []
    assert alice.get(f"{daily}/instances/20700601T080000Z").status_code == 200


@pytest.mark.parametrize("rel", ["next", "after"])
@pytest.mark.parametrize("pattern", ["RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=DAILY;UNTIL=20260114"])
def test_pages_make_the_whole_list(
    alice: httpx.Client, made_event: Made, pattern: str, rel: str
) -> None:
    event = made_event(recurrence_pattern=[pattern, "EXDATE:20260108T090000Z"])
    path = f"/v1/events/{event['id']}"
    answer = alice.get(f"{path}/instances", params={"per_page": 3})
    pages = [answer.json()]
    while link(answer, rel):
        answer = alice.get(link(answer, rel))
        pages.append(answer.json())
    assert [len(page) for page in pages] == [3, 3, 2]
    assert list(chain(*pages)) == alice.get(f"{path}/instances").json()


def test_the_token_is_where_the_relation_says(alice: httpx.Client, daily: str) -> None:
    answer = alice.get(
        f"{daily}/instances", params={"per_page": 2, "time_max": "2030-01-01T00:00:00Z"}
    )
    token = httpx.URL(link(answer)).params["cursor"]
    onward = httpx.URL(link(answer, "after")).params
    assert dict(onward) == {"per_page": "2", "time_max": "2030-01-01T00:00:00Z", "after": token}


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "nonsense"},
        {"after": "WyJhIiwiYiJd"},
        {"after": "WyIyMDI2LTAxLTA2VDA4OjAwOjAwWiIsIi0xIl0"},
        {"time_min": "then"},
        {"per_page": "few"},
    ],
)
def test_a_query_that_cannot_be_read_is_a_bad_request(
    alice: httpx.Client, daily: str, query: dict[str, str]
) -> None:
    answer = alice.get(f"{daily}/instances", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(("per_page", "shown"), [(0, 1), (500, 100)])
def test_a_page_size_out_of_bounds_is_brought_into_them(
    alice: httpx.Client, daily: str, per_page: int, shown: int
) -> None:
    assert len(starts(alice, daily, per_page=per_page)) == shown


def test_an_id_may_have_an_offset(alice: httpx.Client, daily: str) -> None:
    for written in ("20260107T100000+0100", "20260107T100000%2B0100", "20260107T040000-0500"):
        answer = alice.get(f"{daily}/instances/{written}")
        assert answer.status_code == 200, written
        assert answer.json()["instance_id"] == "20260107T090000Z"


@pytest.mark.parametrize(
    "written",
    [
        "20260107T080000Z",
        "20260105T090000Z",
        "20260107T090000",
        "2026-01-07T09:00:00Z",
        "20261307T090000Z",
        "00010101T000000+2359",
        "99991231T235959-2359",
        "20260107t090000z",
        "first",
    ],
)
def test_what_names_no_instance_is_not_found(alice: httpx.Client, daily: str, written: str) -> None:
    for answer in (
        alice.get(f"{daily}/instances/{written}"),
        alice.patch(f"{daily}/instances/{written}", json={"title": "Other"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_event_that_happens_once_has_one_instance(alice: httpx.Client, made_event: Made) -> None:
    path = f"/v1/events/{made_event()['id']}"
    shown = alice.get(f"{path}/instances").json()
    assert [each["instance_id"] for each in shown] == ["20260106T090000Z"]
    assert alice.get(f"{path}/instances/20260106T090000Z").json() == shown[0]
    assert alice.get(f"{path}/instances/20260107T090000Z").status_code == 404
    assert starts(alice, path, time_min="2026-01-06T09:00:01Z") == []
    answer = alice.patch(f"{path}/instances/20260106T090000Z", json={"title": "Other"})
    assert answer.status_code == 404


def test_an_event_without_a_time_has_no_instances(alice: httpx.Client, made_event: Made) -> None:
    path = f"/v1/events/{made_event(is_time_independent=True)['id']}"
    assert alice.get(f"{path}/instances").json() == []
    assert alice.get(f"{path}/instances/20260106T090000Z").status_code == 404


def test_a_change_is_of_one_instance_and_merges_with_those_before(
    alice: httpx.Client, daily: str, advance: Callable[[float], None]
) -> None:
    path = f"{daily}/instances/20260107T090000Z"
    before = alice.get(path).json()
    advance(60)
    moved = alice.patch(
        path, json={"starts_at": at("2026-01-07T12:00:00Z"), "ends_at": at("2026-01-07T13:00:00Z")}
    )
    advance(60)
    changed = alice.patch(path, json={"title": "Other", "description": None})
    assert moved.status_code == changed.status_code == 200
    assert (
        changed.json()
        == moved.json() | {"title": "Other"}
        == before
        | {
            "title": "Other",
            "starts_at": at("2026-01-07T12:00:00Z"),
            "ends_at": at("2026-01-07T13:00:00Z"),
            "updated_at": "2026-01-05T09:01:00Z",
        }
    )
    assert alice.get(f"{daily}/instances").json()[1] == changed.json()
    assert alice.get(f"{daily}/instances/20260108T090000Z").json()["title"] == "Board"


def test_a_cancelled_instance_stays_in_the_list_and_can_be_restored(
    alice: httpx.Client, daily: str
) -> None:
    path = f"{daily}/instances/20260107T090000Z"
    alice.patch(path, json={"status": "cancelled"})
    assert [each["status"] for each in alice.get(f"{daily}/instances").json()[:3]] == [
        "ok",
        "cancelled",
        "ok",
    ]
    assert alice.patch(path, json={"status": "ok"}).json()["status"] == "ok"


@pytest.mark.parametrize("body", [{"ends_at": at("2026-01-07T08:00:00Z")}, {"is_all_day": True}])
def test_the_times_of_an_instance_must_fit_too(
    alice: httpx.Client, daily: str, body: dict[str, Any]
) -> None:
    answer = alice.patch(f"{daily}/instances/20260107T090000Z", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")


@pytest.mark.parametrize("body", [{}, {"status": None}])
def test_a_change_of_nothing_is_refused(
    alice: httpx.Client, daily: str, body: dict[str, Any]
) -> None:
    answer = alice.patch(f"{daily}/instances/20260107T090000Z", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"code": "missing_values"}]


def test_only_the_owner_changes_instances(
    alice: httpx.Client, bob: httpx.Client, carol: httpx.Client, daily: str
) -> None:
    alice.post(f"{daily}/invites", json={"invitee": BOB})
    path = f"{daily}/instances/20260107T090000Z"
    assert bob.get(path).json()["invite_status"] == "pending"
    assert bob.patch(path, json={"title": "Mine"}).status_code == 404
    assert carol.get(path).status_code == carol.get(f"{daily}/instances").status_code == 404


def test_a_change_that_is_told_sees_to_an_invite_code(alice: httpx.Client, daily: str) -> None:
    codes = f"/v1/rooms/{alice.get(daily).json()['room']['id']}/invites"
    quiet = {"suppress_email_notification": True}
    path = f"{daily}/instances/20260107T090000Z"
    alice.patch(path, json={"title": "Other"}, params=quiet)
    assert alice.get(codes).json() == []
    alice.patch(path, json={"title": "Another"})
    assert len(alice.get(codes).json()) == 1


def test_the_server_of_the_release_knows_no_instances_of_what_happens_once(
    with_options: Callable[..., httpx.Client], made_event: Made
) -> None:
    alice = with_options("alice", profile="live")
    path = f"/v1/events/{made_event(alice)['id']}/instances"
    assert alice.get(path).status_code == 404
    assert alice.get(f"{path}/20260106T090000Z").status_code == 404
    series = made_event(alice, recurrence_pattern=["RRULE:FREQ=DAILY"])
    path = f"/v1/events/{series['id']}/instances/20260107T090000Z"
    assert alice.patch(path, json={}).status_code == 204


def test_ten_thousand_instances_are_paged_to_the_end(alice: httpx.Client, made_event: Made) -> None:
    event = made_event(recurrence_pattern=["RRULE:FREQ=DAILY;COUNT=10000"])
    answer = alice.get(f"/v1/events/{event['id']}/instances", params={"per_page": 100})
    seen = answer.json()
    while link(answer):
        answer = alice.get(link(answer))
        seen += answer.json()
    assert len({each["id"] for each in seen}) == len(seen) == 10_000
    assert seen[-1]["starts_at"] == at("2053-05-23T08:00:00Z")
