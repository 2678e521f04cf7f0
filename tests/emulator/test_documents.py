"""The spec as served, and a page to browse it in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from greenroom.emulator import Emulator

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


@pytest.fixture
def described(tiny: Tiny) -> Tiny:
    """An API with a schema that is used twice."""
    note = {"$ref": "#/components/schemas/Note"}
    tiny.components = {"schemas": {"Note": {"type": "object", "example": {"text": "é"}}}}
    tiny.answer("PUT /notes", lambda call, body: body, body=tiny.content(note))
    tiny.answer("POST /notes", lambda call, body: body, body=tiny.content(note))
    return tiny


@pytest.mark.parametrize(
    ("line", "host", "base"),
    [
        ("GET /tiny/openapi", "127.0.0.1:8800", "http://127.0.0.1:8800/tiny"),
        ("GET /~t1/tiny/openapi", "localhost:8800", "http://localhost:8800/~t1/tiny"),
        ("GET /openapi", "tiny.localhost:8800", "http://tiny.localhost:8800"),
    ],
)
def test_the_spec_is_served_with_the_address_it_was_asked_at(
    described: Tiny, line: str, host: str, base: str
) -> None:
    served = {**described.spec, "servers": [{"url": base, "description": "This emulator"}]}
    as_json = described.send_to(f"{line}.json", host=host)
    as_yaml = described.send_to(f"{line}.yaml", host=host)
    assert (as_json.headers["content-type"], as_json.json()) == ("application/json", served)
    assert as_yaml.headers["content-type"] == "application/yaml"
    assert yaml.safe_load(as_yaml.content) == served
    assert "&id" not in as_yaml.text


def test_documents_are_only_read(described: Tiny) -> None:
    asked = described.send("HEAD /openapi.json")
    assert (asked.status_code, asked.content) == (200, b"")
    assert described.send("POST /openapi.json").json() == described.refusal(404, "not_found")


def test_the_page_needs_nothing_from_elsewhere(described: Tiny) -> None:
    page = described.send("GET /ui")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http" not in page.text
    assert "<title>Tiny</title>" in page.text
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    for name in wanted:
        if not name.startswith("data:"):
            asset = described.send(f"GET /{name}")
            assert asset.status_code == 200
            assert len(asset.content) > 10_000
            assert asset.headers["content-type"].startswith(("text/css", "text/javascript"))


def test_a_title_is_text_and_no_markup(described: Tiny) -> None:
    described.title = "<script>{alert}</script>"
    page = described.send("GET /ui").text
    assert "<title>&lt;script>{alert}&lt;/script></title>" in page


@pytest.mark.parametrize("path", ["/ui/", "/ui/none.js", "/ui/../openapi.json", "/openapi.txt"])
def test_there_is_nothing_else(described: Tiny, path: str) -> None:
    assert described.send(f"GET {path}").json() == described.refusal(404, "not_found")


def test_a_providers_own_path_of_that_name_is_its_own(tiny: Tiny) -> None:
    tiny.answer("GET /ui/rooms", lambda call: "rooms")
    tiny.answer("GET /openapi.xml", lambda call: "xml")
    assert tiny.send("GET /ui/rooms").json() == "rooms"
    assert tiny.send("GET /openapi.xml").json() == "xml"


def test_what_is_said_over_sockets_is_described_as_well() -> None:
    with Emulator(providers=["kazoo"]) as emulator:
        client = emulator.client("kazoo", world="t1")
        served = client.get("/asyncapi.json")
        assert served.headers["content-type"] == "application/json"
        assert served.json()["servers"] == {
            "emulator": {
                "host": "127.0.0.1:8800",
                "pathname": "/~t1/kazoo",
                "protocol": "ws",
                "description": "This emulator",
            }
        }
        assert yaml.safe_load(client.get("/asyncapi.yaml").text) == served.json()


def test_without_sockets_there_is_nothing_to_describe(described: Tiny) -> None:
    assert described.send("GET /asyncapi.json").json() == described.refusal(404, "not_found")
