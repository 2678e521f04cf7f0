"""What the built-in OpenID provider shows to people: the question who they want to be."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

from greenroom.emulator.toolkit import Call, Reply
from greenroom.handlers.opentalk.errors import OidcError
from greenroom.handlers.opentalk.grants import Wish
from greenroom.handlers.opentalk.paging import address

# Nothing on these pages runs, and nothing is loaded from elsewhere.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 28rem; margin: 4rem auto }}
ul {{ list-style: none; padding: 0 }}
a {{ display: block; padding: .75rem 1rem; margin: .5rem 0; border: 1px solid #888;
  border-radius: .5rem; color: inherit; text-decoration: none }}
a:hover, a:focus {{ border-color: #06c; outline: none }}
small {{ opacity: .7 }}
</style>
</head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""
UNSAFE = frozenset({"", "javascript", "data", "vbscript", "file", "blob"})


def people_page(call: Call, path: str) -> Reply:
    """The page where one click says who one is; `path` is where that click leads."""
    people = [
        f'<li><a href="{escape(_choice(call, path, each["id"]))}">'
        f"{escape(each['given_name'])} {escape(each['family_name'])} "
        f"<small>{escape(each['email'])}</small></a></li>"
        for each in call.shared("identities")
    ]
    return _page("Who are you?", "<ul>\n" + "\n".join(people) + "\n</ul>")


def _choice(call: Call, path: str, who: str) -> str:
    _, _, query = address(call, who=who).partition("?")
    return f"{call.url(path)}?{query}"


def message_page(title: str, text: str) -> Reply:
    """A page that says something."""
    return _page(title, f"<p>{escape(text)}</p>")


def _page(title: str, content: str) -> Reply:
    page = PAGE.format(title=escape(title), content=content)
    return Reply(page.encode(), 200, HEADERS, "text/html; charset=utf-8")


def sent_back(wish: Wish, **told: str | None) -> Reply:
    """The browser on its way back to the client, with what it is told."""
    if not is_safe(wish.redirect_uri):
        raise OidcError("invalid_request", "The redirect_uri is no address to go to.")
    added = urlencode({name: value for name, value in told.items() if value is not None})
    base, mark, fragment = wish.redirect_uri.partition("#")
    if not added:
        place = wish.redirect_uri
    elif wish.response_mode == "fragment":
        place = f"{base}#{added}"
    else:
        place = f"{base}{'&' if '?' in base else '?'}{added}{mark}{fragment}"
    return Reply(status=302, headers={"Location": place, "Cache-Control": "no-store"})


def is_safe(uri: str) -> bool:
    """Whether a browser can be sent there and only goes there."""
    try:
        scheme = urlsplit(uri).scheme.lower()
    except ValueError:
        return False
    return scheme not in UNSAFE and uri.isprintable() and uri.isascii() and " " not in uri
