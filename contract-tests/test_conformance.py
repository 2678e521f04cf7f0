"""Every provider keeps its own contract: valid OpenAPI, fuzzed, links followed, judged twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from greenroom.emulator import Emulator

if TYPE_CHECKING:
    from fuzzing import Run

Json = dict[str, Any]
Exchanges = list[httpx.Response]
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def documented(spec: Json) -> dict[str, set[str]]:
    """The statuses that the spec documents, by operation; a server's own failures excepted."""
    return {
        item[method]["operationId"]: {
            status for status in item[method]["responses"] if not status.startswith("5")
        }
        for item in spec["paths"].values()
        for method in METHODS & item.keys()
    }


def is_seen(status: str, statuses: set[str]) -> bool:
    """Whether a documented status, or one of a range such as 4XX, is among those answered."""
    return any(status in (each, f"{each[0]}XX", "default") for each in statuses)


@pytest.fixture(scope="session")
def told(
    provider: str,
    conversations: dict[str, Json],
    open_emulator: Callable[..., Emulator],
    play: Callable[..., Iterator[tuple[Json, httpx.Response, Json]]],
) -> Exchanges:
    """The exchanges of all conversations with the provider."""
    exchanges = []
    for conversation in conversations.values():
        with open_emulator(provider, conversation) as emulator:
            for step, answer, _ in play(emulator, provider, conversation):
                if "send" in step:
                    exchanges.append(answer)
    return exchanges


def test_a_spec_is_valid_openapi(spec: Json) -> None:
    assert [str(error) for error in OpenAPIV30SpecValidator(spec).iter_errors()] == []


def test_excuses_and_pins_name_operations_that_exist(
    plain_spec: Json, spec: Json, contract: Json
) -> None:
    conformance = contract["conformance"]
    exist = documented(plain_spec).keys() | documented(spec).keys()
    named = {name for each in conformance.get("excused", []) for name in each.get("operations", [])}
    assert sorted({*named, *conformance.get("operations", {})} - exist) == []


def test_fuzzing_finds_nothing(fuzzed: Run) -> None:
    if fuzzed.complaint:
        pytest.fail(fuzzed.complaint, pytrace=False)


def test_following_links_finds_nothing(followed: Run) -> None:
    if followed.complaint:
        pytest.fail(followed.complaint, pytrace=False)


def test_an_independent_judge_finds_nothing(
    fuzzed: Run,
    followed: Run,
    judge: Callable[[httpx.Response], list[str]],
    operation_of: Callable[[httpx.Request], str],
) -> None:
    found: Counter[str] = Counter()
    first: dict[str, httpx.Request] = {}
    for exchange in [*fuzzed.exchanges, *followed.exchanges]:
        name = operation_of(exchange.request) or exchange.request.method
        for violation in judge(exchange):
            kind = f"{name} {exchange.status_code} {violation}"
            found[kind] += 1
            first.setdefault(kind, exchange.request)
    if found:
        lines = [
            f"{count} × {kind}\n    {retold(first[kind])}" for kind, count in found.most_common(40)
        ]
        pytest.fail("\n".join([f"{len(found)} kinds of violations", *lines]), pytrace=False)


def retold(request: httpx.Request) -> str:
    """A request in one line."""
    kind = request.headers.get("content-type", "")
    return f"{request.method} {request.url} {kind} {request.content[:200]!r}"


def test_what_is_documented_was_seen(
    provider: str,
    profile: str,
    spec: Json,
    contract: Json,
    fuzzed: Run,
    followed: Run,
    told: Exchanges,
    operation_of: Callable[[httpx.Request], str],
    is_accepted: Callable[[httpx.Response], bool],
    record_property: Callable[[str, object], None],
) -> None:
    wanted = documented(spec)
    seen: dict[str, set[str]] = {name: set() for name in wanted}
    accepted = set()
    for exchange in [*fuzzed.exchanges, *followed.exchanges, *told]:
        if name := operation_of(exchange.request):
            seen[name].add(str(exchange.status_code))
            if name not in accepted and is_accepted(exchange):
                accepted.add(name)
    unseen = [
        f"{name} {status}"
        for name in wanted
        for status in sorted(wanted[name])
        if not is_seen(status, seen[name])
    ]
    refused = sorted(wanted.keys() - accepted)
    total = sum(map(len, wanted.values()))
    measured = {
        "accepted": share(len(accepted), len(wanted)),
        "statuses": share(total - len(unseen), total),
        "links": share(len(followed.followed), followed.links),
    }
    served = f"{provider} {profile}".rstrip()
    excuses = len(contract["conformance"].get("excused", []))
    record_property(
        "contract",
        f"{served}: {len(wanted)} operations, {measured['accepted']} % accepted; "
        f"{total} documented statuses, {measured['statuses']} % seen; "
        f"{followed.links} links, {measured['links']} % followed; "
        f"{len(fuzzed.exchanges) + len(followed.exchanges)} requests; {excuses} excuses",
    )
    for title, names in (("never accepted", refused), ("never seen", unseen)):
        if names:
            record_property("contract", f"{served}: {title}: {', '.join(names)}")
    floors = contract["conformance"]["floors"]
    low = [
        f"{key} {measured[key]} < {floors[key]}" for key in floors if measured[key] < floors[key]
    ]
    if low:
        pytest.fail(f"below the floor: {', '.join(low)}", pytrace=False)


def share(part: int, whole: int) -> float:
    """A percentage, cut after one digit; all of nothing is everything."""
    return int(1000 * part / whole) / 10 if whole else 100.0
