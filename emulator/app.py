"""The composition: the one place where everything meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from greenroom.emulator.control import control_mount
from greenroom.emulator.couriers import Couriers
from greenroom.emulator.discovery import Found, discover
from greenroom.emulator.dispatch import Dispatcher
from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.engine.limits import Limits
from greenroom.emulator.engine.mounting import mount_apis
from greenroom.emulator.events.reach import Reach
from greenroom.emulator.kit import Kit
from greenroom.emulator.loop import Loop
from greenroom.emulator.options import check_option
from greenroom.emulator.stage import OptionValues, Settings, Stage
from greenroom.emulator.toolkit import GreenroomError
from greenroom.emulator.world import World
from greenroom.emulator.worlds import Worlds
from greenroom.state import DataFolder, DataFolderError, Store, wall

if TYPE_CHECKING:
    import httpx

Policy = Literal["always", "interval", "never"]
Sending = Literal["deliver", "capture"]


class Emulator:
    """A whole emulator in process: its worlds, its application, clients for tests."""

    def __init__(
        self,
        providers: Sequence[str | Found] | None = None,
        *,
        scenario: str = "default",
        seed: int = 0,
        at: datetime | None = None,
        frozen: bool = False,
        options: OptionValues | None = None,
        data: str | None = None,
        fsync: Policy = "interval",
        root: str | None = None,
        check_replies: bool = True,
        control_token: str | None = None,
        webhooks: Sending = "deliver",
        webhooks_allow: Sequence[str] = (),
        limits: Limits | None = None,
        world_cap: int = 10_000,
        world_idle: float = 3600,
    ) -> None:
        found = discover(list(providers) if providers is not None else None)
        _check_options(found, options or {})
        reach = Reach(capture=webhooks == "capture", allowed=webhooks_allow)
        self.providers = found
        self._clock = Store().clock
        self._started = self._clock.now()
        self.stage = Stage(found, Settings(scenario, seed, at, frozen), options or {})
        self.mounts = {each.name: _mount(each, check_replies) for each in found}
        folder = _folder(data, fsync) if data is not None else None
        try:
            self.worlds = Worlds(
                self.stage.begin(),
                make_kit=Kit,
                wall=wall,
                cap=world_cap,
                idle=world_idle,
                folder=folder,
                options=self.stage.options,
            )
            control = control_mount(self)
            served = self.stage.options(scenario)
            engine = mount_apis([*self.mounts.values(), control], limits or Limits(), served)
        except BaseException as error:
            if folder is not None:
                folder.close()
            if isinstance(error, DataFolderError):
                raise GreenroomError(str(error)) from None
            raise
        self.app = Dispatcher(
            engine,
            self.worlds,
            {**self.mounts, control.name: control},
            control=control.name,
            root=root,
            control_token=control_token,
            couriers=Couriers(self.mounts, reach),
            on_close=self.close,
        )
        self.loop = Loop()
        self._clients: list[httpx.Client] = []

    def uptime(self) -> timedelta:
        """How long this emulator has been there, by the wall clock."""
        return self._clock.now() - self._started

    def world(self, name: str = "main") -> World:
        """The world of that name, made on first use."""
        return self.worlds.get(name)

    def client(
        self, provider: str = "", *, as_: str | None = None, world: str = "main"
    ) -> httpx.Client:
        """A client in process, no port: below a provider's address, as one of the cast."""
        from greenroom.emulator.client import in_process_client

        headers, query = {}, {}
        if as_ is not None:
            person = self.cast(provider)[as_]
            headers, query = person.get("headers", {}), person.get("query", {})
        path = f"/~{world}/{provider}".rstrip("/")
        client = in_process_client(self.app, path, loop=self.loop, headers=headers, params=query)
        self._clients.append(client)
        return client

    def cast(self, provider: str, scenario: str | None = None) -> Mapping[str, Any]:
        """The people of a provider's served scenario and how they sign in."""
        found = next((each for each in self.providers if each.name == provider), None)
        if found is None:
            raise GreenroomError(f"{provider!r} is not served here.")
        return self.stage.scenario(found, scenario or self.stage.settings.scenario).cast

    def close(self) -> None:
        """Let go of clients, stores and the data folder; closing twice is once."""
        while self._clients:
            self._clients.pop().close()
        self.loop.close()
        self.worlds.close()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def create_app(providers: Sequence[str] | None = None, **settings: Any) -> Callable[..., Any]:
    """The ASGI application of a new emulator; the settings are those of `Emulator`."""
    return Emulator(providers, **settings).app


def _folder(data: str, fsync: Policy) -> DataFolder:
    try:
        return DataFolder(data, fsync=fsync)
    except DataFolderError as error:
        raise GreenroomError(str(error)) from None


def _mount(found: Found, check_replies: bool) -> Mount:
    return Mount(
        name=found.name,
        provider=found.provider,
        spec=found.spec,
        handlers=found.handlers,
        source=found.source,
        check_replies=check_replies,
        profile=found.profile,
        variants={
            choice: cache(partial(_mount, variant, check_replies))
            for choice, variant in found.variants.items()
        },
    )


def _check_options(found: Sequence[Found], options: OptionValues) -> None:
    served = {each.name: each for each in found}
    for name, values in options.items():
        if name not in served:
            raise GreenroomError(f"{name!r} is not served here; an option for it has no effect.")
        for key, value in values.items():
            check_option(name, served[name].provider, key, value)
