"""Checks for the words under `format` that only this API's spec has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from zoneinfo import available_timezones

# RFC 5646, section 2.1, without the grandfathered tags of its appendix.
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"  # language
    r"(?:-[a-z]{4})?"  # script
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"  # region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*"  # extensions
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"  # private use
    r"|x(?:-[a-z0-9]{1,8})+",
    re.IGNORECASE | re.ASCII,
)
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_LONGEST_ADDRESS = 254


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def is_language_tag(text: str) -> bool:
    """Whether the text has the form of a BCP 47 tag."""
    return _TAG.fullmatch(text) is not None


def is_time_zone(text: str) -> bool:
    """Whether the text names a time zone that is known."""
    return text in _time_zones()


def is_json(text: str) -> bool:
    """Whether the text is JSON."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def addresses(text: str) -> list[str]:
    """The entries of a list of e-mail addresses, each once, as far as they are written."""
    return list(dict.fromkeys(part for each in re.split("[;,]", text) if (part := each.strip())))


def is_address_list(text: str) -> bool:
    """Whether everything between the separators is an e-mail address."""
    return all(
        len(each) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(each) for each in addresses(text)
    )


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "bcp47": is_language_tag,
    "email-list": is_address_list,
    "iana-timezone": is_time_zone,
    "json": is_json,
}
