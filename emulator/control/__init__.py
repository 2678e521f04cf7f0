"""The control plane: our own API to reset, wind the clock, look inside and poke.

It is described by `control.yaml` and mounted by the same engine as any provider; its handlers
get a call that also knows the emulator and the world it was sent to.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.control.clock import advance_clock, get_clock, set_clock
from greenroom.emulator.control.coverage import get_coverage
from greenroom.emulator.control.events import list_events
from greenroom.emulator.control.faults import (
    create_fault,
    delete_fault,
    delete_faults,
    list_faults,
)
from greenroom.emulator.control.host import Host
from greenroom.emulator.control.journal import (
    delete_journal,
    export_journal,
    get_exchange,
    list_exchanges,
    verify_journal,
)
from greenroom.emulator.control.outbox import delete_outbox, get_sent, list_outbox, redeliver
from greenroom.emulator.control.overview import get_health, list_credentials, list_providers
from greenroom.emulator.control.records import (
    delete_record,
    get_record,
    list_collections,
    list_records,
    put_record,
)
from greenroom.emulator.control.snapshots import (
    delete_snapshot,
    diff_snapshots,
    list_snapshots,
    put_snapshot,
    restore_snapshot,
    rewind,
)
from greenroom.emulator.control.sockets import list_sockets
from greenroom.emulator.control.stimulation import list_stimuli, populate, stimulate
from greenroom.emulator.control.wire import read_request, write_error
from greenroom.emulator.control.worlds import (
    create_world,
    delete_world,
    get_world,
    list_worlds,
    reset_world,
)
from greenroom.emulator.engine.exchange import Exchange, Mount
from greenroom.emulator.engine.names import python_name
from greenroom.emulator.toolkit import Call, Json, Operation, Provider, Wire
from greenroom.emulator.yaml_documents import load_yaml

NAME = "_greenroom"
HANDLERS = (
    get_health,
    list_providers,
    list_credentials,
    get_coverage,
    list_worlds,
    create_world,
    get_world,
    delete_world,
    reset_world,
    list_snapshots,
    put_snapshot,
    restore_snapshot,
    delete_snapshot,
    diff_snapshots,
    rewind,
    list_events,
    get_clock,
    set_clock,
    advance_clock,
    list_collections,
    list_records,
    get_record,
    put_record,
    delete_record,
    list_stimuli,
    stimulate,
    populate,
    list_faults,
    create_fault,
    delete_faults,
    delete_fault,
    list_exchanges,
    get_exchange,
    delete_journal,
    export_journal,
    verify_journal,
    list_outbox,
    get_sent,
    redeliver,
    delete_outbox,
    list_sockets,
)


@cache
def _spec() -> Json:
    document: Json = load_yaml(files("greenroom.emulator.control") / "control.yaml")
    return document


def control_mount(emulator: Host) -> Mount:
    """The control plane of this emulator, ready to be mounted."""

    def make_call(exchange: Exchange, operation: Operation | None) -> Call:
        assert exchange.request is not None
        return ControlCall(emulator, exchange, operation)

    spec = _spec()
    ids = {
        python_name(operation["operationId"]): operation["operationId"]
        for item in spec["paths"].values()
        for operation in item.values()
    }
    return Mount(
        name=NAME,
        provider=Provider(wire=Wire(write_error=write_error, read_request=read_request)),
        spec=spec,
        handlers={ids[each.__name__]: each for each in HANDLERS},
        source="emulator/control/control.yaml",
        make_call=make_call,
        transactional=False,
    )
