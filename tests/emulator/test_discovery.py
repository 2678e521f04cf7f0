"""Which providers are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from greenroom.emulator.discovery import Found, discover, names
from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.mounting import mount_apis
from greenroom.emulator.toolkit import GreenroomError

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny


def test_every_provider_is_found_by_its_files() -> None:
    assert names() == sorted(names())
    assert [each.name for each in discover()] == names()
    assert [each.name for each in discover([])] == names()


def test_wanted_providers_are_found_in_alphabetical_order() -> None:
    wanted = names()[:2]
    assert [each.name for each in discover(wanted[::-1])] == wanted


def test_an_unknown_provider_is_told_with_those_that_are_there() -> None:
    there = ", ".join(names())
    with pytest.raises(GreenroomError) as refused:
        discover([names()[0], "nobody"])
    assert str(refused.value) == f"There is no provider 'nobody'; there are {there}."


def test_a_provider_may_be_given_as_a_value(tiny: Tiny, tmp_path: Path) -> None:
    tiny.answer("GET /notes", lambda call: "here")
    emulator = tiny.stage(tmp_path, {"default": "title: A start\ncast: {}\nrecords: {}"})
    assert [each.name for each in emulator.providers] == ["tiny"]
    assert tiny.send("GET /notes").json() == "here"


@pytest.mark.parametrize("name", names())
def test_every_provider_can_be_mounted(name: str) -> None:
    found = Found(name)
    mount = Mount(name, found.provider, found.spec, found.handlers, found.source)
    mount_apis([mount], Limits())
    assert found.title
    assert found.version
    assert len(found.operations) == len(found.handlers)
    assert found.source == f"specs/{name}.yaml"
