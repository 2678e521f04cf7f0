"""E-mails as the standard library writes them, with nothing left to chance."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from email import message_from_string
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr

from greenroom.emulator.toolkit.wire import Json

_REGISTRY = HeaderRegistry()
# Clients name odd addresses, which are kept as they are; typeshed does not know the mixins.
_REGISTRY.map_to_type("to", UniqueUnstructuredHeader)  # type: ignore[arg-type]
_POLICY = SMTPUTF8.clone(header_factory=_REGISTRY)


def letter(
    *,
    sender: str,
    text: str,
    message_id: str,
    html: str | None = None,
    attachments: Sequence[tuple[str, str, bytes]] = (),
) -> Json:
    """What an entry of the outbox keeps of a message until somebody wants to read it."""
    return {
        "sender": sender,
        "text": text,
        "message_id": message_id,
        "html": html,
        "attachments": [
            [name, media_type, b64encode(data).decode()] for name, media_type, data in attachments
        ],
    }


def compose(entry: Json) -> str:
    """The source of the message that an entry of the outbox is about."""
    kept, message = entry["letter"], EmailMessage(policy=_POLICY)
    sender, message_id = kept["sender"], kept["message_id"]
    message["From"] = sender
    message["To"] = " ".join(entry["to"].split())
    message["Subject"] = " ".join(entry["subject"].split())
    message["Date"] = format_datetime(datetime.fromisoformat(entry["at"]))
    message["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message.set_content(kept["text"])
    if kept["html"] is not None:
        message.add_alternative(kept["html"], subtype="html")
    for name, media_type, data in kept["attachments"]:
        main, _, sub = media_type.partition("/")
        message.add_attachment(b64decode(data), maintype=main, subtype=sub, filename=name)
    boundary = 0
    for part in message.walk():
        if part.is_multipart():
            boundary += 1
            part.set_boundary(f"={boundary}={message_id}")
    return message.as_string()


def parse(source: str) -> EmailMessage:
    """The message that `compose` wrote; its addresses are as odd as they were."""
    return message_from_string(source, _class=EmailMessage, policy=_POLICY)
