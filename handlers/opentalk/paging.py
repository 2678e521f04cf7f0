"""Pages of lists: by number, and by an opaque cursor; the `Link` header leads on."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64Error
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk.errors import BadRequestError

LONGEST_CURSOR = 1024


def paged(
    call: Call, items: Sequence[Json], shape: Callable[[Json], Any], *, per_page: int, page: int
) -> Reply:
    """One page of the items, with links to those around it."""
    last = max(1, -(-len(items) // per_page))
    links = []
    if page > 1:
        links += [(1, "first"), (page - 1, "prev")]
    if page < last:
        links += [(page + 1, "next"), (last, "last")]
    start = (page - 1) * per_page
    shown = [shape(item) for item in items[start : start + per_page]]
    return linked(shown, *((address(call, page=number), rel) for number, rel in links))


def linked(body: Any, *links: tuple[str, str]) -> Reply:
    """An answer with these addresses and what they are to it; no header when there are none."""
    text = ",".join(f'<{url}>; rel="{rel}"' for url, rel in links)
    return Reply(body, headers={"Link": text} if links else {})


def address(call: Call, **changes: Any) -> str:
    """The address of this request with query members changed, or taken away by None."""
    kept = [(name, value) for name, value in call.request.query_pairs() if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    query = urlencode(kept + added)
    return call.url(call.request.path) + (f"?{query}" if query else "")


def cursor(*position: str | int | None) -> str:
    """A place in a list as clients carry it around."""
    return urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=").decode()


def place_of(text: str, *kinds: type) -> tuple[Any, ...]:
    """The place in a list that a cursor stands for, made of these kinds of value."""
    try:
        raw = urlsafe_b64decode(text[:LONGEST_CURSOR].encode("ascii") + b"=" * (-len(text) % 4))
        position = orjson.loads(raw)
    except (NotBase64Error, ValueError):
        raise BadRequestError("The cursor is none that was given out here.") from None
    fits = isinstance(position, list) and len(position) == len(kinds)
    if not fits or not all(map(_is, position, kinds)) or cursor(*position) != text:
        raise BadRequestError("The cursor is none that was given out here.")
    return tuple(position)


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (isinstance(value, bool) and kind is int)
