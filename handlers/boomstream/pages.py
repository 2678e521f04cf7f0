"""The pages an invitation link leads to."""

from __future__ import annotations

from html import escape

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>{text}</p>
</body>
</html>
"""


def invitation_page(conference: str, user: str) -> bytes:
    """The page of a good link: who is invited, and to what."""
    return _page(conference, f"{user}, you are invited to this conference.")


def refusal_page(reason: str) -> bytes:
    """The page of a link that does not lead into a conference."""
    return _page("This invitation cannot be opened", reason)


def _page(title: str, text: str) -> bytes:
    return PAGE.format(title=escape(title), text=escape(text)).encode()
