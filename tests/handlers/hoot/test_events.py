from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.state import Store

ALICE = "a5c818fb-bd18-41f6-a030-745ff9fe7f21"
BOB = "728de4da-e94f-4367-80e7-c672814a55e6"
WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
NOW = 1_767_603_600
Json = dict[str, Any]
Make = Callable[..., Json]
Edit = Callable[..., httpx.Response]
Told = Callable[[], list[Json]]


@pytest.fixture
def subscribe(alice: httpx.Client) -> Callable[..., str]:
    """Subscribes an endpoint where nobody listens; answers with the subscription's id."""

    def subscribed(conference: str = WEEKLY, endpoint: str = "http://127.0.0.1:9/a") -> str:
        answer = alice.post(f"/v1/conf/{conference}/subscribe", json={"api_endpoint": endpoint})
        assert answer.status_code == 201
        return str(answer.json()["id"])

    return subscribed


@pytest.fixture
def order(emulator: Emulator, world: str) -> Callable[..., Any]:
    """Gives an order to the control plane."""

    def ordered(method: str, path: str, **request: Any) -> Any:
        with emulator.client(world=world) as control:
            answer = control.request(method, f"/_greenroom{path}", **request)
        return answer.json() if answer.content else None

    return ordered


@pytest.fixture
def happened(told: Told) -> Callable[[], list[tuple[str, Json]]]:
    """The events that were put out, with their data."""
    return lambda: [(each["body"]["event"], each["body"]["data"]) for each in told()]


def test_an_edit_tells_each_change_and_then_the_whole(
    subscribe: Callable[..., str], edit: Edit, happened: Callable[[], list[tuple[str, Json]]]
) -> None:
    subscribe()
    edit(
        WEEKLY,
        new_participants=["Client@business.com"],
        new_moderators=["bob@acme.example", "carol@acme.example"],
        features={"join_webcam_on": True, "branding_client_title": "Acme"},
    )
    edit(WEEKLY, remove_users=["CLIENT@business.com", "unknown@business.com"])
    bob = {"uuid": BOB, "name": "Bob Brown", "email": "bob@acme.example"}
    names = [name for name, _ in happened()]
    assert names == [
        "user_invited",
        "user_promoted",
        "user_invited",
        "conference_edited",
        "user_removed",
        "conference_edited",
    ]
    data = [each for _, each in happened()]
    assert data[0]["user"]["email"] == "Client@business.com"
    assert (data[0]["is_moderator"], data[2]["is_moderator"]) == (False, True)
    assert data[1] == {"user": bob}
    assert data[3] == {
        "moderators": ["alice@acme.example", "bob@acme.example", "carol@acme.example"],
        "participants": ["Client@business.com"],
        "features_changed": ["branding_client_title"],
    }
    assert data[5]["features_changed"] == []


def test_who_is_in_both_lists_is_invited_and_then_promoted(
    subscribe: Callable[..., str],
    edit: Edit,
    happened: Callable[[], list[tuple[str, Json]]],
    letters: Told,
) -> None:
    subscribe()
    guest = ["guest@x.org"]
    conference = edit(WEEKLY, new_participants=guest, new_moderators=guest).json()["conference"]
    user = conference["owners"][-1]["user"]
    shown = {"uuid": user["uuid"], "name": "guest@x.org", "email": "guest@x.org"}
    assert happened() == [
        ("user_invited", {"user": shown, "is_moderator": False}),
        ("user_promoted", {"user": shown}),
        (
            "conference_edited",
            {
                "moderators": ["alice@acme.example", "guest@x.org"],
                "participants": ["bob@acme.example"],
                "features_changed": [],
            },
        ),
    ]
    assert [each["to"] for each in letters()] == guest


def test_a_feature_that_is_none_is_ignored(
    subscribe: Callable[..., str],
    make: Make,
    edit: Edit,
    happened: Callable[[], list[tuple[str, Json]]],
) -> None:
    made = make(features={"dance_floor": True})["conference"]
    subscribe(made["id"])
    changed = edit(made["id"], features={"dance_floor": False, "welcome_document": "Hi"}).json()
    assert changed["conference"]["features"] == made["features"] | {"welcome_document": "Hi"}
    assert "dance_floor" not in made["features"]
    assert happened()[0][1]["features_changed"] == ["welcome_document"]


def test_a_message_names_the_conference_by_its_number(
    subscribe: Callable[..., str], edit: Edit, told: Told
) -> None:
    subscription = subscribe()
    edit(WEEKLY)
    [message] = [each["body"] for each in told()]
    assert list(message) == [
        "id",
        "event",
        "conference_id",
        "conf_id",
        "subscription_id",
        "hoot_instance",
        "timestamp",
        "data",
    ]
    assert message["conference_id"] == "91991891"
    assert message["conf_id"] == WEEKLY
    assert message["subscription_id"] == subscription
    assert message["hoot_instance"] == "Generic"
    assert message["timestamp"] == "2026-01-05T09:00:00.000Z"


def test_an_endpoint_hears_once_by_its_oldest_subscription(
    subscribe: Callable[..., str], edit: Edit, told: Told
) -> None:
    first = subscribe()
    subscribe()
    other = subscribe(endpoint="http://127.0.0.1:9/b")
    edit(WEEKLY)
    assert [each["body"]["subscription_id"] for each in told()] == [first, other]
    assert len({each["body"]["id"] for each in told()}) == 1


def test_the_next_oldest_takes_over(
    subscribe: Callable[..., str],
    edit: Edit,
    told: Told,
    alice: httpx.Client,
    order: Callable[..., Any],
) -> None:
    first, second = subscribe(), subscribe()
    alice.delete(f"/v1/subscription/{first}")
    edit(WEEKLY)
    assert [each["body"]["subscription_id"] for each in told()] == [second]
    order("POST", "/clock/advance", json={"by": "P3D"})
    edit(WEEKLY)
    assert len(told()) == 1


def test_only_who_was_not_there_joins(
    subscribe: Callable[..., str],
    nobody: httpx.Client,
    bob: httpx.Client,
    order: Callable[..., Any],
    happened: Callable[[], list[tuple[str, Json]]],
) -> None:
    subscribe()
    link = bob.get(f"/v1/user/{BOB}/invited_to_conferences").json()[0]["party"]["join_url"]
    nobody.get(link)
    nobody.get(link)
    order("POST", "/stimuli/hoot/participant_leaves", json={"meeting": WEEKLY, "participant": BOB})
    nobody.get(link)
    order("POST", "/stimuli/hoot/meeting_ends", json={"meeting": WEEKLY})
    bob_himself = {"uuid": BOB, "name": "Bob Brown", "email": "bob@acme.example"}
    joined = {"user": bob_himself, "is_moderator": False, "client_type": "HTML5"}
    left = {"user": bob_himself}
    assert happened() == [
        ("user_joined", joined),
        ("user_left", left),
        ("user_joined", joined),
        ("user_left", left),
    ]


def test_whoever_is_removed_while_there_leaves_first(
    subscribe: Callable[..., str],
    edit: Edit,
    order: Callable[..., Any],
    happened: Callable[[], list[tuple[str, Json]]],
) -> None:
    order("POST", "/stimuli/hoot/participant_joins", json={"meeting": WEEKLY, "who": "bob"})
    subscribe()
    edit(WEEKLY, remove_users=["bob@acme.example"])
    assert [name for name, _ in happened()] == ["user_left", "user_removed", "conference_edited"]


def test_the_end_is_told_after_everybody_left(
    subscribe: Callable[..., str],
    alice: httpx.Client,
    order: Callable[..., Any],
    happened: Callable[[], list[tuple[str, Json]]],
) -> None:
    order("POST", "/stimuli/hoot/participant_joins", json={"meeting": WEEKLY, "who": "bob"})
    subscribe()
    alice.delete(f"/v1/conf/{WEEKLY}")
    assert [name for name, _ in happened()] == ["user_left", "conference_ended"]
    assert happened()[1][1] == {"reason": "deleted"}


def test_a_temporary_user_is_removed_by_the_clock(
    subscribe: Callable[..., str],
    make: Make,
    nobody: httpx.Client,
    store: Store,
    order: Callable[..., Any],
    happened: Callable[[], list[tuple[str, Json]]],
) -> None:
    invitation = {"epoch_end": NOW + 60, "temporary_users": ["guest@x.org"]}
    conference = make(features={"invitation": invitation})["conference"]
    subscribe(conference["id"])
    nobody.get(conference["participants"][0]["join_url"])
    order("POST", "/clock/advance", json={"by": 60})
    assert [name for name, _ in happened()] == ["user_joined", "user_left", "user_removed"]
    assert len(store.timers) == 1 + len([1 for each in store.timers if each.name == "delivery"])


def test_whoever_is_removed_early_is_not_removed_again(
    make: Make, edit: Edit, order: Callable[..., Any]
) -> None:
    invitation = {"epoch_end": NOW + 60, "temporary_users": ["guest@x.org"]}
    conference = make(features={"invitation": invitation})["conference"]["id"]
    edit(conference, remove_users=["guest@x.org"])
    assert order("POST", "/clock/advance", json={"by": 60})["fired"] == []


@pytest.mark.parametrize("epoch_end", [0, 10**30, 253_402_300_799])
def test_a_time_that_never_comes_is_never(
    make: Make, order: Callable[..., Any], alice: httpx.Client, epoch_end: int
) -> None:
    invitation = {
        "epoch_start": -5,
        "epoch_end": epoch_end,
        "temporary_users": ["guest@x.org"],
    }
    conference = make(features={"invitation": invitation})["conference"]
    assert conference["participants"][0]["epoch_expiry"] == epoch_end
    order("POST", "/clock/advance", json={"by": "P10000D"})
    everybody = alice.get(f"/v1/conf/{conference['id']}/all_users").json()
    assert everybody["participants"] == ["guest@x.org"]


def test_a_time_that_is_over_is_over_at_once(make: Make, alice: httpx.Client) -> None:
    invitation = {"epoch_end": NOW - 60, "temporary_users": ["guest@x.org"]}
    conference = make(features={"invitation": invitation})["conference"]["id"]
    assert alice.get(f"/v1/conf/{conference}/all_users").json()["participants"] == []


def test_what_is_refused_is_not_told(
    subscribe: Callable[..., str], edit: Edit, bob: httpx.Client, told: Told, store: Store
) -> None:
    subscribe()
    before = store.digest()
    answer = edit(
        WEEKLY,
        new_participants=["a@b.com"],
        remove_users=["bob@acme.example", "alice@acme.example"],
    )
    assert answer.status_code == 403
    assert (told(), store.digest()) == ([], before)


def test_a_subscription_lasts_three_days(
    subscribe: Callable[..., str], alice: httpx.Client, order: Callable[..., Any]
) -> None:
    one, two = subscribe(), subscribe()
    order("POST", "/clock/advance", json={"by": 3 * 86_400 - 1})
    assert alice.delete(f"/v1/subscription/{one}").status_code == 200
    order("POST", "/clock/advance", json={"by": 1})
    assert alice.delete(f"/v1/subscription/{two}").status_code == 404


@pytest.mark.parametrize("endpoint", ["", "ftp://x", " http://x", "HTTP://x", 7, None])
def test_an_endpoint_begins_with_http(alice: httpx.Client, endpoint: Any) -> None:
    answer = alice.post(f"/v1/conf/{WEEKLY}/subscribe", json={"api_endpoint": endpoint})
    assert answer.status_code == 400


def test_the_journal_of_the_world_shows_events_without_subscribers(
    edit: Edit, order: Callable[..., Any]
) -> None:
    edit(WEEKLY)
    [event] = order("GET", "/journal")[-1]["events"]
    assert event["name"] == "conference_edited"


def test_a_subscription_that_was_ended_leaves_nothing_to_the_clock(
    subscribe: Callable[..., str], alice: httpx.Client, order: Callable[..., Any]
) -> None:
    alice.delete(f"/v1/subscription/{subscribe()}")
    assert order("POST", "/clock/advance", json={"by": "P4D"})["fired"] == []


def test_one_that_ended_with_its_conference_is_forgotten_in_time(
    subscribe: Callable[..., str], alice: httpx.Client, order: Callable[..., Any], store: Store
) -> None:
    subscribe()
    alice.delete(f"/v1/conf/{WEEKLY}")
    order("POST", "/clock/advance", json={"by": "P3D"})
    assert len(store.collection("hoot", "subscriptions", "acme")) == 0
