"""A plausible meeting out of nothing: who comes, talks, drops out, returns and leaves, and when."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from greenroom.emulator.scripts import Step, schedule
from greenroom.emulator.toolkit import ApiError, Call, ConflictError, Json
from greenroom.emulator.toolkit.writing import instant_text
from greenroom.state import RecordConflictError, RecordNotFoundError, Store

if TYPE_CHECKING:
    from random import Random  # noqa: TID251 - names the type of the store's source of chance

_NAMES = [
    "Ada",
    "Amari",
    "Bela",
    "Chidi",
    "Dana",
    "Elif",
    "Emil",
    "Farah",
    "Grace",
    "Hana",
    "Ines",
    "Ivo",
    "Jonas",
    "Kim",
    "Lea",
    "Luka",
    "Maya",
    "Mio",
    "Nils",
    "Noor",
    "Olga",
    "Pia",
    "Priya",
    "Quinn",
    "Rosa",
    "Sami",
    "Taro",
    "Uma",
    "Vera",
    "Wim",
    "Yara",
    "Zoe",
]
MOST_TRIED = 100  # meetings, when none is given
_JOIN, _LEAVE = "participant_joins", "participant_leaves"
_TALK, _SILENT = "participant_talks", "participant_goes_silent"
_ONCE = (  # what one of them does for a while, where there is such a thing
    ("participant_raises_hand", "participant_lowers_hand"),
    ("participant_mutes", "participant_unmutes"),
)


@dataclass(frozen=True, slots=True)
class _Visit:
    """Somebody is in from one second to another, known by a name of their own."""

    key: str
    name: str
    begin: int
    end: int

    def lasts(self, begin: int, end: int) -> bool:
        """Whether they are in all the while."""
        return self.begin < begin and end < self.end


_Doing: TypeAlias = tuple[int, str, _Visit]  # when, in seconds; what; and who


def populating(
    stimuli: Mapping[str, Callable[..., Any]], meetings: str = ""
) -> Callable[..., Json] | None:
    """The stimulus that plays a whole meeting with these; none where nobody can join.

    `meetings` names the collection in which one is found when none is given.
    """
    join = stimuli.get(_JOIN)
    if join is None:
        return None
    accepted = inspect.signature(join).parameters.keys()

    def populate(
        call: Call,
        meeting: str | None = None,
        people: Annotated[int, {"minimum": 1, "maximum": 100}] = 5,
        minutes: Annotated[int, {"minimum": 1, "maximum": 480}] = 10,
        seed: int | None = None,
        pin: str | None = None,
    ) -> Json:
        """Let a plausible meeting take place from now on; the same seed plans the same one."""
        seed = call.random.randrange(2**31) if seed is None else seed
        chance, length = Store(seed=seed, frozen=True).random, minutes * 60
        names, named = _names(people, chance), "name" in accepted
        known = {"pin": pin} if pin and "pin" in accepted else {}
        places = [meeting] if meeting is not None else _meetings(call, meetings)
        openings = [{"meeting": place, **known} for place in places]
        guests = _first_guests(call, join, names, openings, named=named)
        visits = list(_visits(list(guests), length, chance))
        steps = [
            _step(doing, guests)
            for doing in sorted(_doings(visits, length, chance), key=lambda each: each[0])
            if doing[1] in stimuli
        ]
        return {
            "meeting": guests[next(iter(guests))]["meeting"],
            "seed": seed,
            "people": list(guests),
            **_begin(call, steps, timedelta(minutes=minutes)),
            "steps": [step.shown() for step in steps],
        }

    return populate


def _names(people: int, chance: Random) -> list[str]:
    rounds = [f" {number}" if number > 1 else "" for number in range(1, people // len(_NAMES) + 2)]
    mixed = [name + behind for behind in rounds for name in chance.sample(_NAMES, len(_NAMES))]
    return mixed[:people]


def _meetings(call: Call, collection: str) -> list[str]:
    """The meetings there are, as many as are worth a try."""
    found = call.everywhere(collection) if collection else ()
    return [record["id"] for _, record in islice(found, MOST_TRIED)]


def _first_guests(
    call: Call,
    join: Callable[..., Any],
    names: Sequence[str],
    openings: Sequence[Json],
    *,
    named: bool,
) -> dict[str, Json]:
    """Who would be let into the first of these that lets anybody in; if none does, why not."""
    refusal: Exception = ConflictError("There is no meeting to come to; give the id of one.")
    for opening in openings:
        try:
            return _guests(call, join, names, opening, named=named)
        except (ApiError, RecordConflictError, RecordNotFoundError) as error:
            refusal = error
    raise refusal


def _guests(
    call: Call, join: Callable[..., Any], names: Sequence[str], opening: Json, *, named: bool
) -> dict[str, Json]:
    """Who of them would be let in, were it now, and with what; nothing comes of the attempt.

    Where only certain people are expected, nobody may know these names: then whoever is comes.
    Where nobody would be let in at all, that is raised.
    """
    attempt = copy(call)
    attempt.request = call.request.replaced(leaving=None)
    attempt.store = call.store.fork()
    guests: dict[str, Json] = {}
    refusal: Exception | None = None
    for name in names:
        for arguments in ({**opening, "name": name}, opening) if named else (opening,):
            try:
                with attempt.store.transaction():
                    join(attempt, **arguments)
            except (ApiError, RecordConflictError, RecordNotFoundError) as error:
                refusal = error
            else:
                guests[name] = arguments
                break
    if refusal is not None and not guests:
        raise refusal
    return guests


def _begin(call: Call, steps: Sequence[Step], length: timedelta) -> Json:
    """Let it happen; from when to when."""
    try:
        times = {"begins": call.now(), "ends": call.now() + length}
    except OverflowError:
        raise ConflictError("It would last beyond the end of the calendar.") from None
    schedule(call.store, call.provider, steps, scope=f"{call.ids.count('greenroom.plans')}/")
    return {name: instant_text(at) for name, at in times.items()}


def _step(doing: _Doing, guests: Mapping[str, Json]) -> Step:
    at, do, visit = timedelta(seconds=doing[0]), doing[1], doing[2]
    arguments = guests[visit.name]
    if do == _JOIN:
        return Step(at, do, arguments, {}, visit.key)
    taken = {"participant": (visit.key, "participant")}
    return Step(at, do, {"meeting": arguments["meeting"]}, taken)


def _visits(names: Sequence[str], length: int, chance: Random) -> Iterator[_Visit]:
    """Who is there from when to when: they come early, go late, and one drops out and returns."""
    arrivals = sorted(1 + chance.randrange(min(length // 4, 180)) for _ in names)
    dropping = chance.randrange(len(names)) if len(names) > 1 else None
    for index, (name, begin) in enumerate(zip(names, arrivals, strict=True)):
        key, end = name.lower().replace(" ", "-"), length - chance.randrange(length // 10)
        if index == dropping:
            gone = chance.randrange(length * 2 // 5, length * 3 // 5)
            back = gone + chance.randrange(5, min(length // 6, 60))
            yield _Visit(key, name, begin, gone)
            yield _Visit(f"{key}-again", name, back, end)
        else:
            yield _Visit(key, name, begin, end)


def _doings(visits: Sequence[_Visit], length: int, chance: Random) -> Iterator[_Doing]:
    """Everything that happens, in no order; much of it a provider may have no stimulus for."""
    for visit in visits:
        yield visit.begin, _JOIN, visit
        yield visit.end, _LEAVE, visit
    yield from _talks(visits, length * 7 // 8, chance)
    yield from _once(visits, length, chance)


def _talks(visits: Sequence[_Visit], until: int, chance: Random) -> Iterator[_Doing]:
    """One talks after the other."""
    now = visits[0].begin
    while (now := now + chance.randint(1, 6)) < until:
        end = min(now + chance.randint(4, 25), until)
        there = [visit for visit in visits if visit.lasts(now, end)]
        if there:
            speaker = chance.choice(there)
            yield now, _TALK, speaker
            yield end, _SILENT, speaker
            now = end


def _once(visits: Sequence[_Visit], length: int, chance: Random) -> Iterator[_Doing]:
    """Things that one of them does and takes back."""
    for do, undo in _ONCE:
        now = chance.randrange(length * 3 // 10, length * 7 // 10)
        end = now + chance.randint(3, 9)
        there = [visit for visit in visits if visit.lasts(now, end)]
        if there:
            who = chance.choice(there)
            yield now, do, who
            yield end, undo, who
