"""The command line. What a command needs it imports itself, so that each starts quickly."""

from __future__ import annotations

import functools
import gc
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

_LOOPBACK = ("127.", "localhost", "::1")


class _Group(click.Group):
    """Turns what somebody did wrong into one sentence and exit code 2."""

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            super().main(*args, **{**settings, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(2)
        except _mistakes() as error:
            said = error.format_message() if isinstance(error, click.ClickException) else error
            click.echo(f"Error: {said}", err=True)
            sys.exit(2)
        except (click.Abort, BrokenPipeError):
            sys.exit(130)


def _mistakes() -> tuple[type[Exception], ...]:
    """What is told in one sentence."""
    from greenroom.emulator.toolkit import GreenroomError

    return (GreenroomError, click.ClickException)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: greenroom serve --port 8800",
)
@click.version_option(package_name="greenroom")
def main() -> None:
    """Faithful, stateful stand-ins of conferencing APIs."""


def _listing(command: Callable[..., list[dict[str, Any]]]) -> Callable[..., None]:
    """Print what the command answers, as a table or as JSON."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
    @functools.wraps(command)
    def printed(as_json: bool, **arguments: Any) -> None:
        rows = command(**arguments)
        click.echo(json.dumps(rows, indent=2) if as_json else _table(rows))

    return printed


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "There are none."
    columns = list(rows[0])
    cells = [columns, *([str(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


_option = click.option(
    "--option",
    "chosen",
    multiple=True,
    metavar="PROVIDER.NAME=VALUE",
    help="Set a provider's option.",
)


@main.command(epilog="Example: greenroom providers --json")
@_option
@_listing
def providers(chosen: tuple[str, ...]) -> list[dict[str, Any]]:
    """List the providers: name, title, operations, version of the documented API."""
    from greenroom.emulator import listings

    return listings.providers(chosen)


@main.command(epilog="Example: greenroom operations --json")
@click.argument("provider", required=False)
@_option
@_listing
def operations(provider: str | None, chosen: tuple[str, ...]) -> list[dict[str, Any]]:
    """List the operations: operationId, method, path, summary."""
    from greenroom.emulator import listings

    return listings.operations(provider, chosen)


@main.command(epilog="Example: greenroom credentials --json")
@click.argument("provider", required=False)
@click.option("--scenario", default="default", show_default=True, help="Whose cast.")
@_listing
def credentials(provider: str | None, scenario: str) -> list[dict[str, Any]]:
    """List the cast: who, tenant, role, and a ready curl line each."""
    from greenroom.emulator import listings

    return listings.credentials(provider, scenario)


@main.command(epilog="Example: greenroom scenarios")
@click.argument("provider", required=False)
@_listing
def scenarios(provider: str | None) -> list[dict[str, Any]]:
    """List the starting worlds."""
    from greenroom.emulator import listings

    return listings.scenarios(provider)


@main.command(epilog="Example: greenroom check")
@click.argument("provider", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
@click.option(
    "--patched",
    type=click.Path(path_type=Path),
    help="Write the specs of other profiles into this folder, for other linters.",
)
def check(provider: str | None, as_json: bool, patched: Path | None) -> None:
    """Check that specs, handlers and scenarios agree; say every problem with file and place."""
    from greenroom.emulator.checking import problems, write_variants
    from greenroom.emulator.listings import chosen

    found = [problem for each in chosen(provider) for problem in problems(each)]
    if patched is not None and not found:
        write_variants(chosen(provider), patched)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo("\n".join(found) if found else "Specs, handlers and scenarios agree.")
    if found:
        sys.exit(1)


def _time(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is no RFC 3339 time; write 2026-01-05T09:00:00Z."
        ) from None


@main.command(epilog="Example: greenroom serve --scenario empty --frozen --at 2026-01-05T09:00:00Z")
@click.argument("providers", nargs=-1, metavar="[PROVIDER …]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8800,
    show_default=True,
    help="Port; 0 is any free one.",
    type=click.IntRange(0, 65535),
)
@click.option("--root", is_flag=True, help="Serve the one provider without its prefix, too.")
@click.option("--scenario", default="default", show_default=True, help="The starting world.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep the worlds in this folder.")
@click.option(
    "--fsync",
    type=click.Choice(["always", "interval", "never"]),
    default="interval",
    show_default=True,
    help="When --data forces writes to the disk.",
)
@click.option("--seed", default=0, show_default=True, help="Where ids and chance come from.")
@click.option("--at", callback=_time, metavar="TIME", help="Start of the clock; default now.")
@click.option("--frozen", is_flag=True, help="Let the clock stand still.")
@_option
@click.option("--no-response-check", is_flag=True, help="Do not hold our own answers to the spec.")
@click.option(
    "--control-token", metavar="TOKEN", help="Demand this bearer token from the control plane."
)
@click.option(
    "--webhooks",
    type=click.Choice(["deliver", "capture"]),
    default="deliver",
    show_default=True,
    help="Deliver webhooks, to this machine only, or keep all of them in the outbox.",
)
@click.option(
    "--webhooks-allow",
    multiple=True,
    metavar="HOST",
    help="Deliver webhooks to this host as well.",
)
@click.option(
    "--max-body",
    default=10 * 1024 * 1024,
    show_default=True,
    help="Bytes of a request body at most.",
    type=click.IntRange(1),
)
@click.option(
    "--max-message",
    default=1024 * 1024,
    show_default=True,
    help="Bytes of a WebSocket message at most.",
    type=click.IntRange(1),
)
@click.option(
    "--world-cap", default=10_000, show_default=True, help="Worlds at most.", type=click.IntRange(1)
)
@click.option(
    "--log-level",
    type=click.Choice(["critical", "error", "warning", "info", "debug"]),
    default="warning",
    show_default=True,
)
def serve(**given: Any) -> None:
    """Serve the named providers, all by default."""
    if given["root"] and len(given["providers"]) != 1:
        raise click.UsageError("--root serves one provider without its prefix; name exactly one.")
    if not given["host"].startswith(_LOOPBACK) and not given["control_token"]:
        raise click.UsageError(
            f"{given['host']} can be reached from elsewhere; give --control-token TOKEN to guard "
            "the control plane, or listen on 127.0.0.1."
        )
    from greenroom.emulator.start import hurry

    hurry()
    try:
        from greenroom.emulator.listings import parsed_options
        from greenroom.emulator.serving import serve as run

        run(parsed_options(given.pop("chosen")), **given)
    finally:
        gc.enable()
