"""The command line, as somebody at a terminal has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from greenroom.emulator.cli import main
from greenroom.emulator.discovery import names


def run(*words: str) -> tuple[int, str]:
    """Exit code and everything that was printed."""
    result = CliRunner().invoke(main, list(words))
    return result.exit_code, result.output


def test_providers_lists_every_provider_with_what_it_documents() -> None:
    code, output = run("providers", "--json")
    rows = json.loads(output)
    assert code == 0
    assert [row["name"] for row in rows] == names()
    assert all({"name", "title", "operations", "version"} == set(row) for row in rows)
    assert all(row["operations"] > 0 for row in rows)


def test_operations_names_each_operation_with_method_and_path() -> None:
    code, output = run("operations", "portsip", "--json")
    rows = json.loads(output)
    assert code == 0
    assert rows[0] == {
        "provider": "portsip",
        "operationId": "listConferenceServers",
        "method": "GET",
        "path": "/api/conference_servers",
        "summary": "List conference servers",
    }


def test_operations_are_told_as_they_are_with_options() -> None:
    assert run("operations", "--option", "portsip.ring_seconds=3") == run("operations")
    assert run("providers", "--option", "portsip.ring_seconds=3") == run("providers")


def test_credentials_gives_a_curl_line_for_each_of_the_cast() -> None:
    code, output = run("credentials", "portsip", "--json")
    rows = json.loads(output)
    assert code == 0
    assert {row["who"] for row in rows} >= {"alice", "bob", "carol", "mallory"}
    assert rows[0]["curl"].startswith("curl -s -H 'Authorization: Bearer alice' http://")


def test_scenarios_lists_default_first() -> None:
    code, output = run("scenarios", "portsip", "--json")
    assert code == 0
    assert [row["name"] for row in json.loads(output)][:2] == ["default", "empty"]


def test_a_listing_for_people_is_a_table() -> None:
    code, output = run("scenarios", "portsip")
    assert code == 0
    assert output.splitlines()[0].split() == ["provider", "name", "title"]


def test_check_finds_nothing_wrong_with_what_is_shipped() -> None:
    assert run("check") == (0, "Specs, handlers and scenarios agree.\n")
    assert run("check", "--json") == (0, "[]\n")


@pytest.mark.parametrize(
    "command", ["", "serve", "providers", "operations", "credentials", "check"]
)
def test_every_help_page_shows_an_example(command: str) -> None:
    code, output = run(*([command] if command else []), "--help")
    assert code == 0
    assert "Example: greenroom" in output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("serve", "nobody"), "There is no provider 'nobody'; there are "),
        (("operations", "nobody"), "There is no provider 'nobody'; there are "),
        (("serve", "--scenario", "x"), "There is no scenario 'x'; there are default, empty"),
        (("serve", "--option", "x"), "'x' is no option; write PROVIDER.NAME=VALUE."),
        (("serve", "portsip", "--option", "portsip.x=1"), "portsip has no option 'x'; it has "),
        (
            ("serve", "portsip", "--option", "portsip.ring_seconds=soon"),
            "portsip.ring_seconds wants an integer",
        ),
        (("operations", "--option", "portsip.x=1"), "portsip has no option 'x'; it has "),
        (("serve", "portsip", "--option", "kazoo.x=1"), "kazoo has no option 'x'; it has "),
        (("serve", "--root"), "--root serves one provider without its prefix; name exactly one."),
        (("serve", "--at", "noon"), "'noon' is no RFC 3339 time; write 2026-01-05T09:00:00Z."),
        (("serve", "--host", "0.0.0.0"), "0.0.0.0 can be reached from elsewhere; give "),
        (("serve", "--port", "99999"), "99999 is not in the range 0<=x<=65535."),
        (("serve", "--webhooks", "lose"), "'lose' is not one of 'deliver', 'capture'."),
        (("serve", "--webhooks-allow", "http://a.test"), "'http://a.test' is no host; allow a "),
        (("dance",), "No such command 'dance'."),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(words: tuple[str, ...], sentence: str) -> None:
    code, output = run(*words)
    assert code == 2
    assert sentence in output
    assert len(output.strip().splitlines()) == 1
    assert "Traceback" not in output


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("something else")
    code, output = run("serve", "portsip", "--data", str(file))
    assert code == 2
    assert str(file) in output
    assert len(output.strip().splitlines()) == 1


def test_nothing_to_do_shows_the_help() -> None:
    code, output = run()
    assert code == 2
    assert output.startswith("Usage: ")
