"""The front: which world, which host, which address, and what every answer carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import ApiError, Call, Json, Reply, Request

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

T1 = {"x-greenroom-world": "t1"}
BROWSER = {"origin": "https://app.greenroom.test"}


def count(call: Call) -> Json:
    """How often this world was called, and what it draws."""
    visits = call.shared("visits")
    visits.add({"id": call.ids.uuid()})
    return {"visits": len(visits), "id": call.ids.uuid(), "luck": call.random.random()}


def links(call: Call) -> Json:
    return {"here": call.url("/links"), "target": call.request.target, "path": call.request.path}


@pytest.fixture
def counting(tiny: Tiny) -> Tiny:
    """An API that counts its visits and tells where it is."""
    tiny.answer("POST /visits", count)
    tiny.answer("GET /links", links)
    return tiny


def visits(tiny: Tiny, prefix: str = "", **request: Any) -> int:
    answer = tiny.send_to(f"POST {prefix}/tiny/visits", **request)
    return int(answer.json()["visits"])


def test_a_world_is_named_by_prefix_by_header_or_not_at_all(counting: Tiny) -> None:
    assert [visits(counting), visits(counting, "/~main")] == [1, 2]
    assert [visits(counting, "/~t1"), visits(counting, "/~t1")] == [1, 2]
    header = {"x-greenroom-world": "t1"}
    assert visits(counting, headers=header) == 3
    assert visits(counting, "/~t2", headers=header) == 1
    assert visits(counting, headers={"x-greenroom-world": ""}) == 3


@pytest.mark.parametrize("name", ["a", "0", "a-b", "t1-", "x" * 63])
def test_a_world_may_have_any_such_name(counting: Tiny, name: str) -> None:
    assert visits(counting, f"/~{name}") == 1
    assert visits(counting, headers={"x-greenroom-world": name}) == 2


@pytest.mark.parametrize("name", ["A", "-a", "a_b", "a.b", "x" * 64, "%61", "é", "a b"])
def test_another_name_is_refused_with_a_sentence(counting: Tiny, name: str) -> None:
    answers = [
        counting.send_to("POST /tiny/visits", headers={"x-greenroom-world": name}),
        counting.send_to(f"POST /~{name}/tiny/visits"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["title"]) == (400, "No such world")
        assert answer.headers["content-type"] == "application/problem+json"
    assert [world.name for world in counting.worlds] == ["main"]


def test_a_page_may_read_that_there_is_no_such_world(counting: Tiny) -> None:
    origin = {"origin": "http://localhost:3000"}
    answer = counting.send_to("POST /~A/tiny/visits", headers=origin)
    assert answer.headers["access-control-allow-origin"] == origin["origin"]
    assert "x-greenroom-world" not in answer.headers


def test_a_prefix_without_a_name_is_no_world(counting: Tiny) -> None:
    assert counting.send_to("POST /~/tiny/visits").status_code == 400


def test_more_worlds_than_allowed_are_refused(counting: Tiny) -> None:
    counting.cap = 2
    assert visits(counting, "/~t1") == 1
    answer = counting.send_to("POST /~t2/tiny/visits")
    assert (answer.status_code, answer.json()["title"]) == (429, "No such world")
    assert "2 worlds" in answer.json()["detail"]
    assert visits(counting, "/~t1") == 2


@pytest.mark.parametrize(
    ("line", "request_", "base"),
    [
        ("GET /tiny/links", {}, "http://127.0.0.1:8800/tiny"),
        ("GET /~t1/tiny/links", {}, "http://127.0.0.1:8800/~t1/tiny"),
        ("GET /tiny/links", {"headers": T1}, "http://127.0.0.1:8800/~t1/tiny"),
        ("GET /~t2/tiny/links", {"headers": T1}, "http://127.0.0.1:8800/~t2/tiny"),
        ("GET /links", {"host": "tiny.localhost:8800"}, "http://tiny.localhost:8800"),
        ("GET /~t1/links", {"host": "tiny.localhost"}, "http://tiny.localhost/~t1"),
        ("GET /tiny/links", {"host": "example.com"}, "http://example.com/tiny"),
        ("GET /tiny/links", {"host": "[::1]:8800"}, "http://[::1]:8800/tiny"),
        ("GET /links", {"host": "Tiny.LocalHost:8800"}, "http://Tiny.LocalHost:8800"),
        ("GET /tiny/links", {"host": "[::1"}, "http://127.0.0.1:8800/tiny"),
        ("GET /tiny/links", {"host": "[:::::]"}, "http://127.0.0.1:8800/tiny"),
        ("GET /tiny/links", {"host": "a b"}, "http://127.0.0.1:8800/tiny"),
        ("GET /tiny/links", {"host": "é:port"}, "http://127.0.0.1:8800/tiny"),
    ],
)
def test_links_use_the_address_the_client_used(
    counting: Tiny, line: str, request_: Json, base: str
) -> None:
    answer = counting.send_to(line, **request_)
    target = line.partition(" ")[2]
    assert answer.json() == {"here": f"{base}/links", "target": target, "path": "/links"}


def test_a_provider_at_its_own_host_has_no_prefix(counting: Tiny) -> None:
    host = "tiny.localhost:8800"
    answer = counting.send_to("GET /tiny/links", host=host)
    assert answer.json() == counting.refusal(404, "not_found")
    document = counting.send_to("GET /openapi.json", host=host).json()
    assert document["servers"][0]["url"] == f"http://{host}"
    assert counting.send_to("GET /links", host="other.localhost:8800").status_code == 404


def test_a_provider_may_be_served_at_the_root_as_well(counting: Tiny) -> None:
    counting.served = {"root": "tiny"}
    assert counting.send_to("GET /links").json()["here"] == "http://127.0.0.1:8800/links"
    assert counting.send_to("GET /tiny/links").json()["here"] == "http://127.0.0.1:8800/tiny/links"
    assert counting.send_to("GET /~t1/links").json()["here"] == "http://127.0.0.1:8800/~t1/links"
    assert counting.send_to("GET /nothing").json() == counting.refusal(404, "not_found")


def test_an_address_where_nothing_is_served_says_what_is(counting: Tiny) -> None:
    answer = counting.send_to("GET /nobody/links")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at /nobody/links; served are /tiny.",
    }


def test_a_providers_name_is_not_spelled_in_another_way(counting: Tiny) -> None:
    for path in ("/Tiny/links", "/%74iny/links", "//tiny/links", "/tinylinks"):
        answer = counting.send_to(f"GET {path}")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "line", ["GET /tiny/links", "GET /tiny/none", "PUT /tiny/links", "GET /no"]
)
def test_every_answer_tells_its_exchange_and_its_world(counting: Tiny, line: str) -> None:
    counting.send_to("GET /~t1/tiny/links")
    method, _, path = line.partition(" ")
    answer = counting.send_to(f"{method} /~t1{path}")
    assert answer.headers["x-greenroom-world"] == "t1"
    assert answer.headers["x-greenroom-exchange"] in ("e2", "c1")


def test_exchanges_are_counted_world_by_world(counting: Tiny) -> None:
    ids = [
        counting.send_to(f"GET {prefix}/tiny/links").headers["x-greenroom-exchange"]
        for prefix in ("", "", "/~t1", "", "/~t1")
    ]
    assert ids == ["e1", "e2", "e1", "e3", "e2"]


def test_the_same_requests_get_the_same_bytes_in_every_new_world(counting: Tiny) -> None:
    def play(world: str) -> list[tuple[int, bytes, str]]:
        answers = [
            counting.send_to(f"{line[0]} /~{world}/tiny{line[1]}")
            for line in [("POST", "/visits"), ("GET", "/none"), ("POST", "/visits")]
        ]
        return [(a.status_code, a.content, a.headers["x-greenroom-exchange"]) for a in answers]

    first = play("a")
    assert play("b") == first
    counting.worlds.get("a").reset()
    assert play("a") == first


def test_a_preflight_is_answered_everywhere_before_anything_else(counting: Tiny) -> None:
    wanted = {
        **BROWSER,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization, x-any",
    }
    for path in ("/tiny/links", "/~t1/tiny/nothing"):
        answer = counting.send_to(f"OPTIONS {path}", headers=wanted)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == BROWSER["origin"]
        assert answer.headers["access-control-allow-headers"] == "authorization, x-any"
        assert "PUT" in answer.headers["access-control-allow-methods"]
        assert "DELETE" in answer.headers["access-control-allow-methods"]


def test_options_without_a_browsers_question_is_the_providers(counting: Tiny) -> None:
    answer = counting.send_to("OPTIONS /tiny/links", headers=BROWSER)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("line", ["GET /tiny/links", "GET /tiny/none", "GET /tiny/openapi.json"])
def test_scripts_of_any_origin_may_read_every_answer(counting: Tiny, line: str) -> None:
    answer = counting.send_to(line, headers=BROWSER)
    assert answer.headers["access-control-allow-origin"] == BROWSER["origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"x-greenroom-exchange", "x-greenroom-world", "content-type"} <= set(exposed)
    assert answer.headers["vary"] == "Origin"


def test_without_an_origin_nothing_is_said_of_origins(counting: Tiny) -> None:
    answer = counting.send_to("GET /tiny/links")
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert "vary" not in answer.headers


def test_a_provider_that_speaks_of_origins_itself_is_left_alone(tiny: Tiny) -> None:
    own = {"Access-Control-Allow-Origin": "https://only.greenroom.test"}
    tiny.answer("GET /links", lambda call: Reply({}, headers=own))
    answer = tiny.send("GET /links", headers=BROWSER)
    assert answer.headers.get_list("access-control-allow-origin") == [*own.values()]
    assert "access-control-allow-credentials" not in answer.headers


def test_two_providers_do_not_know_each_other(another_tiny: Callable[[], Tiny]) -> None:
    def refuse_otherwise(error: ApiError, _: Request) -> Reply:
        return Reply({"other": error.status, "refused": 0, "code": "", "wrong": []})

    one, other = another_tiny(), another_tiny()
    other.name = "other"
    wire = replace(other.provider.wire, write_error=refuse_otherwise)
    other.provider = replace(other.provider, wire=wire)
    for api in (one, other):
        api.answer("POST /visits", count, name="visit")
    one.neighbours = [other.mount()]
    assert [visits(one), visits(one)] == [1, 2]
    assert one.send_to("POST /other/visits").json()["visits"] == 1
    assert one.send_to("GET /other/nothing").json()["other"] == 404
    assert one.send_to("GET /tiny/nothing").json() == one.refusal(404, "not_found")


def test_the_servers_start_and_stop_are_followed(tiny: Tiny) -> None:
    closed: list[bool] = []
    tiny.served = {"on_close": lambda: closed.append(True)}
    tiny.answer("GET /links", links)
    incoming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(tiny.app({"type": "lifespan"}, receive, send))  # type: ignore[arg-type]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [True]


def test_a_socket_nobody_serves_is_closed(tiny: Tiny) -> None:
    tiny.answer("GET /links", links)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/tiny/links", "headers": []}
    asyncio.run(tiny.app(scope, receive, send))  # type: ignore[arg-type]
    assert [each["type"] for each in sent] == ["websocket.close"]


@pytest.mark.parametrize("path", ["/", "/~t1/"])
def test_the_console_stands_at_the_entrance(counting: Tiny, path: str) -> None:
    answer = counting.send_to(f"GET {path}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert counting.send_to(f"POST {path}").status_code == 405
