"""E-mails as the standard library writes them, with nothing left to chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email import message_from_string
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr

_REGISTRY = HeaderRegistry()
# Clients name odd addresses, which are kept as they are; typeshed does not know the mixins.
_REGISTRY.map_to_type("to", UniqueUnstructuredHeader)  # type: ignore[arg-type]
_POLICY = SMTPUTF8.clone(header_factory=_REGISTRY)


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    date: datetime,
    message_id: str,
    html: str | None = None,
    attachments: Sequence[tuple[str, str, bytes]] = (),
) -> str:
    """The source of one message; an attachment is a name, a media type and its bytes."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = " ".join(to.split())
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, media_type, data in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    boundary = 0
    for part in message.walk():
        if part.is_multipart():
            boundary += 1
            part.set_boundary(f"={boundary}={message_id}")
    return message.as_string()


def parse(source: str) -> EmailMessage:
    """The message that `compose` wrote; its addresses are as odd as they were."""
    return message_from_string(source, _class=EmailMessage, policy=_POLICY)
