"""Answers that are given again: only while nothing they were made from has changed."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.emulator import Emulator
from greenroom.emulator.journal import Entry, Side
from greenroom.emulator.repeats import Repeats
from greenroom.emulator.toolkit import ApiError, Call, Event, Json, Option, Reply, Request, Wire
from greenroom.state import Store
from tests.emulator.conftest import START

if TYPE_CHECKING:
    import httpx

    from tests.emulator.conftest import Tiny

HOUR = timedelta(hours=1)
ROOMS = "/api/conference_rooms"
ROOM = f"{ROOMS}/NzAwNTUxOTA5NzczMTQ4MTYx"
NEW_ROOM = {"extension_number": "8777", "mode": "AUDIO", "subject": "Again", "capacity": 9}


@dataclass
class Looked:
    """How often a handler was run: what its answer must not depend on."""

    times: int = 0

    def at(self, look: Callable[[Call], Any]) -> Callable[[Call], Any]:
        """The same handler, counted."""

        def handler(call: Call) -> Any:
            self.times += 1
            return look(call)

        return handler


@pytest.fixture
def looked() -> Looked:
    return Looked()


def notes(call: Call) -> Json:
    return {"notes": [each["id"] for each in call.shared("notes")]}


def add_note(call: Call) -> Json:
    return {"id": call.shared("notes").add({"id": call.ids.uuid()})["id"]}


def twice(tiny: Tiny, line: str = "GET /notes", **request: Any) -> tuple[httpx.Response, ...]:
    return tiny.send(line, **request), tiny.send(line, **request)


def stripped(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer without the key of its exchange."""
    kept = [pair for pair in answer.headers.multi_items() if pair[0] != "x-greenroom-exchange"]
    return answer.status_code, kept, answer.content


def test_an_answer_is_worked_out_once_while_nothing_changes(tiny: Tiny, looked: Looked) -> None:
    tiny.answer("GET /notes", looked.at(notes))
    first, second = twice(tiny)
    assert looked.times == 1
    assert stripped(first) == stripped(second)
    assert [each.headers["x-greenroom-exchange"] for each in (first, second)] == ["e1", "e2"]
    assert [name for name, _ in first.headers.raw] == [name for name, _ in second.headers.raw]


def test_after_a_change_it_is_worked_out_anew(tiny: Tiny, looked: Looked) -> None:
    tiny.answer("GET /notes", looked.at(notes))
    tiny.answer("POST /notes", add_note)
    twice(tiny)
    made = tiny.send("POST /notes").json()["id"]
    assert [each.json() for each in twice(tiny)] == [{"notes": [made]}] * 2
    assert looked.times == 2


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_only_a_get_is_answered_as_a_get_was(tiny: Tiny, method: str) -> None:
    tiny.answer("GET /notes", notes)
    tiny.answer("POST /notes", lambda call: {"posted": True})
    assert tiny.send(f"{method} /notes").status_code == 200
    assert tiny.send("GET /notes").json() == {"notes": []}


def test_two_at_once_do_not_mistake_each_others_time(tiny: Tiny) -> None:
    tiny.answer("GET /now", lambda call: {"now": call.now().isoformat()})
    tiny.answer("GET /notes", notes)

    async def meet() -> None:
        """Send the first answer only once another request has come and gone."""
        gone = asyncio.Event()

        async def wait(message: Any) -> None:
            await gone.wait()

        async def go_on(message: Any) -> None:
            pass

        first = asyncio.ensure_future(tiny.app(whole("/tiny/now"), nothing, wait))
        await asyncio.sleep(0)
        await tiny.app(whole("/tiny/notes"), nothing, go_on)
        gone.set()
        await first

    asyncio.run(meet())
    tiny.main.clock.advance(HOUR)
    assert tiny.send("GET /now").json() == {"now": (START + HOUR).isoformat()}


def test_what_a_reset_overtakes_is_not_given_again(tiny: Tiny) -> None:
    tiny.provider = replace(tiny.provider, options={"name": Option("a", "A name.")})
    tiny.answer("GET /notes", lambda call: {"name": call.option("name")})

    async def move(message: Any) -> None:
        world = tiny.worlds.get("main")
        world.go_to(world.moment()._replace(options={"tiny": {"name": "b"}}))

    asyncio.run(tiny.app(whole("/tiny/notes"), nothing, move))  # type: ignore[arg-type]
    assert tiny.send("GET /notes").json() == {"name": "b"}


def test_what_did_not_go_out_whole_is_not_given_again(tiny: Tiny) -> None:
    tiny.answer("GET /notes", notes)

    async def fail(message: Any) -> None:
        raise OSError("the line is cut")

    with pytest.raises(OSError, match="the line is cut"):
        asyncio.run(tiny.app(whole("/tiny/notes"), nothing, fail))  # type: ignore[arg-type]
    assert tiny.send("GET /notes").json() == {"notes": []}


def whole(path: str) -> Any:
    """A request to an application, as `send` makes it."""
    host = [(b"host", b"127.0.0.1:8800")]
    more = {"type": "http", "headers": host, "server": ("127.0.0.1", 8800)}
    return asked(path) | more | {"raw_path": path.encode()}


@pytest.mark.parametrize("more", [{"server": ("127.0.0.1", 1)}, {"scheme": "https"}], ids=str)
def test_links_begin_as_the_server_was_reached(tiny: Tiny, more: Json) -> None:
    tiny.answer("GET /notes", lambda call: {"at": call.url("/notes")})
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message.get("body"))

    for each in ({}, more):
        scope = whole("/tiny/notes") | {"headers": []} | each
        asyncio.run(tiny.app(scope, nothing, send))  # type: ignore[arg-type]
    assert told[1] != told[3]


async def nothing() -> Any:
    raise AssertionError("there is no body to ask for")


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("GET /notes?a=2", {}),
        ("GET /notes", {"headers": {"x-other": "1"}}),
        ("GET /notes", {"headers": {"x-greenroom-world": "t1"}}),
        ("GET /notes", {"host": "localhost:1"}),
        ("HEAD /notes", {}),
    ],
    ids=["query", "header", "world", "host", "method"],
)
def test_another_request_is_another_answer(
    tiny: Tiny, looked: Looked, line: str, more: Json
) -> None:
    tiny.answer("GET /notes", looked.at(lambda call: {"at": call.url("/notes")}))
    tiny.send("GET /notes")
    tiny.send(line, **more)
    assert looked.times == 2


@pytest.mark.parametrize(
    "headers",
    [{"content-length": "0"}, {"transfer-encoding": "chunked"}, {"prefer": "wait=0"}],
    ids=str,
)
def test_what_says_more_than_its_address_is_never_answered_again(
    tiny: Tiny, looked: Looked, headers: Json
) -> None:
    tiny.answer("GET /notes", looked.at(notes))
    twice(tiny, headers=headers)
    assert looked.times == 2


@pytest.mark.parametrize(
    "look",
    [
        lambda call: {"id": call.ids.uuid()},
        lambda call: {"luck": call.random.random()},
        lambda call: {"exchange": call.request.exchange},
        lambda call: {"exchange": call.request.replaced(path="/").exchange},
        lambda call: call.emit(Event("seen", {})) or {},
    ],
    ids=["id", "chance", "exchange", "exchange of a copy", "event"],
)
def test_an_answer_that_is_like_no_other_is_never_given_again(
    tiny: Tiny, looked: Looked, look: Callable[[Call], Any]
) -> None:
    tiny.answer("GET /notes", looked.at(look))
    twice(tiny)
    assert looked.times == 2


def test_what_changes_when_it_is_looked_at_is_never_answered_again(tiny: Tiny) -> None:
    def visit(call: Call) -> Json:
        add_note(call)
        return {"visits": len(call.shared("notes"))}

    tiny.answer("GET /notes", visit)
    assert [each.json() for each in twice(tiny)] == [{"visits": 1}, {"visits": 2}]


def test_what_a_provider_writes_before_the_handler_is_a_change(tiny: Tiny, looked: Looked) -> None:
    def receive(call: Call) -> Any:
        add_note(call)
        return call.request

    tiny.provider = replace(tiny.provider, receive=receive)
    tiny.answer("GET /notes", looked.at(lambda call: {}))
    twice(tiny)
    assert (looked.times, len(tiny.main.collection("tiny", "notes"))) == (2, 2)


def test_a_refusal_is_given_again_too(tiny: Tiny, looked: Looked) -> None:
    tiny.answer("GET /notes", looked.at(lambda call: call.shared("notes").get("1")))
    tiny.answer("POST /notes", lambda call: call.shared("notes").add({"id": "1"}))
    assert [each.status_code for each in twice(tiny)] == [404, 404]
    assert looked.times == 1
    tiny.send("POST /notes")
    assert [each.json() for each in twice(tiny)] == [{"id": "1"}] * 2


def test_a_refusal_that_tells_the_exchange_is_not(tiny: Tiny, looked: Looked) -> None:
    def write_error(error: ApiError, request: Request) -> Reply:
        return Reply({"exchange": request.exchange}, error.status)

    tiny.provider = replace(tiny.provider, wire=Wire(write_error=write_error))
    tiny.answer("GET /notes", lambda call: {})
    told = [each.json()["exchange"] for each in twice(tiny, "GET /none")]
    assert told == ["e1", "e2"]


def test_a_bug_is_met_every_time(tiny: Tiny, looked: Looked) -> None:
    tiny.answer("GET /notes", looked.at(lambda call: 1 / 0))
    assert [each.status_code for each in twice(tiny)] == [500, 500]
    assert looked.times == 2


def test_what_tells_the_time_is_given_again_while_time_stands_still(
    tiny: Tiny, looked: Looked
) -> None:
    tiny.answer("GET /notes", looked.at(lambda call: {"now": call.now().isoformat()}))
    twice(tiny)
    assert looked.times == 1
    tiny.main.clock.advance(HOUR)
    assert tiny.send("GET /notes").json() == {"now": (START + HOUR).isoformat()}
    tiny.main.clock.resume()
    first, second = twice(tiny)
    assert (looked.times, first.content != second.content) == (4, True)


@pytest.mark.parametrize("as_number", [False, True])
def test_what_depends_on_a_time_is_given_again_until_then(
    tiny: Tiny, looked: Looked, as_number: bool
) -> None:
    tiny.store = Store(seed=7, at=START)
    over = START + HOUR
    moment = over.timestamp() if as_number else over
    tiny.answer("GET /notes", looked.at(lambda call: {"over": call.has_reached(moment)}))
    assert [each.json() for each in twice(tiny)] == [{"over": False}] * 2
    assert looked.times == 1
    tiny.main.clock.advance(HOUR)
    assert [each.json() for each in twice(tiny)] == [{"over": True}] * 2
    assert looked.times == 2


def test_the_nearest_of_several_times_counts(tiny: Tiny, looked: Looked) -> None:
    def ages(call: Call) -> Json:
        return {"over": [call.has_reached(START + n * HOUR) for n in (2, 1, 3)]}

    tiny.answer("GET /notes", looked.at(ages))
    for expected in ([False] * 3, [False, True, False], [True, True, False], [True] * 3):
        assert [each.json() for each in twice(tiny)] == [{"over": expected}] * 2
        tiny.main.clock.advance(HOUR)
    assert looked.times == 4


def test_a_time_that_never_comes_is_never_reached(tiny: Tiny, looked: Looked) -> None:
    tiny.answer("GET /notes", looked.at(lambda call: {"over": call.has_reached(float("inf"))}))
    assert [each.json() for each in twice(tiny)] == [{"over": False}] * 2
    assert looked.times == 1


def test_a_timer_that_falls_due_is_seen(tiny: Tiny) -> None:
    def note_arrives(call: Call) -> None:
        add_note(call)

    tiny.provider = replace(tiny.provider, timers=(note_arrives,))
    tiny.answer("GET /notes", lambda call: {"count": len(call.shared("notes"))})
    tiny.main.timers.add(START + HOUR, provider="tiny", tenant="", name="note_arrives", body={})
    assert [each.json() for each in twice(tiny)] == [{"count": 0}] * 2
    tiny.main.clock.advance(HOUR)
    assert tiny.send("GET /notes").json() == {"count": 1}


def test_a_header_with_the_id_of_the_request_is_each_answers_own(
    tiny: Tiny, looked: Looked
) -> None:
    wire = replace(tiny.provider.wire, request_id=lambda key: {"X-Request-Id": f"r-{key}"})
    tiny.provider = replace(tiny.provider, wire=wire)
    tiny.answer("GET /notes", looked.at(notes))
    answers = [*twice(tiny), tiny.send("GET /none")]
    assert looked.times == 1
    assert [each.headers["x-request-id"] for each in answers] == ["r-e1", "r-e2", "r-e3"]


def test_the_origin_of_a_page_is_answered_to_that_page(tiny: Tiny) -> None:
    tiny.answer("GET /notes", notes)
    for origin in ("https://a.test", "https://b.test", "https://a.test"):
        answer = tiny.send("GET /notes", headers={"origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin


def test_a_reset_and_other_options_are_seen(tiny: Tiny) -> None:
    tiny.provider = replace(tiny.provider, options={"name": Option("a", "A name.")})
    tiny.answer("GET /notes", lambda call: {"name": call.option("name")})
    twice(tiny)
    world = tiny.worlds.get("main")
    world.go_to(world.moment()._replace(options={"tiny": {"name": "b"}}))
    assert tiny.send("GET /notes").json() == {"name": "b"}
    world.reset()
    assert tiny.send("GET /notes").json() == {"name": "a"}


@pytest.mark.parametrize(("path", "status"), [(ROOMS, 200), (f"{ROOMS}/none", 404)])
def test_the_journal_has_what_was_given_again_like_any_other_exchange(
    path: str, status: int
) -> None:
    with Emulator(["portsip"], at=START, frozen=True) as emulator:
        client, control = emulator.client("portsip", as_="alice"), emulator.client("_greenroom")
        for _ in range(2):
            assert client.get(path).status_code == status
        first, second = (control.get(f"/journal/{key}").json() for key in ("e1", "e2"))
        for each in (first, second):
            del each["began"], each["milliseconds"]
        assert [first.pop("id"), second.pop("id")] == ["e1", "e2"]
        assert first["answer"]["headers"].pop("x-greenroom-exchange") == "e1"
        assert second["answer"]["headers"].pop("x-greenroom-exchange") == "e2"
        assert first == second
        assert bool(first["why"]) == (status != 200)


def test_a_fault_that_is_ordered_meets_the_next_request() -> None:
    with Emulator(["portsip"]) as emulator:
        client, control = emulator.client("portsip", as_="alice"), emulator.client("_greenroom")
        rooms = [client.get(ROOMS).content for _ in range(2)]
        fault = control.post("/faults", json={"effect": {"status": 503}, "times": 1})
        assert fault.status_code == 201
        statuses = [client.get(ROOMS).status_code for _ in range(2)]
        assert statuses == [503, 200]
        assert client.get(ROOMS).content == rooms[0] == rooms[1]


def test_what_a_fault_did_to_an_answer_is_not_done_again() -> None:
    with Emulator(["portsip"]) as emulator:
        client, control = emulator.client("portsip", as_="alice"), emulator.client("_greenroom")
        fault = {"effect": {"headers": {"X-Odd": "1"}}, "times": 1}
        assert control.post("/faults", json=fault).status_code == 201
        assert client.get(ROOMS).headers["x-odd"] == "1"
        assert control.delete("/faults").status_code == 204
        assert "x-odd" not in client.get(ROOMS).headers


def test_a_rewind_is_seen() -> None:
    with Emulator(["portsip"]) as emulator:
        client, control = emulator.client("portsip", as_="alice"), emulator.client("_greenroom")
        before = client.get(ROOMS)
        assert client.post(ROOMS, json=NEW_ROOM).status_code == 201
        after = [client.get(ROOMS).content for _ in range(2)]
        assert before.content != after[0] == after[1]
        key = before.headers["x-greenroom-exchange"]
        assert control.post("/rewind", json={"exchange": key}).status_code == 204
        assert client.get(ROOMS).content == before.content


def kept(size: int, store: Store) -> Entry:
    """An exchange that weighs so much."""
    entry = Entry("e1", "tiny", "GET", "/tiny/a", "/a", 0, Side())
    entry.size = size
    entry.before = entry.after = store.snapshot()
    return entry


def asked(path: str) -> Json:
    return {
        "method": "GET",
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "headers": [],
    }


def held(repeats: Repeats, store: Store, paths: str) -> str:
    """Which of these are kept."""
    now = store.snapshot()
    return "".join(path for path in paths if repeats.find(cast("Any", asked(path)), now))


def test_answers_are_kept_within_bounds() -> None:
    store = Store(at=START, frozen=True)
    many, large = Repeats(answers=2), Repeats(size=10_000)
    for path in "abc":
        many.add(asked(path), kept(100, store), math.inf)
        large.add(asked(path), kept(3_000, store), math.inf)
    large.add(asked("d"), kept(600_000, store), math.inf)
    assert held(many, store, "abc") == "c"
    assert held(large, store, "abcd") == "c"


def test_nothing_is_kept_of_a_state_that_is_no_more() -> None:
    store, repeats = Store(at=START, frozen=True), Repeats()
    repeats.add(asked("a"), kept(100, store), math.inf)
    assert held(repeats, store, "a") == "a"
    store.collection("tiny", "notes").add({"id": "1"})
    assert held(repeats, store, "a") == ""
    repeats.add(asked("b"), kept(100, store), math.inf)
    assert held(repeats, store, "ab") == "b"


def test_what_tells_a_running_clocks_time_takes_nobodys_place() -> None:
    store, repeats = Store(at=START), Repeats(answers=1)
    repeats.add(asked("a"), kept(100, store), math.inf)
    now = store.snapshot().clock.now
    repeats.add(asked("b"), kept(100, store), now + 1)
    assert held(repeats, store, "ab") == "a"


CONFERENCE = "/v1/conf/6e19e88d-634f-4872-826b-2d26503caba1"
LINES: dict[str, list[tuple[str, str, Any]]] = {
    "portsip": [
        ("GET", ROOMS, None),
        ("GET", ROOM, None),
        ("GET", f"{ROOMS}/none", None),
        ("POST", ROOMS, NEW_ROOM),
        ("POST", f"{ROOM}/destroy", None),
    ],
    "boomstream": [
        ("GET", "/api/conference/list?format=json", None),
        ("GET", "/api/conference/create?format=json&name=Again", None),
        ("GET", "/api/conference/nothing?format=json", None),
    ],
    "hoot": [
        ("GET", f"{CONFERENCE}/users", None),
        ("POST", "/v1/create_conference/Again", {"moderators": [], "participants": []}),
    ],
    "opentalk": [
        ("GET", "/v1/events", None),
        ("GET", "/v1/users/me", None),
        ("POST", "/v1/rooms", {"password": "", "enable_sip": False}),
        ("GET", "/v1/rooms", None),
    ],
    "kazoo": [
        ("GET", "/v2/accounts/{ACCOUNT_ID}/conferences", None),
        ("PUT", "/v2/accounts/{ACCOUNT_ID}/conferences", {"data": {"name": "Again"}}),
    ],
}
CONTROL = ("advance", "advance far", "reset", "keep", "restore")


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator(at=START, frozen=True) as emulator:
        yield emulator


@pytest.mark.parametrize("provider", sorted(LINES))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_nobody_can_tell_that_an_answer_was_given_again(
    served: Emulator, provider: str, data: st.DataObject
) -> None:
    """The same requests, once as they are and once with a header that makes each a new one."""
    steps = st.sampled_from([*LINES[provider] * 3, *CONTROL])
    taken = data.draw(st.lists(steps, min_size=4, max_size=20))
    again, anew = played(served, provider, taken, False), played(served, provider, taken, True)
    assert again == anew


def played(emulator: Emulator, provider: str, steps: list[Any], is_new: bool) -> list[Any]:
    """What is answered in a new world, and the state in the end."""
    person = emulator.cast(provider)["alice"]
    client = emulator.client(provider, as_="alice", world="again")
    control = emulator.client("_greenroom", world="again")
    found: list[Any] = []
    for number, step in enumerate(steps):
        if isinstance(step, str):
            ordered(control, step)
            continue
        method, path, body = step
        path = path.format(**person.get("path", {}))
        headers = {"X-New": str(number)} if is_new else {}
        answer = client.request(method, path, json=body, headers=headers)
        found.append((answer.status_code, answer.headers.multi_items(), answer.content))
    found.append(emulator.world("again").store.digest())
    emulator.worlds.drop("again")
    return found


def ordered(control: httpx.Client, word: str) -> None:
    """Let time pass, or let the world be taken elsewhere."""
    if word == "advance":
        control.post("/clock/advance", json={"by": "PT90S"})
    elif word == "advance far":
        control.post("/clock/advance", json={"by": "P2D"})
    elif word == "reset":
        control.post("/reset")
    elif word == "keep":
        control.put("/snapshots/kept")
    elif word == "restore":
        control.post("/snapshots/kept/restore")


@pytest.mark.parametrize("line", ["GET", "POST"])
def test_an_exchange_leaves_nothing_that_needs_a_collector(tiny: Tiny, line: str) -> None:
    """Circles would keep whole exchanges in memory until they are looked for."""
    tiny.answer("GET /notes", notes)
    tiny.answer("POST /notes", add_note)

    async def send(message: Any) -> None:
        pass

    async def ask(times: int) -> None:
        for number in range(times):
            scope = whole("/tiny/notes") | {"method": line}
            scope["headers"] = [*scope["headers"], (b"x-new", b"%d" % number)]
            await tiny.app(scope, nothing, send)

    asyncio.run(ask(3))
    gc.collect()
    gc.disable()
    try:
        asyncio.run(ask(50))
        assert gc.collect() < 50
    finally:
        gc.enable()
