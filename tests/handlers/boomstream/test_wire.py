from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from greenroom.emulator import Emulator

ACME = "1453d715690dfc600031ecdd448d4cf4"
GLOBEX = "60fd9c3a5be4b8a1d2e7f0c9463ab815"
CONFERENCE = "0c5db8c0-c2ab-4833-bda8-bf5e8d03da35"
JSON, XML = "application/json; charset=utf-8", "application/xml; charset=utf-8"
READING = [
    ("info", {"code": CONFERENCE}),
    ("list", {}),
    ("client/list", {"code": CONFERENCE}),
    ("client/info", {"code": "b0bR2x7Q"}),
    ("info", {"code": "unknown"}),
]


def texts(value: Any) -> Any:
    """A JSON value as XML tells it."""
    if isinstance(value, dict):
        return [(name, texts(each)) for name, each in value.items()]
    if isinstance(value, list):
        return [("Item", texts(each)) for each in value]
    return str(value)


def told(element: Any) -> Any:
    return [(each.tag, told(each)) for each in element] if len(element) else element.text or ""


@pytest.mark.parametrize(("method", "sent"), READING)
def test_xml_and_json_say_the_same_in_the_same_order(
    client: httpx.Client, method: str, sent: dict[str, str]
) -> None:
    path, sent = f"/api/conference/{method}", {"apikey": ACME, **sent}
    in_xml = client.get(path, params=sent)
    in_json = client.get(path, params={**sent, "format": "json"})
    assert (in_xml.headers["content-type"], in_json.headers["content-type"]) == (XML, JSON)
    expected = in_json.json()
    if "RequestURI" in expected:
        expected["RequestURI"] = expected["RequestURI"].removesuffix("&format=json")
    assert told(fromstring(in_xml.content)) == texts(expected)


@pytest.mark.parametrize("kind", ["xml", "xls", "JSON", "", "nonsense"])
def test_anything_but_json_means_xml(client: httpx.Client, kind: str) -> None:
    answer = client.get("/api/conference/list", params={"apikey": ACME, "format": kind})
    assert answer.headers["content-type"] == XML


def test_json_is_answered_in_json_whatever_format_says(client: httpx.Client) -> None:
    answer = client.post("/api/conference/list", json={"apikey": ACME, "format": "xml"})
    assert answer.headers["content-type"] == JSON


def test_a_form_is_answered_as_its_format_says(client: httpx.Client) -> None:
    path = "/api/conference/list"
    assert client.post(path, data={"apikey": ACME}).headers["content-type"] == XML
    as_json = client.post(path, data={"apikey": ACME, "format": "json"})
    assert as_json.headers["content-type"] == JSON
    in_query = client.post(path, params={"format": "json"}, data={"apikey": ACME})
    assert in_query.headers["content-type"] == JSON


@pytest.mark.parametrize(
    ("query", "body", "header", "project"),
    [
        (ACME, None, None, "acme"),
        (None, ACME, None, "acme"),
        (None, None, ACME, "acme"),
        (GLOBEX, ACME, None, "acme"),
        (GLOBEX, ACME, "wrong", "acme"),
        (ACME, None, GLOBEX, "acme"),
        (None, ACME, GLOBEX, "acme"),
        ("", ACME, None, "acme"),
        (ACME, "", None, "acme"),
        ("", "", ACME, "acme"),
        ("wrong", None, ACME, None),
        (ACME, "wrong", ACME, None),
        (None, " ", ACME, None),
        (None, "ключ", None, None),
    ],
)
@pytest.mark.parametrize("form", [True, False])
def test_of_several_keys_the_body_counts_then_the_query_then_the_header(
    client: httpx.Client,
    query: str | None,
    body: str | None,
    header: str | None,
    project: str | None,
    form: bool,
) -> None:
    sent = {"code": CONFERENCE} | ({} if body is None else {"apikey": body})
    answer = client.post(
        "/api/conference/info",
        params={"format": "json"} | ({} if query is None else {"apikey": query}),
        headers={} if header is None else {"Authorization": f"Bearer {header}"},
        data=sent if form else None,
        json=None if form else sent,
    )
    found = answer.json()
    if project == "acme":
        assert found["title"] == "Testik"
    else:
        assert found["Message"] == "Invalid API key"


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", ACME])
def test_a_header_that_is_no_bearer_token_brings_no_key(client: httpx.Client, header: str) -> None:
    answer = client.get(
        "/api/conference/list", params={"format": "json"}, headers={"Authorization": header}
    )
    assert answer.json()["Message"] == "API key is required"


def test_get_reads_no_body(client: httpx.Client) -> None:
    answer = client.request("GET", "/api/conference/list", json={"apikey": ACME})
    assert "API key is required" in answer.text


@pytest.mark.parametrize(
    ("asked", "told"), [("1.0", "1.0"), ("1.1", "1.1"), ("1.2", "1.2"), ("1.3", "1.0"), ("", "1.0")]
)
def test_the_version_asked_for_comes_back(
    ask: Callable[..., dict[str, Any]], asked: str, told: str
) -> None:
    assert ask("info", code=CONFERENCE, ver=asked)["Version"] == told
    assert ask("info", code="unknown", ver=asked)["Version"] == told


@pytest.mark.parametrize("prefix", ["/boomstream", "/~elsewhere/boomstream"])
def test_the_request_comes_back_exactly_as_sent(emulator: Emulator, prefix: str) -> None:
    uri = f"/api/conference/info?code={CONFERENCE}&apikey={ACME}&x=%2f%C3%A9+%20&&format=json&a[]=1"
    with emulator.client() as anywhere:
        found = anywhere.get(httpx.URL(f"http://127.0.0.1:8800{prefix}{uri}")).json()
    assert found["RequestURI"] == uri
    assert list(found) == [
        "title",
        "code",
        "description",
        "Status",
        "Version",
        "Versions",
        "RequestURI",
    ]


def test_by_post_only_path_and_query_come_back(client: httpx.Client) -> None:
    sent = {"apikey": ACME, "code": CONFERENCE}
    path = "/api/conference/info"
    assert client.post(path, json=sent).json()["RequestURI"] == path
    assert client.post(f"{path}?x=1", json=sent).json()["RequestURI"] == f"{path}?x=1"


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [("GET", "/api/conference/nothing", 404), ("PUT", "/api/conference/info", 405)],
)
def test_with_trailer_always_every_failure_tells_the_request(
    verb: str, path: str, status: int
) -> None:
    options = {"boomstream": {"trailer": "always"}}
    with Emulator(providers=["boomstream"], options=options) as emulator:
        answer = emulator.client("boomstream").request(verb, path, params={"format": "json"})
    assert answer.status_code == status
    assert answer.json()["RequestURI"] == f"{path}?format=json"


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_what_is_too_large_is_refused_in_the_format_asked_for(
    client: httpx.Client, kind: str
) -> None:
    answer = client.post(
        f"/api/conference/list?format={kind}",
        content=b"x=" + b"y" * 11_000_000,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == f"application/{kind}; charset=utf-8"
    assert "Failed" in answer.text
