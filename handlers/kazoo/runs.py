"""Runs: what is live in a conference, from the first participant to the last."""

from __future__ import annotations

from collections.abc import Mapping

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.events import conference_event, participant_event, published
from greenroom.handlers.kazoo.gregorian import seconds_between

SWITCH = "freeswitch@fs1.greenroom.example"
ENERGY_LEVEL = 20
TALKING = {"talking": True, "current_energy": 640}
SILENT = {"talking": False, "current_energy": 0}
IDLE: Json = {"is_locked": False, "started_at": None, "conference_uuid": None, "joined": 0}
CHANGES: Mapping[str, Json] = {
    "mute": {"speak": False, **SILENT},
    "unmute": {"speak": True},
    "deaf": {"hear": False},
    "undeaf": {"hear": True},
}


def participants_of(call: Call, conference_id: str) -> list[Json]:
    """Who is in, by ascending participant id."""
    found = call.collection("participants").find(conference_id=conference_id)
    return sorted(found, key=lambda each: each["participant_id"])


def participant_of(call: Call, conference_id: str, participant_id: str) -> Json | None:
    """The participant with this number, if anybody has it."""
    participants = call.collection("participants")
    key = _key(conference_id, participant_id.lstrip("0"))
    return participants.get(key) if key in participants else None


def _key(conference_id: str, number: int | str) -> str:
    return f"{conference_id}:{number}"


def run_of(call: Call, conference_id: str) -> Json:
    """The run of a conference; an idle one has begun nowhere and is unlocked."""
    runs = call.collection("runs")
    return runs.get(conference_id) if conference_id in runs else IDLE | {"id": conference_id}


def _keep(call: Call, run: Json) -> None:
    """Keep the run; an idle one that nobody has locked is not worth a record."""
    runs = call.collection("runs")
    if run["id"] not in runs:
        if run["started_at"] or run["is_locked"]:
            runs.add(run)
    elif run["started_at"] or run["is_locked"]:
        runs.save(run)
    else:
        runs.remove(run["id"])


def lock(call: Call, conference_id: str) -> None:
    """Keep everybody out who is not in yet, even while nobody is, unless told otherwise."""
    run = run_of(call, conference_id)
    if run["started_at"] or call.option("lock_when_empty"):
        _keep(call, run | {"is_locked": True})
        if not run["is_locked"]:
            _tell_all(call, "lock", run)


def unlock(call: Call, conference_id: str) -> None:
    """Let people in again."""
    run = run_of(call, conference_id)
    _keep(call, run | {"is_locked": False})
    if run["is_locked"]:
        _tell_all(call, "unlock", run)


def _tell_all(call: Call, name: str, run: Json) -> None:
    """Tell what became of the conference, if that is told."""
    if name in published(call):
        call.emit(conference_event(call, name, run["id"], run["conference_uuid"]))


def _tell(call: Call, name: str, participant: Json) -> None:
    """Tell what became of a participant, if that is told."""
    if name in published(call):
        call.emit(participant_event(call, name, participant))


def live_values(call: Call, conference_id: str) -> Json:
    """What is going on: how many are in, since when, whether the door is locked."""
    run = run_of(call, conference_id)
    inside = participants_of(call, conference_id)
    admins = sum(each["is_moderator"] for each in inside)
    return {
        "members": len(inside) - admins,
        "admins": admins,
        "moderators": admins,
        "duration": seconds_between(run["started_at"], call.now()) if run["started_at"] else 0,
        "is_locked": run["is_locked"],
    }


def enter(call: Call, conference: Json, caller: Json, *, is_moderator: bool) -> Json:
    """Let a caller in, muted or deaf as the conference has it for the role."""
    now, rules = call.now().isoformat(), conference["moderator" if is_moderator else "member"]
    run = run_of(call, conference["id"])
    begun = {"started_at": run["started_at"] or now, "joined": run["joined"] + 1}
    uuid = run["conference_uuid"] or call.ids.uuid()
    _keep(call, run | begun | {"conference_uuid": uuid})
    if not run["started_at"]:
        _tell_all(call, "conference-create", run | {"conference_uuid": uuid})
    entered = call.collection("participants").add(
        {
            "id": _key(conference["id"], begun["joined"]),
            "conference_id": conference["id"],
            "participant_id": begun["joined"],
            "call_id": call.ids.uuid(),
            "conference_uuid": uuid,
            "switch_hostname": SWITCH,
            "is_moderator": is_moderator,
            "speak": not rules["join_muted"],
            "hear": not rules["join_deaf"],
            "floor": False,
            "video": False,
            "mute_detect": False,
            "energy_level": ENERGY_LEVEL,
            "joined_at": now,
            **SILENT,
            **caller,
        }
    )
    _tell(call, "add-member", entered)
    return entered


def change(call: Call, participant: Json, action: str) -> None:
    """Mute, deafen or remove one participant, or take it back; what is so already is not told."""
    if action == "kick":
        leave(call, participant)
    elif participant | CHANGES[action] != participant:
        changed = call.collection("participants").save(participant | CHANGES[action])
        _tell(call, f"{action}-member", changed)


def talk(call: Call, participant: Json) -> None:
    """Give a participant a voice and the floor; of the muted nothing is heard."""
    if not participant["speak"]:
        return
    participants = call.collection("participants")
    for other in participants_of(call, participant["conference_id"]):
        if other["floor"]:
            participants.save(other | {"floor": False})
    talker = participants.save(participant | TALKING | {"floor": True})
    if not participant["talking"]:
        _tell(call, "start-talking", talker)


def fall_silent(call: Call, participant: Json) -> None:
    """Let a participant fall silent; the floor stays until somebody else talks."""
    silent = call.collection("participants").save(participant | SILENT)
    if participant["talking"]:
        _tell(call, "stop-talking", silent)


def switch_video(call: Call, participant: Json, *, on: bool) -> None:
    """Switch a participant's camera on or off."""
    call.collection("participants").save(participant | {"video": on})


def leave(call: Call, participant: Json) -> None:
    """Let a participant go; with the last one the run ends, its lock with it."""
    participants, conference_id = call.collection("participants"), participant["conference_id"]
    _tell(call, "del-member", participants.remove(participant["id"]))
    if not participants.count(conference_id=conference_id):
        _tell_all(call, "conference-destroy", run_of(call, conference_id))
        _keep(call, IDLE | {"id": conference_id})


def end(call: Call, conference_id: str) -> None:
    """Remove everybody, and the lock."""
    for participant in participants_of(call, conference_id):
        leave(call, participant)
    _keep(call, IDLE | {"id": conference_id})
