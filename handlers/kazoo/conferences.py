"""Conferences: documents that say who may join and how."""

from __future__ import annotations

from urllib.parse import quote

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.kazoo import runs
from greenroom.handlers.kazoo.actions import CONFERENCE_ACTIONS, action_of
from greenroom.handlers.kazoo.documents import accepted, merged, offered, public, written
from greenroom.handlers.kazoo.listings import listed, listing_of
from greenroom.handlers.kazoo.queries import asked
from greenroom.handlers.kazoo.revisions import expect_revision
from greenroom.handlers.kazoo.shapes import (
    conference_shape,
    deleted_conference_shape,
    done_shape,
    live_conference_shape,
    summaries_page,
)


def list_conferences(call: Call) -> Json:
    """Filter first, then order by id, then cut the page."""
    listing = listing_of(call)
    return summaries_page(call, listed(call, listing), listing)


def create_conference(call: Call, account_id: str, body: Json) -> Reply:
    """Keep the document with its defaults; an id that the client brings is taken."""
    document = accepted(call, offered(body["data"]))
    conference = call.collection("conferences").add(written(call, document))
    place = f"/v2/accounts/{account_id}/conferences/{quote(conference['id'], safe='')}"
    return Reply(conference_shape(conference), headers={"Location": call.url(place)})


def get_conference(call: Call, conference_id: str) -> tuple[Json, int]:
    """Show the document, with what is live beside it and not in its revision."""
    conference = call.collection("conferences").get(conference_id)
    expect_revision(call, conference)
    return live_conference_shape(call, conference), 200


def replace_conference(call: Call, conference_id: str, body: Json) -> Json:
    """Write the whole document anew; what is live stays."""
    conferences = call.collection("conferences")
    before = conferences.get(conference_id)
    document = accepted(call, offered(body["data"]), conference_id)
    expect_revision(call, before)
    return conference_shape(conferences.save(written(call, document, before=before)))


def patch_conference(call: Call, conference_id: str, body: Json) -> Json:
    """Merge, then judge what results; what is live stays."""
    conferences = call.collection("conferences")
    before = conferences.get(conference_id)
    changes = call.check("Fields", offered(body["data"]))
    document = accepted(call, merged(public(before), changes), conference_id)
    expect_revision(call, before)
    return conference_shape(conferences.save(written(call, document, before=before)))


def delete_conference(call: Call, conference_id: str) -> Json:
    """End what is live and take the document away; a softly deleted one is kept aside."""
    conferences, deleted = call.collection("conferences"), call.collection("deleted_conferences")
    before = conferences.get(conference_id)
    softly = asked(call, "should_soft_delete", "Switch", True)
    expect_revision(call, before)
    runs.end(call, conference_id)
    conference = written(call, conferences.remove(conference_id), before=before)
    if softly:
        deleted.add(conference | {"id": conference["_rev"], "pvt_deleted": conference_id})
    return deleted_conference_shape(conference)


def perform_conference_action(call: Call, conference_id: str, body: Json) -> Json:
    """Lock or unlock; the revision stays."""
    conference = call.collection("conferences").get(conference_id)
    if action_of(call, body, CONFERENCE_ACTIONS) == "lock":
        runs.lock(call, conference_id)
    else:
        runs.unlock(call, conference_id)
    return done_shape(conference)
