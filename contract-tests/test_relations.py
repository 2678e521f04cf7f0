"""What must hold whatever the answers are: relations between exchanges, worlds and runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator

Json = dict[str, Any]
Open = Callable[..., Emulator]
Play = Callable[..., Iterator[tuple[Json, httpx.Response, Json]]]
Bytes = list[tuple[int, list[tuple[bytes, bytes]], bytes]]
Heard = tuple[int, Json, Any]
EXCHANGE = "x-greenroom-exchange"
NEW = {"X-New": "1"}  # what makes a request another one, so that its answer is worked out


def digest(emulator: Emulator, world: str = "main") -> str:
    """The state of a world in one word."""
    return emulator.world(world).store.digest()


def changed(answer: httpx.Response) -> str:
    request = answer.request
    return f"{request.method} {request.url} answered {answer.status_code} and changed the state"


def told_by(answer: httpx.Response, varies: list[str]) -> Heard:
    """What an answer says: status, headers and body but for what is new each time."""
    new = {EXCHANGE, *(each.partition(":")[2].lower() for each in varies)}
    headers = {name: value for name, value in answer.headers.items() if name not in new}
    return answer.status_code, headers, without(answer.content, varies)


def differences(which: str, one: Heard, other: Heard) -> Iterator[str]:
    """In what two answers part."""
    names = sorted(one[1].keys() | other[1].keys())
    pairs = [("status", one[0], other[0]), ("body", one[2], other[2])]
    pairs += [(name, one[1].get(name), other[1].get(name)) for name in names]
    yield from (f"{which}: {name} {a!r} != {b!r}" for name, a, b in pairs if a != b)


def without(body: bytes, varies: list[str]) -> Any:
    """The body; or, when it is JSON, its value without what these pointers lead to."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    for pointer in varies:
        *parents, last = pointer.split("/")[1:] or [""]
        home = value
        for key in parents:
            home = home.get(key, {}) if isinstance(home, dict) else {}
        if isinstance(home, dict):
            home.pop(last, None)
    return value


@pytest.fixture
def excused(
    contract: Json, operation_of: Callable[[httpx.Request], str]
) -> Callable[[str, httpx.Request], bool]:
    """Whether the fixture excuses a request from a relation."""
    excuses = contract["conformance"].get("excused", [])

    def is_excused(relation: str, request: httpx.Request) -> bool:
        return any(
            each["check"] == f"relation:{relation}"
            and operation_of(request) in each.get("operations", [operation_of(request)])
            for each in excuses
        )

    return is_excused


def test_a_refused_request_changes_nothing(
    provider: str,
    conversation: Json,
    open_emulator: Open,
    play: Play,
    is_accepted: Callable[[httpx.Response], bool],
    excused: Callable[[str, httpx.Request], bool],
) -> None:
    with open_emulator(provider, conversation) as emulator:
        before = digest(emulator)
        for _, answer, _ in play(emulator, provider, conversation):
            after = digest(emulator)
            if not is_accepted(answer) and not excused("refused", answer.request):
                assert after == before, changed(answer)
            before = after


def test_reading_changes_nothing_and_reads_the_same_again(
    provider: str,
    conversation: Json,
    contract: Json,
    open_emulator: Open,
    play: Play,
    excused: Callable[[str, httpx.Request], bool],
) -> None:
    varies = contract["conformance"].get("varies", [])
    with open_emulator(provider, conversation) as emulator, emulator.client() as client:
        for _, answer, _ in play(emulator, provider, conversation):
            request = answer.request
            if request.method != "GET" or excused("reading", request):
                continue
            before = digest(emulator)
            again = client.send(request)
            headers = without_length(request)
            anew = client.send(httpx.Request("GET", request.url, headers=headers | NEW))
            head = client.send(httpx.Request("HEAD", request.url, headers=headers))
            first = told_by(answer, varies)
            apart = [*differences("again", first, told_by(again, varies))]
            apart += differences("anew", first, told_by(anew, varies))
            apart += differences("HEAD", (*first[:2], b""), told_by(head, varies))
            assert not apart, "\n".join([f"GET {request.url}", *apart])
            assert digest(emulator) == before, changed(answer)


def without_length(request: httpx.Request) -> dict[str, str]:
    return {name: each for name, each in request.headers.items() if name != "content-length"}


def test_worlds_do_not_feel_each_other(
    provider: str, conversation: Json, open_emulator: Open, play: Play
) -> None:
    with open_emulator(provider, conversation) as emulator:
        before = digest(emulator), digest(emulator, "other")
        list(play(emulator, provider, conversation, "acting"))
        assert (digest(emulator), digest(emulator, "other")) == before


def test_the_same_seed_gives_the_same_bytes(
    provider: str, conversation: Json, open_emulator: Open, play: Play
) -> None:
    def run() -> Bytes:
        with open_emulator(provider, conversation) as emulator:
            return [
                (answer.status_code, answer.headers.raw, answer.content)
                for _, answer, _ in play(emulator, provider, conversation)
            ]

    assert run() == run()


def test_an_hour_is_sixty_minutes(
    provider: str, conversation: Json, open_emulator: Open, play: Play
) -> None:
    def wound(by: str, times: int) -> str:
        with open_emulator(provider, conversation) as emulator:
            list(play(emulator, provider, conversation))
            wind = {"steps": [{"advance": by}] * times}
            assert {answer.status_code for _, answer, _ in play(emulator, provider, wind)} == {200}
            return digest(emulator)

    assert wound("PT1H", 1) == wound("PT1M", 60)


def test_a_restart_changes_nothing(
    provider: str, conversation: Json, open_emulator: Open, play: Play, tmp_path: Path
) -> None:
    with open_emulator(provider, conversation, data=str(tmp_path)) as emulator:
        list(play(emulator, provider, conversation))
        before = digest(emulator)
    with open_emulator(provider, conversation, data=str(tmp_path)) as emulator:
        assert digest(emulator) == before


def test_every_documented_refusal_can_be_asked_for_and_changes_nothing(
    provider: str,
    spec: Json,
    contract: Json,
    options: Json,
    open_emulator: Open,
    judge: Callable[[httpx.Response], list[str]],
) -> None:
    told = {"scenario": contract["scenario"], "options": options}
    with open_emulator(provider, told) as emulator, emulator.client(provider) as client:
        before, wrong = digest(emulator), []
        for method, path, status in refusals(spec):
            answer = client.request(method, path, headers={"Prefer": f"code={status}"})
            complaints = judge(answer)
            if answer.status_code != status:
                complaints.append(f"answered {answer.status_code}")
            wrong += [f"{method} {path} {status}: {each}" for each in complaints]
        assert not wrong, "\n".join(["", *wrong])
        assert digest(emulator) == before


def refusals(spec: Json) -> Iterator[tuple[str, str, int]]:
    """Method, an address and status of every refusal that the spec documents."""
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            for status in operation.get("responses", ()) if isinstance(operation, dict) else ():
                if status.isdigit() and int(status) >= 400:
                    yield method.upper(), re.sub(r"\{[^}]+\}", "x", path), int(status)
