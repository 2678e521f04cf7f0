"""Whether specs, handlers and scenarios agree, tried out rather than believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from greenroom.emulator.app import Emulator
from greenroom.emulator.discovery import Found, Variant
from greenroom.emulator.documents import as_yaml
from greenroom.emulator.engine.examples import example_problems
from greenroom.emulator.patching import idle
from greenroom.emulator.samples import sample_path
from greenroom.emulator.toolkit import GreenroomError


def problems(found: Found) -> list[str]:
    """Everything that is wrong with one provider in any of its profiles, with file and place."""
    try:
        profiles = (found, *found.variants.values())
    except GreenroomError as error:
        return str(error).splitlines()
    return [each for profile in profiles for each in _in_profile(found, profile)]


def _in_profile(found: Found, profile: Found) -> Iterator[str]:
    options = {found.name: profile.chosen_by}
    try:
        with Emulator([found], options=options) as emulator:
            served = emulator.mounts[found.name].serving(profile.chosen_by)
            yield from example_problems(served)
    except GreenroomError as error:
        yield from str(error).splitlines()
        return
    if isinstance(profile, Variant):
        for pointer in idle(found.spec, profile.changes):
            yield f"specs/{profile.file.name} at {pointer} removes what is not there"
    for name in found.scenarios:
        yield from _in_scenario(found, name, profile)


def _in_scenario(found: Found, name: str, profile: Found) -> Iterator[str]:
    """Furnish a world with the scenario and let everybody of its cast make a first call."""
    file = f"handlers/{found.name}/scenarios/{name}.yaml"
    options = {found.name: profile.chosen_by}
    try:
        emulator = Emulator([found], scenario=name, options=options)
    except GreenroomError as error:
        yield from str(error).splitlines()
        return
    with emulator:
        for who, person in emulator.cast(found.name).items():
            path = sample_path(profile, person)
            if path is None:
                continue
            answer = emulator.client(found.name, as_=who).get(path)
            if answer.status_code >= 400:
                yield f"{file} at cast/{who}: GET {path} answers {answer.status_code}"


def write_variants(providers: Iterable[Found], folder: Path) -> None:
    """Write the spec of every profile but the default ones into a folder, each with its patch."""
    folder.mkdir(parents=True, exist_ok=True)
    for found in providers:
        for choice, variant in found.variants.items():
            (folder / f"{found.name}.{choice}.yaml").write_text(as_yaml(variant.spec), "utf-8")
