"""Choices that are left to whoever runs the emulator."""

from __future__ import annotations

from typing import Any

import pytest

from greenroom.emulator.options import check_option, defaults, kind, parse_option, split_option
from greenroom.emulator.toolkit import GreenroomError, Option, Provider, Reply, Wire

PROVIDER = Provider(
    wire=Wire(write_error=lambda error, request: Reply()),
    options={
        "on": Option(True, "A switch."),
        "limit": Option(10, "A count."),
        "rate": Option(0.5, "A measure."),
        "name": Option("x", "A text."),
        "mood": Option("calm", "A choice.", choices=("calm", "wild")),
        "tags": Option([], "A list."),
        "days": Option(["mon"], "A list of choices.", choices=("mon", "tue")),
        "note": Option(None, "Perhaps a text."),
    },
)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("on", "false", False),
        ("on", "True", True),
        ("limit", "3", 3),
        ("limit", "-3", -3),
        ("rate", "3", 3),
        ("rate", "0.25", 0.25),
        ("name", "", ""),
        ("name", "a=b, c", "a=b, c"),
        ("mood", "wild", "wild"),
        ("tags", "a, b,,c ", ["a", "b", "c"]),
        ("tags", "", []),
        ("days", "mon,tue", ["mon", "tue"]),
        ("note", "text", "text"),
    ],
)
def test_a_text_is_read_as_the_kind_of_the_default(key: str, text: str, value: Any) -> None:
    read = parse_option("tiny", PROVIDER, key, text)
    assert (read, type(read)) == (value, type(value))
    assert check_option("tiny", PROVIDER, key, value) == value


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("on", "yes", "tiny.on wants a boolean, not 'yes'."),
        ("limit", "3.5", "tiny.limit wants an integer, not 3.5."),
        ("limit", "many", "tiny.limit wants an integer, not 'many'."),
        ("rate", "fast", "tiny.rate wants a number, not 'fast'."),
        ("mood", "sad", "tiny.mood wants a text, one of calm, wild, not 'sad'."),
        ("days", "mon,sun", "tiny.days wants a list, one of mon, tue, not ['mon', 'sun']."),
        (
            "size",
            "3",
            "tiny has no option 'size'; it has on, limit, rate, name, mood, tags, days, ",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(key: str, text: str, told: str) -> None:
    with pytest.raises(GreenroomError) as refused:
        parse_option("tiny", PROVIDER, key, text)
    assert str(refused.value)[: len(told)] == told


@pytest.mark.parametrize(
    ("key", "value"),
    [("on", 1), ("limit", True), ("rate", "1"), ("name", 3), ("name", None), ("tags", [1])],
)
def test_a_value_is_of_the_kind_of_the_default(key: str, value: Any) -> None:
    with pytest.raises(GreenroomError, match=rf"^tiny\.{key} wants an? "):
        check_option("tiny", PROVIDER, key, value)


def test_a_text_that_may_be_absent_may_be_none() -> None:
    assert check_option("tiny", PROVIDER, "note", None) is None


def test_kinds_have_names() -> None:
    kinds = {key: kind(option) for key, option in PROVIDER.options.items()}
    assert kinds == {
        "on": "boolean",
        "limit": "integer",
        "rate": "number",
        "name": "text",
        "mood": "text",
        "tags": "list",
        "days": "list",
        "note": "text",
    }


def test_later_layers_win() -> None:
    layers = [[("limit", 1), ("on", False)], [("limit", 2)]]
    values = defaults(PROVIDER, *layers)
    assert (values["limit"], values["on"], values["name"]) == (2, False, "x")


def test_an_option_on_the_command_line_names_provider_option_and_value() -> None:
    assert split_option("tiny.name=a.b=c") == ("tiny", "name", "a.b=c")
    assert split_option("tiny.name=") == ("tiny", "name", "")


@pytest.mark.parametrize("text", ["", "tiny", "tiny.name", "name=3", ".name=3", "tiny.=3", "=3"])
def test_what_is_no_option_is_told(text: str) -> None:
    with pytest.raises(GreenroomError, match=r"is no option; write PROVIDER\.NAME=VALUE\.$"):
        split_option(text)
