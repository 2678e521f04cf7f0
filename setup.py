"""Places the four rooms under one import name; everything else is in pyproject.toml."""

from setuptools import find_namespace_packages, setup

ROOMS = ("emulator", "handlers", "specs", "state")
inside = [
    f"{room}.{sub}"
    for room in ROOMS
    for sub in find_namespace_packages(room, exclude=["*__pycache__*"])
]
setup(
    package_dir={f"greenroom.{room}": room for room in ROOMS},
    packages=[f"greenroom.{name}" for name in [*ROOMS, *inside]],
)
