"""What the providers sent out."""

from __future__ import annotations

import base64

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.kit import kit_of
from greenroom.emulator.toolkit import ConflictError, Json
from greenroom.emulator.toolkit.mail import compose, parse
from greenroom.emulator.toolkit.outbox import OUTBOX
from greenroom.state import Collection

PATIENCE = 50.0  # seconds to wait for what is on its way
_HIDDEN = ("over", "tries", "letter")


async def list_outbox(
    call: ControlCall, kind: str | None = None, settled: bool = False
) -> list[Json]:
    """Show what was sent, the newest last; if asked, once nothing is on its way any more."""
    if settled:
        await call.world.kit.settled(PATIENCE)
    return [_shape(entry) for entry in _outbox(call) if kind in (None, entry["kind"])]


async def get_sent(call: ControlCall, id_: str, settled: bool = False) -> Json:
    """Show one thing that was sent, an e-mail with its headers, bodies and attachments."""
    if settled:
        await call.world.kit.settled(PATIENCE)
    return _shape(_outbox(call).get(id_))


def redeliver(call: ControlCall, id_: str) -> None:
    """Send it again, in its place in the queue; an e-mail goes nowhere and cannot be."""
    entry, mailroom = _outbox(call).get(id_), kit_of(call.world).mailroom
    if entry["kind"] == "email" or mailroom is None:
        raise ConflictError(f"{id_} is an e-mail, which is kept here and delivered nowhere.")
    mailroom.send_again(entry)


def delete_outbox(call: ControlCall) -> None:
    """Forget everything that was sent."""
    outbox = _outbox(call)
    with call.store.transaction():
        for entry in list(outbox):
            outbox.remove(entry["id"])


def _outbox(call: ControlCall) -> Collection:
    return call.store.collection(*OUTBOX)


def _shape(entry: Json) -> Json:
    """An e-mail taken apart; a delivery says all it has to say as it is kept."""
    shape = {name: value for name, value in entry.items() if name not in _HIDDEN}
    if entry["kind"] != "email":
        return shape
    source = compose(entry)
    message = parse(source)
    text, html, attachments = None, None, []
    for part in message.walk():
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment":
            data = part.get_payload(decode=True)
            attachments.append(
                {
                    "name": part.get_filename(),
                    "media_type": part.get_content_type(),
                    "content": base64.b64encode(data if isinstance(data, bytes) else b"").decode(),
                }
            )
        elif part.get_content_type() == "text/html":
            html = part.get_content()
        else:
            text = part.get_content()
    headers = {name: str(value) for name, value in message.items()}
    parts = {"headers": headers, "text": text, "html": html, "attachments": attachments}
    return {**shape, "source": source, **parts}
