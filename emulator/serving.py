"""The emulator behind a port: a socket, a server, and a greeting once it answers."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import uvicorn
from starlette.types import ASGIApp

from greenroom.emulator.app import Emulator
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.onewrite import OneWriteProtocol
from greenroom.emulator.samples import sample_curl
from greenroom.emulator.start import settle_memory
from greenroom.emulator.toolkit import GreenroomError

LARGEST = 1024 * 1024  # bytes of a message over a WebSocket
PING_EVERY = 15.0
PONG_WITHIN = 20.0


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; a port that is taken or an address that is not ours is one sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise GreenroomError(
            f"Cannot listen on {host}:{port}: {reason}. "
            "Choose another with --port; 0 is any free one."
        ) from None
    return bound


def server_config(app: ASGIApp, *, max_message: int = LARGEST, **more: Any) -> uvicorn.Config:
    """How the server is set up wherever it runs: no word in an answer that is not ours."""
    return uvicorn.Config(
        app,
        access_log=False,
        server_header=False,
        date_header=False,
        ws="none",  # the HTTP protocol brings it, once somebody asks
        ws_max_size=max_message,
        ws_ping_interval=PING_EVERY,
        ws_ping_timeout=PONG_WITHIN,
        ws_per_message_deflate=False,
        http=OneWriteProtocol,
        **more,
    )


class _Server(uvicorn.Server):
    """Greets once everything answers."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            click.echo(self._greeting)


def greeting(emulator: Emulator, url: str, root: str | None) -> str:
    """What a person wants to know first."""
    lines = ["Greenroom is ready."]
    for found in emulator.providers:
        lines.append(f"  {found.title}: {url}/{found.name}")
        if found.name == root:
            lines.append(f"  {found.title}, without its prefix: {url}")
    lines.append(f"  Console: {url}/")
    lines.append(f"  Control plane: {url}/_greenroom/ui")
    for found in emulator.providers:
        cast = emulator.cast(found.name)
        who, person = next(iter(cast.items()))
        described = found.serving(emulator.world().options[found.name])
        line = sample_curl(described, person, f"{url}/{found.name}")
        if line is not None:
            lines += [f"Try, as {who}:", f"  {line}"]
            break
    return "\n".join(lines)


def allow_many_files() -> None:
    """Let this process open as many files as it may: every durable world is one."""
    try:
        import resource  # there is no such thing on Windows
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _leave(*_: Any) -> None:
    sys.exit(0)


def serve(
    options: Mapping[str, Mapping[str, Any]],
    *,
    providers: tuple[str, ...],
    host: str,
    port: int,
    root: bool,
    data: Path | None,
    no_response_check: bool,
    max_body: int,
    max_message: int,
    log_level: str,
    **settings: Any,
) -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, _leave)  # the server shuts down first, then raises it again
    allow_many_files()
    emulator = Emulator(
        list(providers) or None,
        options=options,
        data=str(data) if data is not None else None,
        root=providers[0] if root else None,
        check_replies=not no_response_check,
        limits=Limits(body=max_body),
        **settings,
    )
    try:
        bound = listen(host, port)
        settle_memory()
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{bound.getsockname()[1]}"
        config = server_config(emulator.app, max_message=max_message, log_level=log_level)
        _Server(config, greeting(emulator, url, providers[0] if root else None)).run([bound])
    except KeyboardInterrupt:
        pass
    finally:
        emulator.close()
