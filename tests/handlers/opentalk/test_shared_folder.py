from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

Made = Callable[..., dict[str, Any]]
BOB = "b0b00000-0000-4000-8000-000000000002"
FORCE = {"force_delete_reference_if_shared_folder_deletion_fails": True}


def folder_of(event: dict[str, Any]) -> str:
    return f"/v1/events/{event['id']}/shared_folder"


def test_a_folder_is_made_once_and_shown_as_often_as_one_likes(
    alice: httpx.Client, made_event: Made
) -> None:
    event = made_event()
    path = folder_of(event)
    assert alice.get(path).status_code == 404
    made, again = alice.put(path), alice.put(path)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json() == alice.get(path).json()
    assert made.headers["content-type"] == "application/json"
    read, write = made.json()["read"], made.json()["read_write"]
    assert read["url"] != write["url"]
    assert read["password"] != write["password"]
    assert alice.get(f"/v1/events/{event['id']}").json()["shared_folder"] == made.json()


def test_an_invitee_may_read_and_that_is_all(
    alice: httpx.Client, bob: httpx.Client, carol: httpx.Client, made_event: Made
) -> None:
    event = made_event()
    path = folder_of(event)
    folder = alice.put(path).json()
    assert bob.get(path).status_code == 404
    alice.post(f"/v1/events/{event['id']}/invites", json={"invitee": BOB})
    assert bob.get(path).json() == {"read": folder["read"]}
    assert bob.put(path).status_code == bob.delete(path).status_code == 404
    assert carol.get(path).status_code == 404


def test_a_deleted_folder_is_gone_and_cannot_be_deleted_again(
    alice: httpx.Client, made_event: Made
) -> None:
    path = folder_of(made_event())
    alice.put(path)
    assert alice.delete(path).status_code == 204
    assert alice.get(path).status_code == alice.delete(path).status_code == 404


def test_without_storage_there_are_no_folders(
    with_options: Callable[..., httpx.Client], made_event: Made
) -> None:
    alice = with_options("alice", shared_folder="off")
    answer = alice.put(folder_of(made_event(alice)))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_folder_on_storage_that_fails_goes_by_force_only(
    with_options: Callable[..., httpx.Client], made_event: Made
) -> None:
    alice = with_options("alice", scenario="default", shared_folder="failing")
    path = "/v1/events/e0000000-0000-4000-8000-000000000001/shared_folder"
    answer = alice.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
    assert alice.get(path).status_code == 200
    assert alice.delete(path, params=FORCE).status_code == 204
    assert alice.get(path).status_code == 404
    assert alice.put(path).status_code == 500


def test_the_server_of_the_release_is_content_without_a_folder(
    with_options: Callable[..., httpx.Client], made_event: Made
) -> None:
    alice = with_options("alice", profile="live")
    assert alice.delete(folder_of(made_event(alice))).status_code == 204
