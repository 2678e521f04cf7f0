"""The page at the entrance of every world, and the files it is made of."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

ASSETS = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
HTML = "text/html; charset=utf-8"
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'"


def packaged(name: str) -> str:
    return (files("greenroom.emulator.console") / name).read_text("utf-8")


@pytest.mark.parametrize("prefix", ["", "/~w"])
def test_the_console_is_at_the_entrance_of_every_world(tiny: Tiny, prefix: str) -> None:
    answer = tiny.send_to(f"GET {prefix}/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, HTML)
    assert answer.headers["x-greenroom-world"] == (prefix[2:] or "main")
    assert answer.text == packaged("index.html")


@pytest.mark.parametrize("prefix", ["", "/~w"])
def test_all_that_the_page_refers_to_is_there(tiny: Tiny, prefix: str) -> None:
    named = set(re.findall(r'(?:src|href)="(_greenroom/console/[^"]+)"', packaged("index.html")))
    assert named == {f"_greenroom/console/{name}" for name in ASSETS}
    for address in named:
        answer = tiny.send_to(f"GET {prefix}/{address}")
        name = address.rpartition("/")[2]
        assert (answer.status_code, answer.headers["content-type"]) == (200, ASSETS[name])
        assert answer.text == packaged(name)


@pytest.mark.parametrize("path", ["/", *(f"/_greenroom/console/{name}" for name in ASSETS)])
def test_the_browser_is_told_to_load_nothing_from_elsewhere(tiny: Tiny, path: str) -> None:
    headers = tiny.send_to(f"GET {path}").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/~w/", "/_greenroom/console/console.js"])
def test_head_answers_the_headers_of_get_and_no_body(tiny: Tiny, path: str) -> None:
    read, head = tiny.send_to(f"GET {path}"), tiny.send_to(f"HEAD {path}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "content-security-policy"):
        assert head.headers[name] == read.headers[name]


def test_a_world_without_its_slash_leads_to_the_one_with_it(tiny: Tiny) -> None:
    answer = tiny.send_to("GET /~w")
    assert (answer.status_code, answer.headers["location"]) == (307, "/~w/")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_console_takes_no_orders(tiny: Tiny, method: str) -> None:
    answer = tiny.send_to(f"{method} /")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Method not allowed",
        "status": 405,
        "detail": "/ is read with GET.",
    }


@pytest.mark.parametrize(
    "name", ["index.html", "__init__.py", "nothing.js", "", "../console.js", "%2e%2e/console.js"]
)
def test_nothing_else_of_the_folder_is_served(tiny: Tiny, name: str) -> None:
    answer = tiny.send_to(f"GET /_greenroom/console/{name}", host="localhost:8800")
    assert answer.status_code == 404


def test_without_the_token_the_page_says_so_and_asks_for_it(tiny: Tiny) -> None:
    tiny.served["control_token"] = "secret"
    locked = tiny.send_to("GET /")
    assert (locked.status_code, locked.headers["www-authenticate"]) == (401, "Bearer")
    opened = tiny.send_to("GET /", headers={"Authorization": "Bearer secret"})
    assert (opened.status_code, opened.content) == (200, locked.content)


@pytest.mark.parametrize("name", ASSETS)
def test_what_the_page_is_made_of_needs_no_token(tiny: Tiny, name: str) -> None:
    tiny.served["control_token"] = "secret"
    assert tiny.send_to(f"GET /_greenroom/console/{name}").status_code == 200


@pytest.mark.parametrize("prefix", ["", "/~w"])
def test_a_provider_without_its_prefix_leaves_the_entrance_to_the_console(
    tiny: Tiny, prefix: str
) -> None:
    tiny.answer("GET /things", lambda call: {"things": []})
    tiny.served["root"] = tiny.name
    assert tiny.send_to(f"GET {prefix}/").headers["content-type"] == HTML
    assert tiny.send_to(f"GET {prefix}/things").json() == {"things": []}


def test_a_provider_that_documents_the_entrance_has_it_when_it_stands_there(tiny: Tiny) -> None:
    tiny.answer("GET /", lambda call: {"hello": "you"})
    tiny.served["root"] = tiny.name
    assert tiny.send_to("GET /").json() == {"hello": "you"}


def test_a_provider_at_a_host_of_its_own_keeps_the_entrance(tiny: Tiny) -> None:
    tiny.answer("GET /", lambda call: {"hello": "you"})
    assert tiny.send_to("GET /", host="tiny.localhost:8800").json() == {"hello": "you"}


@pytest.mark.parametrize("name", ["index.html", *ASSETS])
def test_the_files_name_no_other_host_and_start_at_no_root(name: str) -> None:
    text = packaged(name).replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://|[\"'(]//", text) == []
    assert re.findall(r"""(?:src|href|action)=["']/|url\(["']?/|@import""", text) == []


def test_no_script_or_style_is_inline_and_no_text_becomes_markup() -> None:
    page = packaged("index.html")
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page) == []
    risky = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|Storage"
    assert re.findall(risky, packaged("console.js")) == []
