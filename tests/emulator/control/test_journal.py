"""What was asked and answered: kept, filtered, verified, exported, hidden."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import yaml
from jsonschema import Draft7Validator, FormatChecker

if TYPE_CHECKING:
    from greenroom.emulator.toolkit import Json
    from tests.emulator.conftest import Tiny

ADA = {"Authorization": "Bearer ada"}
EVE = {"Authorization": "Bearer eve"}
JOURNAL = "/_greenroom/journal"
HAR = Draft7Validator(
    yaml.safe_load((Path(__file__).parent / "har-1.2.schema.yaml").read_text("utf-8")),
    format_checker=FormatChecker(),
)


def journal(served: Tiny, query: str = "") -> list[Json]:
    entries: list[Json] = served.send_to(f"GET {JOURNAL}{query}").json()
    return entries


def verify(served: Tiny, match: Json, status: int = 200, **order: Any) -> Json:
    answer = served.send_to(f"POST {JOURNAL}/verify", json={"match": match, **order})
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def test_an_exchange_is_kept_with_all_that_is_known_of_it(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    answer = served.send("POST /rooms?a=1", headers=ADA, json={"name": "Hall"})
    [kept] = journal(served)
    room = answer.json()
    assert kept == served.send_to(f"GET {JOURNAL}/{answer.headers['x-greenroom-exchange']}").json()
    assert kept == {
        "id": "e1",
        "provider": "tiny",
        "operation": "operation3",
        "method": "POST",
        "path": "/rooms",
        "status": 200,
        "who": "ada",
        "tenant": "acme",
        "at": "2026-01-05T09:00:00Z",
        "why": None,
        "began": kept["began"],
        "milliseconds": kept["milliseconds"],
        "request": {
            "method": "POST",
            "target": "/tiny/rooms?a=1",
            "headers": {
                "host": "127.0.0.1:8800",
                "content-type": "application/json",
                "content-length": "16",
                "authorization": "Bearer ada",
            },
            "body": {"name": "Hall"},
        },
        "answer": {"status": 200, "headers": dict(answer.headers), "body": room},
        "fault": None,
        "events": [],
        "changes": [
            {
                "provider": "tiny",
                "collection": "rooms",
                "tenant": "acme",
                "id": room["id"],
                "change": "added",
                "before": None,
                "after": room,
            }
        ],
    }


def test_a_refusal_is_kept_with_its_reason(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    served.send("GET /rooms/none", headers=ADA)
    served.send("GET /rooms")
    served.send("GET /nowhere")
    served.send("POST /rooms", headers=ADA, content=b"{", type_="application/json")
    told = [(each["status"], each["operation"], bool(each["why"])) for each in journal(served)]
    assert told == [
        (404, "operation2", True),
        (401, "operation1", True),
        (404, None, True),
        (400, "operation3", True),
    ]


def test_what_is_refused_before_it_is_routed_is_kept_too(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    long = {**ADA, "Content-Length": str(11 * 1024 * 1024)}
    assert served.send("POST /rooms", headers=long, type_="application/json").status_code == 413
    assert served.send("GET /rooms?" + "a" * 70_000).status_code == 414
    assert [(each["status"], each["operation"]) for each in journal(served)] == [
        (413, None),
        (414, None),
    ]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("OPTIONS", 204), ("PUT", 405)])
def test_every_method_is_kept(rooms: Callable[..., Tiny], method: str, status: int) -> None:
    served = rooms()
    answer = served.send(f"{method} /rooms", headers=ADA)
    [kept] = journal(served)
    assert (answer.status_code, kept["status"], kept["method"]) == (status, status, method)
    assert kept["id"] == answer.headers["x-greenroom-exchange"]


def test_only_exchanges_with_providers_are_kept(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    lines = ["GET /_greenroom/health", "GET /nothing", "GET /tiny/openapi.json", "GET /"]
    for each in lines:
        assert served.send_to(each).headers["x-greenroom-exchange"]
    assert journal(served) == []
    assert served.send("GET /rooms", headers=ADA).status_code == 200
    assert len(journal(served)) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["e1", "e2", "e3", "e4"]),
        ("?provider=tiny&method=GET", ["e1", "e3", "e4"]),
        ("?provider=none", []),
        ("?operation=operation3", ["e2"]),
        ("?method=post", ["e2"]),
        ("?status=404", ["e4"]),
        ("?who=eve", ["e3"]),
        ("?since=e2", ["e3", "e4"]),
        ("?since=e4", []),
        ("?since=forgotten", ["e1", "e2", "e3", "e4"]),
        ("?limit=2", ["e3", "e4"]),
        ("?since=e1&method=GET&limit=1", ["e4"]),
    ],
)
def test_the_journal_is_filtered(rooms: Callable[..., Tiny], query: str, found: list[str]) -> None:
    served = rooms()
    served.send("GET /rooms", headers=ADA)
    served.send("POST /rooms", headers=ADA, json={})
    served.send("GET /rooms", headers=EVE)
    served.send("GET /rooms/none", headers=ADA)
    assert [each["id"] for each in journal(served, query)] == found


def test_how_many_match_is_told(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    for _ in range(3):
        served.send("GET /rooms", headers=ADA)
    headers = served.send_to(f"GET {JOURNAL}?limit=1").headers
    assert (headers["x-total-count"], headers["x-dropped-count"]) == ("3", "0")


@pytest.mark.parametrize("query", ["?limit=0", "?limit=x", "?status=abc", "?redact=maybe"])
def test_a_bad_filter_is_refused(rooms: Callable[..., Tiny], query: str) -> None:
    assert rooms().send_to(f"GET {JOURNAL}{query}").status_code == 400


def test_a_forgotten_exchange_is_not_there(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    served.send("GET /rooms", headers=ADA)
    assert served.send_to(f"DELETE {JOURNAL}").status_code == 204
    assert journal(served) == []
    assert served.send_to(f"GET {JOURNAL}/e1").status_code == 404
    assert served.send("GET /rooms", headers=ADA).headers["x-greenroom-exchange"] == "e2"


def test_what_is_no_text_is_shown_in_base64(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    served.send("POST /rooms", headers=ADA, content=b"\xff\x00", type_="application/x-odd")
    served.send("POST /rooms", headers=ADA, content=b"{", type_="application/json")
    odd, torn = (each["request"] for each in journal(served))
    assert (odd["body"], odd["encoding"]) == (base64.b64encode(b"\xff\x00").decode(), "base64")
    assert torn["body"] == "{"


def test_a_verification_counts_what_matches(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    served.send("POST /rooms", headers=ADA, json={"name": "Hall"})
    served.send("POST /rooms", headers=ADA, json={"name": "Attic"})
    found = verify(served, {"method": "POST", "status": 200}, times=2)
    assert (found["matched"], [each["id"] for each in found["exchanges"]]) == (2, ["e1", "e2"])
    assert verify(served, {"who": "ada"}, body={"/name": "Hall"})["matched"] == 1


@pytest.mark.parametrize(
    ("times", "status"),
    [
        (None, 200),
        (0, 409),
        (2, 200),
        (3, 409),
        ({"min": 1}, 200),
        ({"min": 3}, 409),
        ({"max": 1}, 409),
        ({"max": 2}, 200),
        ({"min": 1, "max": 2}, 200),
        ({}, 400),
        (-1, 400),
        ("2", 400),
    ],
)
def test_a_verification_is_right_or_wrong(
    rooms: Callable[..., Tiny], times: Any, status: int
) -> None:
    served = rooms()
    for _ in range(2):
        served.send("GET /rooms", headers=ADA)
    order = {} if times is None else {"times": times}
    verify(served, {"operation": "operation1"}, status, **order)


def test_that_something_never_happened_can_be_verified(rooms: Callable[..., Tiny]) -> None:
    found = verify(rooms(), {"operation": "operation3"}, times=0)
    assert found == {"matched": 0, "exchanges": []}


def test_the_nearest_misses_are_told_with_what_differs(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    served.send("GET /rooms", headers=ADA)
    served.send("POST /rooms", headers=EVE, json={"name": "Hall"})
    served.send("POST /rooms", headers=ADA, json={"name": "Attic"})
    match = {"method": "POST", "who": "ada"}
    problem = verify(served, match, 409, body={"/name": "Hall"})
    assert (problem["status"], problem["matched"], problem["exchanges"]) == (409, 0, [])
    assert [
        (each["exchange"]["id"], [it["criterion"] for it in each["differences"]])
        for each in problem["nearest"]
    ] == [("e3", ["body /name"]), ("e2", ["who"]), ("e1", ["method", "body /name"])]
    assert problem["nearest"][0]["differences"] == [
        {"criterion": "body /name", "wanted": "Hall", "got": "Attic"}
    ]


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({}, "/match"),
        ({"match": {"planet": 1}}, "/match/planet"),
        ({"match": {"body": {"name": 1}}}, "/match/body/name"),
        ({"match": {}, "body": {"name": 1}}, "/body/name"),
    ],
)
def test_a_bad_verification_is_refused_with_its_place(
    rooms: Callable[..., Tiny], order: Json, pointer: str
) -> None:
    answer = rooms().send_to(f"POST {JOURNAL}/verify", json=order)
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


def exchanges_of_all_sorts(served: Tiny) -> None:
    """Good ones, refused ones, binary ones, broken ones."""
    served.send("POST /rooms?a=1&b=&c", headers=ADA, json={"name": "Hälle"})
    served.send('GET /rooms?q={a}|"<ä>"&x=%ff', headers=ADA)
    served.send("POST /rooms", headers=ADA, content=b"\xff\x00", type_="application/x-odd")
    served.send("HEAD /rooms", headers=[*ADA.items(), ("x-two", "1"), ("x-two", "2")])
    served.send("OPTIONS /rooms")
    order = {"effect": {"status": 599, "body": "odd"}}
    served.send_to("POST /_greenroom/faults", json=order)
    served.send("GET /rooms", headers=ADA)


def test_the_archive_is_one(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    exchanges_of_all_sorts(served)
    archive = served.send_to(f"GET {JOURNAL}.har").json()
    assert [f"{it.json_path}: {it.message}" for it in HAR.iter_errors(archive)] == []
    entries = archive["log"]["entries"]
    assert [each["_exchange"] for each in entries] == ["e1", "e2", "e3", "e4", "e5", "e6"]
    first = entries[0]
    assert first["request"]["url"] == "http://127.0.0.1:8800/tiny/rooms?a=1&b=&c"
    assert first["request"]["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": ""},
        {"name": "c", "value": ""},
    ]
    assert orjson.loads(first["request"]["postData"]["text"]) == {"name": "Hälle"}
    assert first["response"]["content"]["mimeType"] == "application/json"
    assert orjson.loads(first["response"]["content"]["text"])["name"] == "Hälle"
    twos = [each for each in entries[3]["request"]["headers"] if each["name"] == "x-two"]
    assert [each["value"] for each in twos] == ["1", "2"]


def test_the_archive_of_nothing_is_one(rooms: Callable[..., Tiny]) -> None:
    archive = rooms().send_to(f"GET {JOURNAL}.har").json()
    assert list(HAR.iter_errors(archive)) == []
    assert archive["log"]["entries"] == []


SECRETS = ["Bearer ada", "t0ken", "pa55", "k3y", "c00kie"]


def exchange_of_secrets(served: Tiny) -> None:
    """One exchange whose every place holds a secret, and something that is none."""
    served.send(
        "POST /rooms?api_key=k3y&apikey=k3y&name=plain",
        headers={**ADA, "Cookie": "a=c00kie", "X-Auth-Token": "t0ken"},
        json={"name": "plain", "password": "pa55", "deep": [{"access_token": "t0ken"}]},
    )


@pytest.mark.parametrize("path", [JOURNAL, f"{JOURNAL}/e1", f"{JOURNAL}.har"])
def test_secrets_are_hidden_on_request(rooms: Callable[..., Tiny], path: str) -> None:
    served = rooms()
    exchange_of_secrets(served)
    plain, hidden = (served.send_to(f"GET {path}{it}").text for it in ("", "?redact=true"))
    assert [each for each in SECRETS if each not in plain] == []
    assert [each for each in SECRETS if each in hidden] == []
    assert "plain" in hidden
    assert "(hidden)" in hidden


def test_secrets_in_forms_are_hidden(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    form = b"password=pa55&name=plain"
    type_ = "application/x-www-form-urlencoded"
    served.send("POST /rooms", headers=ADA, content=form, type_=type_)
    [kept] = journal(served, "?redact=true")
    assert kept["request"]["body"] == "password=%28hidden%29&name=plain"


def test_a_hidden_archive_is_one_too(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    exchange_of_secrets(served)
    exchanges_of_all_sorts(served)
    archive = served.send_to(f"GET {JOURNAL}.har?redact=true").json()
    assert [it.json_path for it in HAR.iter_errors(archive)] == []


def test_coverage_counts_calls_against_what_is_documented(rooms: Callable[..., Tiny]) -> None:
    served = rooms()
    served.send("GET /rooms", headers=ADA)
    served.send("GET /rooms", headers=ADA)
    served.send("GET /rooms")
    served.send("GET /nowhere")
    first, *rest = served.send_to("GET /_greenroom/coverage").json()
    assert (first["provider"], first["operation"]) == ("tiny", "operation1")
    assert (first["calls"], first["statuses"]) == (3, {"200": 2, "401": 1})
    assert first["documented"] == sorted([*first["unseen"], "200", "401"])
    assert [each["calls"] for each in rest] == [0, 0]


@pytest.mark.parametrize("order", ["POST /_greenroom/reset", f"DELETE {JOURNAL}"])
def test_coverage_begins_anew_with_the_journal(rooms: Callable[..., Tiny], order: str) -> None:
    served = rooms()
    served.send("GET /rooms", headers=ADA)
    served.send_to(order)
    assert {each["calls"] for each in served.send_to("GET /_greenroom/coverage").json()} == {0}
