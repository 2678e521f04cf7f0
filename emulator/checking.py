"""Whether specs, handlers and scenarios agree, tried out rather than believed."""

from __future__ import annotations

from collections.abc import Iterator

from greenroom.emulator.app import Emulator
from greenroom.emulator.discovery import Found
from greenroom.emulator.engine.examples import example_problems
from greenroom.emulator.samples import sample_path
from greenroom.emulator.toolkit import GreenroomError


def problems(found: Found) -> list[str]:
    """Everything that is wrong with one provider, each with file and place."""
    try:
        with Emulator([found.name]) as emulator:
            wrong = list(example_problems(emulator.mounts[found.name]))
        return wrong + [each for name in found.scenarios for each in _in_scenario(found, name)]
    except GreenroomError as error:
        return str(error).splitlines()


def _in_scenario(found: Found, name: str) -> Iterator[str]:
    """Furnish a world with the scenario and let everybody of its cast make a first call."""
    file = f"handlers/{found.name}/scenarios/{name}.yaml"
    try:
        emulator = Emulator([found.name], scenario=name)
    except GreenroomError as error:
        yield from str(error).splitlines()
        return
    with emulator:
        for who, person in emulator.cast(found.name).items():
            path = sample_path(found, person)
            if path is None:
                continue
            answer = emulator.client(found.name, as_=who).get(path)
            if answer.status_code >= 400:
                yield f"{file} at cast/{who}: GET {path} answers {answer.status_code}"
