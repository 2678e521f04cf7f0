"""The pytest plugin, seen from test suites that use it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from greenroom.emulator import Emulator
from greenroom.emulator.background import BackgroundServer

Run = Callable[..., pytest.RunResult]
Serve = Callable[..., str]
PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")

ROOMS = """
import pytest
import requests

pytestmark = pytest.mark.greenroom(providers=["portsip"])
ROOMS = "/api/conference_rooms"
ROOM = {"extension_number": "9001", "mode": "AUDIO", "subject": "Standup", "capacity": 2}
"""
TWO_OF_THE_SAME = """
@pytest.mark.parametrize("name", ["a b", "a-b", "a.b", "a/b"])
def test_the_first_room_is_free(greenroom, name):
    alice = greenroom.client("portsip", as_="alice")
    assert alice.post(ROOMS, json=ROOM).status_code == 201
    assert alice.post(ROOMS, json=ROOM).status_code == 409
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Run:
    """Runs a test suite in a process of its own."""

    def run(source: str, *words: str) -> pytest.RunResult:
        pytester.makepyfile(ROOMS + source)
        return pytester.runpytest_subprocess("-W", "error", *words)

    return run


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves one provider; answers with the address."""
    closing: list[BackgroundServer | Emulator] = []

    def served(**settings: str) -> str:
        emulator = Emulator(["portsip"], **settings)  # type: ignore[arg-type]
        server = BackgroundServer(emulator.app, emulator.loop)
        closing.extend([server, emulator])
        return server.url

    yield served
    for each in closing:
        each.close()


def test_every_test_has_a_world_of_its_own(suite: Run) -> None:
    result = suite(TWO_OF_THE_SAME)
    result.assert_outcomes(passed=4)


def test_a_world_is_called_after_its_test_and_gone_with_it(suite: Run) -> None:
    result = suite("""
def test_One(greenroom):
    assert greenroom.world == "test-one"

@pytest.mark.parametrize("text", ["Ä" * 40 + "z" * 80])
def test_two(greenroom, text):
    assert greenroom.world.startswith("test-two-")
    worlds = greenroom.client("_greenroom").get("/worlds").json()
    assert [world["name"] for world in worlds] == ["main", greenroom.world]

def test_three(greenroom):
    greenroom.order("DELETE", "/worlds/test-three")
""")
    result.assert_outcomes(passed=3)


def test_a_marker_says_what_the_world_is_to_be(suite: Run) -> None:
    result = suite("""
from datetime import datetime

@pytest.mark.greenroom(scenario="empty", seed=7, at="2026-01-05T09:00:00Z")
class TestMarked:
    def test_all(self, greenroom):
        assert greenroom.now.isoformat() == "2026-01-05T09:00:00+00:00"
        assert greenroom.order("GET", f"/worlds/{greenroom.world}")["scenario"] == "empty"
        assert greenroom.order("GET", f"/worlds/{greenroom.world}")["seed"] == 7
        assert [each["name"] for each in greenroom.order("GET", "/providers")] == ["portsip"]

    @pytest.mark.greenroom(seed=8, frozen=False, options={"portsip": {"enforce_roles": True}})
    def test_the_closer_one_counts(self, greenroom):
        world = greenroom.order("GET", f"/worlds/{greenroom.world}")
        assert (world["scenario"], world["seed"]) == ("empty", 8)
        assert greenroom.order("GET", "/clock")["frozen"] is False
        options = greenroom.order("GET", "/providers")[0]["options"]
        assert options["enforce_roles"]["value"] is True

@pytest.mark.greenroom(at=datetime.fromisoformat("2026-01-05T10:00:00+01:00"))
def test_a_time(greenroom):
    assert greenroom.now.isoformat() == "2026-01-05T09:00:00+00:00"
""")
    result.assert_outcomes(passed=3)


def test_a_wish_that_cannot_be_met_is_one_sentence(suite: Run) -> None:
    result = suite("""
@pytest.mark.greenroom(providers=["nobody"])
def test_provider(greenroom): pass

@pytest.mark.greenroom(scenario="nowhere")
def test_scenario(greenroom): pass

@pytest.mark.greenroom(at="soon")
def test_time(greenroom): pass

@pytest.mark.greenroom(sead=1)
def test_name(greenroom): pass

@pytest.mark.greenroom("portsip")
def test_no_name(greenroom): pass
""")
    result.assert_outcomes(errors=5)
    known = "it takes providers, scenario, seed, at, frozen, options, by name."
    result.stdout.fnmatch_lines(
        [
            "*'nobody'*",
            "*There is no scenario 'nowhere'*",
            "POST /_greenroom/worlds was answered with 400: * /at *",
            f"The greenroom marker does not know sead; {known}",
            f"The greenroom marker does not know 'portsip'; {known}",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_failure_is_reported_with_the_last_exchanges(suite: Run) -> None:
    result = suite("""
def test_it(greenroom):
    alice = greenroom.client("portsip", as_="alice")
    assert alice.get(f"{ROOMS}/7").status_code == 200

def test_other(greenroom):
    raise AssertionError

def test_gone(greenroom):
    greenroom.close()
    raise AssertionError

@pytest.fixture
def broken(greenroom):
    greenroom.client("portsip").get(ROOMS)
    raise LookupError

def test_set_up(broken):
    pass
""")
    result.assert_outcomes(failed=3, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "*Last exchanges in the Greenroom world test-it*",
            "e1 GET /portsip/api/conference_rooms/7 → 404 getConferenceRoom as alice*",
            "*Last exchanges in the Greenroom world test-other*",
            "There were none.",
            "The journal could not be read: *",
            "e1 GET /portsip/api/conference_rooms → 401 listConferenceRooms: *",
        ]
    )


def test_a_server_for_the_whole_run(suite: Run) -> None:
    result = suite("""
@pytest.fixture(scope="session")
def address(greenroom_server):
    return greenroom_server.url("portsip")

@pytest.mark.parametrize("status", [201, 409])
def test_it(address, greenroom_server, status):
    alice = greenroom_server.credentials("portsip", "alice")["headers"]
    with requests.Session() as session:
        answer = session.post(f"{address}{ROOMS}", json=ROOM, headers=alice)
        assert answer.status_code == status
    client = greenroom_server.client("portsip", as_="alice")
    assert str(client.base_url) == f"{address}/"
    assert client.get(ROOMS).status_code == 200
    assert status == 201
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Last exchanges in the Greenroom world session*",
            "e3 POST /portsip/api/conference_rooms → 409 *",
        ]
    )


def test_workers_do_not_get_in_each_others_way(suite: Run) -> None:
    suite(TWO_OF_THE_SAME, "-n2").assert_outcomes(passed=4)


def test_workers_share_a_running_server(suite: Run, serve: Serve) -> None:
    result = suite(TWO_OF_THE_SAME, "-n2", "--greenroom-url", serve())
    result.assert_outcomes(passed=4)


def test_a_running_server_does_it_all(suite: Run, serve: Serve) -> None:
    address = serve(control_token="secret")
    source = f"""
@pytest.mark.greenroom(scenario="empty", seed=7, at="2026-01-05T09:00:00Z")
def test_it(greenroom):
    assert greenroom.url("portsip") == "{address}/~test-it/portsip"
    assert greenroom.order("GET", "/clock")["frozen"]
    alice = greenroom.client("portsip", as_="alice")
    assert alice.post(ROOMS, json=ROOM).status_code == 201
    greenroom.journal.verify({{"operation": "createConferenceRoom", "who": "alice"}}, times=1)

def test_session(greenroom_server):
    assert greenroom_server.url("portsip") == "{address}/~session/portsip"
"""
    result = suite(source, "--greenroom-url", address, "--greenroom-token", "secret")
    result.assert_outcomes(passed=2)


def test_a_running_server_is_what_it_is(suite: Run, serve: Serve) -> None:
    source = """
@pytest.mark.greenroom(providers=["portsip", "nobody"])
def test_provider(greenroom): pass

@pytest.mark.greenroom(options={"portsip": {"enforce_roles": True}})
def test_options(greenroom): pass
"""
    result = suite(source, "--greenroom-url", serve())
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        ["*serves portsip, but not nobody.", "Options are set where the server*"]
    )


def test_a_server_that_does_not_answer_is_one_sentence(suite: Run) -> None:
    result = suite("def test_it(greenroom): pass", "--greenroom-url", "http://127.0.0.1:9")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["Nothing answers at http://127.0.0.1:9 (*); start a server*"])


def test_a_suite_that_does_not_use_it_pays_nothing(suite: Run) -> None:
    result = suite("""
import sys

def test_it():
    assert not {"connexion", "httpx", "uvicorn", "tinydb"} & sys.modules.keys()
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("command", re.findall(r"```sh\npytest *(.*)\n```", PAGE))
def test_the_documentation_works(pytester: pytest.Pytester, serve: Serve, command: str) -> None:
    for name, source in re.findall(r"```python\n# (test_\w+\.py)\n(.*?)```", PAGE, re.DOTALL):
        pytester.path.joinpath(name).write_text(source, "utf-8")
    if "--greenroom-url" in command:
        command = command.replace("http://127.0.0.1:8800", serve())
    result = pytester.runpytest_subprocess("-W", "error", *shlex.split(command))
    assert result.ret == 0
    if not command.startswith("test_rooms.py"):
        assert result.parseoutcomes()["passed"] == PAGE.count("def test_")
