"""A trie over undecoded paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.emulator.engine.routing import LONGEST, RECENT, Trie


def trie(*templates: str) -> Trie[str]:
    """A trie whose templates lead to themselves."""
    made: Trie[str] = Trie()
    for template in templates:
        made.add(template, "GET", template)
    return made


def led(routes: Trie[str], path: str) -> tuple[str, dict[str, str]] | None:
    match = routes.find(path)
    return (match.methods["GET"], match.parameters) if match else None


@pytest.mark.parametrize(
    ("path", "template", "parameters"),
    [
        ("/", "/", {}),
        ("", "/", {}),
        ("/a", "/a", {}),
        ("/a/b", "/a/b", {}),
        ("/a/x", "/a/{id}", {"id": "x"}),
        ("/x/b", "/{name}/b", {"name": "x"}),
        ("/a/x.json", "/a/{id}.json", {"id": "x"}),
        ("/a/x.y.json", "/a/{id}.json", {"id": "x.y"}),
        ("/a/.json", "/a/{id}", {"id": ".json"}),
        ("/a/x/c", "/a/{id}/c", {"id": "x"}),
        ("/a/b/c", "/a/{id}/c", {"id": "b"}),
        ("/x/y/z", "/{one}/{two}/{three}", {"one": "x", "two": "y", "three": "z"}),
        ("/a/x/z", "/{one}/{two}/{three}", {"one": "a", "two": "x", "three": "z"}),
        ("/%61/%62", "/a/b", {}),
        ("/a/%2F", "/a/{id}", {"id": "%2F"}),
        ("/r/1-2", "/r/{from}-{to}", {"from": "1", "to": "2"}),
        ("/p/k.json/y", "/p/{b}/y", {"b": "k.json"}),
        ("/p/k.json/x", "/p/{a}.json/x", {"a": "k"}),
        ("/s/", "/s/", {}),
        ("/s", None, {}),
        ("/a/", None, {}),
        ("//a", None, {}),
        ("/a//c", None, {}),
        ("/a/b/c/d", None, {}),
    ],
)
def test_the_most_literal_template_that_fits_is_meant(
    path: str, template: str | None, parameters: dict[str, str]
) -> None:
    routes = trie(
        "/{one}/{two}/{three}",
        "/",
        "/{name}/b",
        "/a/{id}",
        "/a/{id}.json",
        "/a",
        "/a/b",
        "/a/{id}/c",
        "/r/{from}-{to}",
        "/s/",
        "/p/{a}.json/x",
        "/p/{b}/y",
    )
    assert led(routes, path) == ((template, parameters) if template else None)


def test_templates_that_fit_the_same_paths_are_refused() -> None:
    routes = trie("/a/{id}")
    with pytest.raises(ValueError, match=r"^/a/\{id\} and /a/\{name\} fit the same requests$"):
        routes.add("/a/{name}", "POST", "/a/{name}")


def test_methods_of_one_template_share_its_node() -> None:
    routes = trie("/a/{id}", "/b")
    routes.add("/a/{id}", "DELETE", "gone")
    routes.add("/b", "PUT", "put")
    by_parameter, literal = routes.find("/a/1"), routes.find("/b")
    assert by_parameter is not None
    assert literal is not None
    assert (by_parameter.allow, literal.allow) == (
        "DELETE, GET, HEAD, OPTIONS",
        "GET, HEAD, OPTIONS, PUT",
    )


def test_a_parameter_is_never_empty() -> None:
    assert led(trie("/{a}"), "/") is None
    assert led(trie("/{a}/{b}"), "/x/") is None
    assert led(trie("/a{b}"), "/a") is None


SEGMENTS = st.sampled_from(["a", "b", "{p}", "{q}"])
TEMPLATES = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(TEMPLATES, max_size=8), st.lists(st.sampled_from("abc"), max_size=4))
def test_whatever_fits_is_found(templates: list[str], segments: list[str]) -> None:
    routes: Trie[str] = Trie()
    kept = []
    for template in templates:
        numbered = "/".join(
            f"{{p{index}}}" if part.startswith("{") else part
            for index, part in enumerate(template.split("/"))
        )
        routes.add(numbered, "GET", numbered)
        kept.append(numbered)

    def fits(template: str) -> bool:
        parts = template.split("/")[1:]
        return len(parts) == len(segments) and all(
            part[:1] == "{" or part == segment
            for part, segment in zip(parts, segments, strict=True)
        )

    match = routes.find("/" + "/".join(segments))
    candidates = [template for template in kept if fits(template)]
    assert (match is not None) == bool(candidates)
    if match is not None:
        most_literal = min(
            candidates, key=lambda template: [part[:1] == "{" for part in template.split("/")]
        )
        assert match.template == most_literal


def test_a_path_that_was_met_before_leads_to_the_same() -> None:
    routes = trie("/a/{id}")
    first = routes.find("/a/%31")
    assert first is not None
    assert (first.parameters, first.decoded) == ({"id": "%31"}, {"id": "1"})
    assert routes.find("/a/%31") is first
    for number in range(RECENT):
        routes.find(f"/a/{number}")
    assert routes.find("/a/%31") == first
    routes.add("/a/1", "GET", "/a/1")
    assert led(routes, "/a/%31") == ("/a/1", {})


def test_a_long_path_is_not_remembered() -> None:
    routes, path = trie("/a/{id}"), "/a/" + "x" * LONGEST
    assert routes.find(path) is not routes.find(path)
    assert led(routes, path) == ("/a/{id}", {"id": "x" * LONGEST})
