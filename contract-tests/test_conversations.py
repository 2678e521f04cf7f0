"""Every conversation goes as it is told, for every provider."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator

Json = dict[str, Any]
ABSENT = object()
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
INSTANT = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
MATCHERS: dict[str, Callable[[Any], bool]] = {
    "<any>": lambda value: value is not ABSENT,
    "<absent>": lambda value: value is ABSENT,
    "<string>": lambda value: isinstance(value, str),
    "<boolean>": lambda value: isinstance(value, bool),
    "<integer>": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "<number>": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "<uuid>": lambda value: isinstance(value, str) and bool(re.fullmatch(UUID, value, re.I)),
    "<instant>": lambda value: isinstance(value, str) and is_instant(value),
}


def is_instant(text: str) -> bool:
    if not re.fullmatch(INSTANT, text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def is_met(expected: Any, actual: Any) -> bool:
    """Whether a single value, not a list or an object, is what was expected."""
    if isinstance(expected, str) and expected in MATCHERS:
        return MATCHERS[expected](actual)
    pattern = isinstance(expected, str) and re.fullmatch(r"<match (.*)>", expected, re.S)
    if pattern:
        return isinstance(actual, str) and bool(re.fullmatch(pattern[1], actual, re.S))
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return bool(expected == actual)


def differences(expected: Any, actual: Any, *, partly: bool, at: str = "") -> Iterator[str]:
    """Where the two part, each place with what was expected and what came."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        extra = [] if partly else sorted(actual.keys() - expected.keys())
        for key in [*expected, *extra]:
            pair = expected.get(key, "<absent>"), actual.get(key, ABSENT)
            yield from differences(*pair, partly=partly, at=f"{at}/{key}")
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{at or '/'}: expected {len(expected)} items, got {shown(actual)}"
            return
        for index, pair in enumerate(zip(expected, actual, strict=True)):
            yield from differences(*pair, partly=partly, at=f"{at}/{index}")
    elif not is_met(expected, actual):
        yield f"{at or '/'}: expected {shown(expected)}, got {shown(actual)}"


def shown(value: Any) -> str:
    return "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def complaints(expect: Json, answer: httpx.Response) -> Iterator[str]:
    """Everything in which an answer is not the expected one."""
    if answer.status_code != expect["status"]:
        yield f"status: expected {expect['status']}, got {answer.status_code}"
    for name, value in expect.get("headers", {}).items():
        actual = answer.headers.get(name, ABSENT)
        yield from differences(value, actual, partly=False, at=f"header {name}")
    for kind in ("json", "includes"):
        if kind in expect:
            try:
                body = json.loads(answer.content)
            except ValueError:
                yield "body: it is not JSON"
            else:
                yield from differences(expect[kind], body, partly=kind == "includes")
    if "text" in expect and not is_met(expect["text"], answer.text):
        yield f"body: expected {shown(expect['text'])}"
    if "contains" in expect and expect["contains"] not in answer.text:
        yield f"body: {shown(expect['contains'])} is not in it"
    if expect.get("empty") and answer.content:
        yield "body: expected none"


def retold(number: int, step: Json, answer: httpx.Response, wrong: list[str]) -> str:
    """The failed step for a person: what was sent, what is wrong, and the whole answer."""
    request = answer.request
    title = f" ({step['title']})" if "title" in step else ""
    return "\n".join(
        [
            f"step {number}{title}: {request.method} {request.url}",
            *([request.content.decode("utf-8", "replace")] if request.content else []),
            *(f"  - {line}" for line in wrong),
            f"the answer: {answer.status_code} {answer.text}",
        ]
    )


def test_a_conversation_goes_as_told(
    provider: str,
    conversation: Json,
    open_emulator: Callable[..., Emulator],
    play: Callable[..., Iterator[tuple[Json, httpx.Response, Json]]],
    fill: Callable[[Any, Json], Any],
    judge: Callable[[httpx.Response], list[str]],
) -> None:
    with open_emulator(provider, conversation) as emulator:
        steps = play(emulator, provider, conversation)
        for number, (step, answer, kept) in enumerate(steps, 1):
            expect = fill(step.get("expect", {"status": 200}), kept)
            wrong = list(complaints(expect, answer))
            if "send" in step:
                wrong += (f"the spec: {text}" for text in judge(answer))
            if wrong:
                pytest.fail(retold(number, step, answer, wrong), pytrace=False)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": "<absent>"}, {}),
        ({"a": "<any>"}, {"a": None}),
        ({"at": "<instant>"}, {"at": "2026-01-05T09:00:00Z"}),
        (["<uuid>", "<match r-[0-9]+>"], ["6f9619ff-8b86-d011-b42d-00cf4fc964ff", "r-12"]),
        (["<integer>", "<number>", "<boolean>", "<string>"], [1, 1.5, False, ""]),
    ],
)
def test_the_comparison_sees_what_is_equal(expected: Any, actual: Any) -> None:
    assert list(differences(expected, actual, partly=False)) == []


@pytest.mark.parametrize(
    ("expected", "actual", "place"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "/a/b"),
        ({"a": 1}, {"a": 1, "b": 2}, "/b"),
        ({"a": 1}, {"a": True}, "/a"),
        ({"a": None}, {}, "/a"),
        ({"a": "<absent>"}, {"a": None}, "/a"),
        ([{"a": 1}], [{"a": 1}, {}], "/"),
        (["<integer>"], [True], "/0"),
        (["<instant>"], ["2026-13-05T09:00:00Z"], "/0"),
        (["<match r-[0-9]+>"], ["r-12 "], "/0"),
    ],
)
def test_the_comparison_names_the_place_that_differs(
    expected: Any, actual: Any, place: str
) -> None:
    assert [line.partition(":")[0] for line in differences(expected, actual, partly=False)] == [
        place
    ]


def test_a_part_is_enough_for_includes_but_lists_are_whole() -> None:
    assert list(differences({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, partly=True)) == []
    assert list(differences({"a": []}, {"a": [1]}, partly=True)) != []
