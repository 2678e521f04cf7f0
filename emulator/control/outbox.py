"""What the providers sent out."""

from __future__ import annotations

import base64

from greenroom.emulator.control.call import ControlCall
from greenroom.emulator.toolkit import ConflictError, Json
from greenroom.emulator.toolkit.mail import parse
from greenroom.emulator.toolkit.outbox import OUTBOX
from greenroom.state import Collection


def list_outbox(call: ControlCall, kind: str | None = None) -> list[Json]:
    """Show what was sent, the newest last."""
    return [_shape(entry) for entry in _outbox(call) if kind in (None, entry["kind"])]


def get_sent(call: ControlCall, id_: str) -> Json:
    """Show one thing that was sent, an e-mail with its headers, bodies and attachments."""
    return _shape(_outbox(call).get(id_))


def redeliver(call: ControlCall, id_: str) -> None:
    """Send it again; an e-mail goes nowhere and cannot be."""
    entry = _outbox(call).get(id_)
    raise ConflictError(f"{id_} is an {entry['kind']}, which is kept here and delivered nowhere.")


def delete_outbox(call: ControlCall) -> None:
    """Forget everything that was sent."""
    outbox = _outbox(call)
    with call.store.transaction():
        for entry in list(outbox):
            outbox.remove(entry["id"])


def _outbox(call: ControlCall) -> Collection:
    return call.store.collection(*OUTBOX)


def _shape(entry: Json) -> Json:
    """An e-mail taken apart; anything else says all it has to say as it is kept."""
    if entry["kind"] != "email":
        return entry
    message = parse(entry["source"])
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
    return {**entry, "headers": headers, "text": text, "html": html, "attachments": attachments}
