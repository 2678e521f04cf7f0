"""The two ways of this API: as it is documented, and as the server of the same release does it.

What a document can say (statuses, required members, lengths, who signs in) the spec and its
overlay for the live profile say. This table holds what only a handler can do; the numbers are
the rows of dossier 11.
"""

from __future__ import annotations

from dataclasses import dataclass

from greenroom.emulator.toolkit import Call


@dataclass(frozen=True, slots=True)
class Profile:
    """One choice for each thing that the document and the server disagree on."""

    shows_creator: bool  # D1: who created a room, with name and address, or only the id
    no_password: str | None  # D2: what a room without a password shows
    lists_one_invite: bool  # D6: one invite is a list of one
    lists_modules: bool  # D8: the modules of a tariff are a list
    lists_users: bool  # D12: there is a list of all users
    turn_missing: int  # D15: the status when no server is configured
    wrong_pin: int  # D16: the status when a phone caller's id or PIN is wrong
    denies_bare: bool  # D20: no right and no such thing are the same empty 403
    refuses_empty_changes: bool  # D21, D22: a change of nothing is refused
    shows_missing_folder: bool  # D24: an event without a shared folder says so
    always_shows_targets: bool  # D25: every event shows its streaming targets
    expands_single_events: bool  # D28: an event that happens once has one instance
    empties_rooms: bool  # D32: a room goes with its event and its assets
    misses_missing: bool  # D34: what is not there cannot be deleted


DOCS = Profile(
    shows_creator=False,
    no_password="",
    lists_one_invite=True,
    lists_modules=True,
    lists_users=True,
    turn_missing=500,
    wrong_pin=401,
    denies_bare=False,
    refuses_empty_changes=True,
    shows_missing_folder=True,
    always_shows_targets=True,
    expands_single_events=True,
    empties_rooms=True,
    misses_missing=True,
)
LIVE = Profile(
    shows_creator=True,
    no_password=None,
    lists_one_invite=False,
    lists_modules=False,
    lists_users=False,
    turn_missing=204,
    wrong_pin=400,
    denies_bare=True,
    refuses_empty_changes=False,
    shows_missing_folder=False,
    always_shows_targets=False,
    expands_single_events=False,
    empties_rooms=False,
    misses_missing=False,
)
PROFILES = {"docs": DOCS, "live": LIVE}


def profile(call: Call) -> Profile:
    """The profile this world is served in."""
    return PROFILES[call.option("profile")]
