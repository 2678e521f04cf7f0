"""Parameters in every style that OpenAPI 3.0 has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from greenroom.emulator.toolkit import Json

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

SCALAR: Json = {"type": "integer"}
ARRAY: Json = {"type": "array", "items": {"type": "integer"}}
OBJECT: Json = {
    "type": "object",
    "properties": {"role": {"type": "string"}, "age": {"type": "integer"}},
}
SCHEMAS = {"scalar": SCALAR, "array": ARRAY, "object": OBJECT}
VALUES = {"scalar": 5, "array": [3, 4, 5], "object": {"role": "admin", "age": 36}}

SPELLINGS = [
    ("path", "simple", False, "scalar", "5"),
    ("path", "simple", False, "array", "3,4,5"),
    ("path", "simple", False, "object", "role,admin,age,36"),
    ("path", "simple", True, "scalar", "5"),
    ("path", "simple", True, "array", "3,4,5"),
    ("path", "simple", True, "object", "role=admin,age=36"),
    ("path", "label", False, "scalar", ".5"),
    ("path", "label", False, "array", ".3,4,5"),
    ("path", "label", False, "object", ".role,admin,age,36"),
    ("path", "label", True, "scalar", ".5"),
    ("path", "label", True, "array", ".3.4.5"),
    ("path", "label", True, "object", ".role=admin.age=36"),
    ("path", "matrix", False, "scalar", ";id=5"),
    ("path", "matrix", False, "array", ";id=3,4,5"),
    ("path", "matrix", False, "object", ";id=role,admin,age,36"),
    ("path", "matrix", True, "scalar", ";id=5"),
    ("path", "matrix", True, "array", ";id=3;id=4;id=5"),
    ("path", "matrix", True, "object", ";role=admin;age=36"),
    ("query", "form", False, "scalar", "id=5"),
    ("query", "form", False, "array", "id=3,4,5"),
    ("query", "form", False, "object", "id=role,admin,age,36"),
    ("query", "form", True, "scalar", "id=5"),
    ("query", "form", True, "array", "id=3&id=4&id=5"),
    ("query", "form", True, "object", "role=admin&age=36"),
    ("query", "spaceDelimited", False, "array", "id=3%204%205"),
    ("query", "spaceDelimited", False, "array", "id=3+4+5"),
    ("query", "spaceDelimited", False, "object", "id=role%20admin%20age%2036"),
    ("query", "spaceDelimited", True, "array", "id=3&id=4&id=5"),
    ("query", "pipeDelimited", False, "array", "id=3|4|5"),
    ("query", "pipeDelimited", False, "array", "id=3%7C4%7c5"),
    ("query", "pipeDelimited", False, "object", "id=role|admin|age|36"),
    ("query", "pipeDelimited", True, "array", "id=3&id=4&id=5"),
    ("query", "deepObject", True, "object", "id[role]=admin&id[age]=36"),
    ("query", "deepObject", True, "object", "id%5Brole%5D=admin&id%5Bage%5D=36"),
    ("header", "simple", False, "scalar", "5"),
    ("header", "simple", False, "array", "3,4, 5"),
    ("header", "simple", False, "object", "role,admin, age,36"),
    ("header", "simple", True, "scalar", "5"),
    ("header", "simple", True, "array", "3, 4,5"),
    ("header", "simple", True, "object", "role=admin, age=36"),
    ("cookie", "form", False, "scalar", "id=5"),
    ("cookie", "form", False, "array", "id=3,4,5"),
    ("cookie", "form", False, "object", "id=role,admin,age,36"),
    ("cookie", "form", True, "scalar", "id=5"),
    ("cookie", "form", True, "object", "role=admin; age=36"),
]


def offer(tiny: Tiny, where: str, declared: Json) -> None:
    """An operation that answers with the one parameter it takes."""
    path = "/things/{id}" if where == "path" else "/things"
    tiny.answer(f"GET {path}", lambda call, id_=None: {"id": id_}, parameters=[declared])


def ask(tiny: Tiny, where: str, spelling: str) -> Any:
    """The parameter as the handler got it, or the refusal."""
    lines = {"path": f"GET /things/{spelling}", "query": f"GET /things?{spelling}"}
    headers = {"header": {"id": spelling}, "cookie": {"cookie": spelling}}
    answer = tiny.send(lines.get(where, "GET /things"), headers=headers.get(where, {})).json()
    return answer.get("id", answer)


@pytest.mark.parametrize(("where", "style", "explode", "kind", "spelling"), SPELLINGS)
def test_a_parameter_is_read_in_its_style(
    tiny: Tiny, where: str, style: str, explode: bool, kind: str, spelling: str
) -> None:
    offer(tiny, where, tiny.parameter(where, "id", **SCHEMAS[kind], style=style, explode=explode))
    assert ask(tiny, where, spelling) == VALUES[kind]


@pytest.mark.parametrize(
    ("where", "kind", "spelling"),
    [
        ("path", "scalar", "5"),
        ("path", "array", "3,4,5"),
        ("path", "object", "role,admin,age,36"),
        ("query", "scalar", "id=5"),
        ("query", "array", "id=3&id=4&id=5"),
        ("query", "object", "role=admin&age=36"),
        ("header", "array", "3,4,5"),
        ("header", "object", "role,admin,age,36"),
        ("cookie", "scalar", "id=5"),
    ],
)
def test_a_parameter_without_a_style_is_read_in_that_of_its_place(
    tiny: Tiny, where: str, kind: str, spelling: str
) -> None:
    offer(tiny, where, tiny.parameter(where, "id", **SCHEMAS[kind]))
    assert ask(tiny, where, spelling) == VALUES[kind]


@pytest.mark.parametrize(("where", "style", "explode", "kind", "spelling"), SPELLINGS)
def test_a_part_that_cannot_be_read_is_named(
    tiny: Tiny, where: str, style: str, explode: bool, kind: str, spelling: str
) -> None:
    offer(tiny, where, tiny.parameter(where, "id", **SCHEMAS[kind], style=style, explode=explode))
    wrong = "x".join(spelling.rsplit("6" if kind == "object" else "5", 1))
    part = {"scalar": "", "array": "/2", "object": "/age"}[kind]
    assert ask(tiny, where, wrong) == tiny.refusal(400, "invalid", f"{where}/id{part} malformed")


@pytest.mark.parametrize(
    ("where", "spelling"),
    [
        ("path", quote(json.dumps({"a": [1, "b/c"]}), safe="")),
        ("query", "id=" + quote(json.dumps({"a": [1, "b/c"]}))),
        ("query", "id={%22a%22:[1,+%22b/c%22]}"),
        ("header", '{"a": [1, "b/c"]}'),
        ("cookie", "id=" + quote(json.dumps({"a": [1, "b/c"]}))),
    ],
)
def test_a_parameter_with_content_is_json(tiny: Tiny, where: str, spelling: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array"}}}
    declared: Json = {"name": "id", "in": where, **tiny.content(schema)}
    offer(tiny, where, declared | ({"required": True} if where == "path" else {}))
    assert ask(tiny, where, spelling) == {"a": [1, "b/c"]}


@pytest.mark.parametrize(
    ("text", "wrong"), [("{", "malformed"), ("", "malformed"), ("5", "type"), ("NaN", "malformed")]
)
def test_a_parameter_with_content_is_held_to_its_schema(tiny: Tiny, text: str, wrong: str) -> None:
    offer(tiny, "query", {"name": "id", "in": "query", **tiny.content({"type": "object"})})
    assert ask(tiny, "query", f"id={text}") == tiny.refusal(400, "invalid", f"query/id {wrong}")


def test_a_parameter_with_content_may_be_absent(tiny: Tiny) -> None:
    offer(tiny, "query", {"name": "id", "in": "query", **tiny.content({"type": "object"})})
    assert ask(tiny, "query", "") is None


def test_a_parameters_schema_may_contain_itself(tiny: Tiny) -> None:
    again = {"$ref": "#/components/schemas/Loop"}
    tiny.components = {"schemas": {"Loop": {"anyOf": [{"type": "integer"}, again]}}}
    offer(tiny, "query", {"name": "id", "in": "query", "schema": dict(again)})
    assert ask(tiny, "query", "id=7") == 7
    assert ask(tiny, "query", "id=x") == tiny.refusal(400, "invalid", "query/id malformed")


def test_all_that_is_wrong_is_told_at_once(tiny: Tiny) -> None:
    tiny.answer(
        "POST /things/{id}",
        lambda call, id_, name, size, body: None,
        parameters=[
            tiny.parameter("path", "id", type="integer"),
            tiny.parameter("query", "name", type="string", required=True),
            tiny.parameter("query", "size", type="integer", minimum=3, default=3),
        ],
        body=tiny.content({"type": "object", "required": ["text"]}),
    )
    answer = tiny.send("POST /things/x?size=2", json={})
    assert answer.json() == tiny.refusal(
        400,
        "invalid",
        "path/id malformed",
        "query/name required",
        "query/size minimum",
        "body/text required",
    )


def test_what_is_absent_is_the_handlers_own_default(tiny: Tiny) -> None:
    offer(tiny, "query", tiny.parameter("query", "id", **ARRAY))
    assert ask(tiny, "query", "ids=1&ID=2&id%00=3") is None


def test_a_default_is_new_for_every_call(tiny: Tiny) -> None:
    def handler(call: object, id_: list[int]) -> Json:
        id_.append(1)
        return {"id": id_}

    declared = tiny.parameter("query", "id", **ARRAY, default=[])
    tiny.answer("GET /things", handler, parameters=[declared])
    assert [ask(tiny, "query", "") for _ in range(2)] == [[1], [1]]


def test_the_last_of_several_scalars_counts(tiny: Tiny) -> None:
    offer(tiny, "query", tiny.parameter("query", "id", **SCALAR))
    assert ask(tiny, "query", "id=1&id=2") == 2


def test_an_empty_value_is_an_empty_text(tiny: Tiny) -> None:
    offer(tiny, "query", tiny.parameter("query", "id", type="string"))
    assert [ask(tiny, "query", query) for query in ("id=", "id", "")] == ["", "", None]


def test_an_empty_list_has_no_items(tiny: Tiny) -> None:
    offer(tiny, "query", tiny.parameter("query", "id", **ARRAY, explode=False))
    assert ask(tiny, "query", "id=") == []


def test_a_plus_is_a_space_in_a_query_and_a_plus_elsewhere(tiny: Tiny) -> None:
    names = tiny.parameter("query", "name", type="string")
    cookie = tiny.parameter("cookie", "cook", type="string")
    tiny.answer(
        "GET /things/{id}",
        lambda call, id_, name, cook: [id_, name, cook],
        parameters=[names | {"required": True}, cookie | {"required": True}],
    )
    answer = tiny.send("GET /things/a+b?name=a+b", headers={"cookie": "cook=a+b"})
    assert answer.json() == ["a+b", "a b", "a+b"]


@pytest.mark.parametrize("where", ["path", "query", "cookie"])
def test_what_is_not_utf_8_is_malformed(tiny: Tiny, where: str) -> None:
    offer(tiny, where, tiny.parameter(where, "id", type="string"))
    answer = ask(tiny, where, "%ff" if where == "path" else "id=%ff")
    assert (answer["refused"], answer["code"]) in ((400, "invalid"), (400, "malformed_path"))


def test_a_matrix_value_may_begin_with_its_own_name(tiny: Tiny) -> None:
    offer(tiny, "path", tiny.parameter("path", "id", type="string", style="matrix"))
    spellings = (";id=identity", ";id=id", ";id", ";id=")
    assert [ask(tiny, "path", each) for each in spellings] == ["identity", "id", "", ""]


@pytest.mark.parametrize("explode", [False, True])
def test_a_matrix_without_a_value_is_an_empty_list(tiny: Tiny, explode: bool) -> None:
    offer(tiny, "path", tiny.parameter("path", "id", **ARRAY, style="matrix", explode=explode))
    assert ask(tiny, "path", ";id") == []


def test_a_deep_object_may_hold_lists(tiny: Tiny) -> None:
    deep: Json = {"type": "object", "properties": {"a": ARRAY, "b": {"type": "boolean"}}}
    offer(tiny, "query", tiny.parameter("query", "id", **deep, style="deepObject"))
    assert ask(tiny, "query", "id[a]=1&id[b]=true&id[a][]=2") == {"a": [1, 2], "b": True}
    assert ask(tiny, "query", "id=1&id[=2&id]=3&id[a]b=4") is None


def test_members_of_composed_objects_are_cast_too(tiny: Tiny) -> None:
    both: Json = {"allOf": [OBJECT, {"properties": {"on": {"type": "boolean"}}}]}
    offer(tiny, "query", tiny.parameter("query", "id", **both))
    assert ask(tiny, "query", "age=4&on=true&other=1") == {"age": 4, "on": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_numbers_are_read_exactly(tiny: Tiny, text: str, value: float) -> None:
    offer(tiny, "query", tiny.parameter("query", "id", type="number"))
    assert ask(tiny, "query", f"id={text}") == value


@pytest.mark.parametrize(
    "text", ["1e999", "-1e999", "9" * 500, ".5", "1.", "0x1", "٣", "1 ", "inf"]
)
def test_what_is_no_finite_decimal_is_no_number(tiny: Tiny, text: str) -> None:
    offer(tiny, "query", tiny.parameter("query", "id", type="number"))
    answer = ask(tiny, "query", f"id={quote(text)}")
    assert answer == tiny.refusal(400, "invalid", "query/id malformed")


def spelled(style: str, explode: bool, value: Any) -> str:
    """The value as the styles' definition spells it, every part percent-encoded."""
    start, between = {
        ("simple", False): ("", ","),
        ("simple", True): ("", ","),
        ("label", False): (".", ","),
        ("matrix", False): (";id=", ","),
        ("matrix", True): (";", ";"),
        ("form", False): ("id=", ","),
        ("form", True): ("", "&"),
        ("spaceDelimited", False): ("id=", "%20"),
        ("pipeDelimited", False): ("id=", "|"),
        ("deepObject", True): ("", "&"),
    }[style, explode]
    if isinstance(value, list):
        named = explode and style in ("matrix", "form")
        return start + between.join(("id=" if named else "") + encoded(item) for item in value)
    if not explode:
        return start + between.join(encoded(part) for item in value.items() for part in item)
    names = {name: f"id[{name}]" if style == "deepObject" else name for name in value}
    return start + between.join(f"{names[name]}={encoded(item)}" for name, item in value.items())


def encoded(text: str) -> str:
    return quote(text, safe="")


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
MEMBERS = st.fixed_dictionaries({"role": TEXTS}, optional={"name": TEXTS})
STYLES = [
    ("path", "simple", False),
    ("path", "simple", True),
    ("path", "label", False),
    ("path", "matrix", False),
    ("path", "matrix", True),
    ("query", "form", False),
    ("query", "form", True),
    ("query", "spaceDelimited", False),
    ("query", "pipeDelimited", False),
    ("query", "deepObject", True),
]


@pytest.mark.parametrize(("where", "style", "explode"), STYLES)
def test_whatever_a_style_can_spell_is_read_back(
    another_tiny: Callable[[], Tiny], where: str, style: str, explode: bool
) -> None:
    lists, objects = another_tiny(), another_tiny()
    own: Json = {"style": style, "explode": explode}
    text: Json = {"type": "string"}
    if style != "deepObject":
        offer(lists, where, lists.parameter(where, "id", type="array", items=text, **own))
    properties = {"role": text, "name": text}
    offer(
        objects, where, objects.parameter(where, "id", type="object", properties=properties, **own)
    )

    @settings(max_examples=60)
    @given(items=st.lists(TEXTS, min_size=1, max_size=4), members=MEMBERS)
    @example(items=["a,b", "g%2Ch", "\0", "=&;", "+"], members={"role": "=,&;[]"})
    def agrees(items: list[str], members: dict[str, str]) -> None:
        apart = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, "")
        assume(not apart or apart not in "".join((*items, *members.values())))
        assert ask(objects, where, spelled(style, explode, members)) == members
        if style != "deepObject":
            assert ask(lists, where, spelled(style, explode, items)) == items

    agrees()
