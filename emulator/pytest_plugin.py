"""The pytest plugin: a world for each test, a server for the whole run, and what went on in them.

Nothing of the emulator is imported before a test asks for it: a run that has the plugin installed
and does not use it pays nothing.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from greenroom.emulator.rehearsal import Rehearsal
    from greenroom.emulator.rehearsals import Rehearsals

WISHES = ("providers", "scenario", "seed", "at", "frozen", "options")
MARKER = (
    "greenroom(providers=None, scenario='default', seed=0, at=None, frozen=None, options=None): "
    "what the world of the `greenroom` fixture is to be."
)
SHOWN = 10
LONGEST = 50
WORLD = pytest.StashKey["Rehearsal"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the address of a server that runs already."""
    group = parser.getgroup("greenroom", "a room to rehearse in")
    group.addoption(
        "--greenroom-url",
        metavar="URL",
        help="Use the Greenroom server at this address instead of starting one in the test run.",
    )
    group.addoption(
        "--greenroom-token",
        metavar="TOKEN",
        default="",
        help="The control token which that server was started with.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def _greenroom_rehearsals(pytestconfig: pytest.Config) -> Iterator[Rehearsals]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Connexion's import of jsonschema
        from greenroom.emulator.rehearsals import Rehearsals

    address = pytestconfig.getoption("greenroom_url")
    rehearsals = Rehearsals(address, pytestconfig.getoption("greenroom_token"))
    yield rehearsals
    rehearsals.close()


@pytest.fixture
def greenroom(
    request: pytest.FixtureRequest, _greenroom_rehearsals: Rehearsals
) -> Iterator[Rehearsal]:
    """A world of this test's own, gone after it: clients, clock, journal, outbox, faults."""
    rehearsal = _begin(_greenroom_rehearsals, _name(request.node.name), _wishes(request.node))
    request.node.stash[WORLD] = rehearsal
    yield rehearsal
    del request.node.stash[WORLD]
    rehearsal.close()


@pytest.fixture(scope="session")
def greenroom_server(
    request: pytest.FixtureRequest, _greenroom_rehearsals: Rehearsals
) -> Iterator[Rehearsal]:
    """A world of the whole run's own, over a real port, for clients in other processes."""
    rehearsal = _begin(_greenroom_rehearsals, "session", {}, over_port=True)
    request.session.stash[WORLD] = rehearsal
    yield rehearsal
    del request.session.stash[WORLD]
    rehearsal.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report of a failed test show what went on last in its world."""
    report = yield
    if report.failed:
        report.sections.extend(_last_exchanges(rehearsal) for rehearsal in _worlds(item))
    return report


def _worlds(item: pytest.Item) -> list[Rehearsal]:
    nodes: list[pytest.Item | pytest.Session] = [item]
    if "greenroom_server" in getattr(item, "fixturenames", ()):
        nodes.append(item.session)
    return [node.stash[WORLD] for node in nodes if WORLD in node.stash]


def _last_exchanges(rehearsal: Rehearsal) -> tuple[str, str]:
    from greenroom.emulator.views import line_of

    try:
        lines = [line_of(exchange) for exchange in rehearsal.journal.find(limit=SHOWN)]
    except Exception as error:  # whatever it is, what the test failed of is more important
        lines = [f"The journal could not be read: {error}"]
    return (
        f"Last exchanges in the Greenroom world {rehearsal.world}",
        "\n".join(lines) or "There were none.",
    )


def _begin(
    rehearsals: Rehearsals, name: str, wishes: dict[str, Any], *, over_port: bool = False
) -> Rehearsal:
    from greenroom.emulator.rehearsals import Wish
    from greenroom.emulator.toolkit import GreenroomError

    try:
        return rehearsals.begin(name, Wish(**wishes), over_port=over_port)
    except GreenroomError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _wishes(node: pytest.Item) -> dict[str, Any]:
    """What the markers ask for; of two that speak of the same the closer one counts."""
    wishes: dict[str, Any] = {}
    for marker in node.iter_markers("greenroom"):
        unknown = [repr(value) for value in marker.args] + sorted(marker.kwargs.keys() - WISHES)
        if unknown:
            pytest.fail(
                f"The greenroom marker does not know {', '.join(unknown)}; "
                f"it takes {', '.join(WISHES)}, by name.",
                pytrace=False,
            )
        wishes = {**marker.kwargs, **wishes}
    return wishes


def _name(test: str) -> str:
    """The name of a world, made of the name of its test: the same in every run."""
    return re.sub("[^a-z0-9]+", "-", test.lower()).strip("-")[:LONGEST].rstrip("-") or "test"
