"""What a test sees of its world: the journal, the outbox and the faults, as lists that are live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, overload

from greenroom.emulator.toolkit import ControlError, Json


class RefusedError(ControlError):
    """The control plane said no to an order; `answer` is its problem document."""

    def __init__(self, line: str, status: int, answer: Json) -> None:
        wrong = [f"{each['pointer']} {each['detail']}" for each in answer.get("errors", ())]
        reason = " ".join([str(answer.get("detail", "No reason was given.")), *wrong])
        super().__init__(f"{line} was answered with {status}: {reason}")
        self.status = status
        self.answer = answer


class Order(Protocol):
    """Sends an order to the control plane of a world and answers with the JSON that comes back."""

    def __call__(
        self, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None
    ) -> Any:
        """What comes back; None when that is nothing, a `RefusedError` when the answer is no."""


class View(Sequence[Json]):
    """A list the control plane keeps; every look at it is a look at what is there now."""

    def __init__(self, order: Order, path: str) -> None:
        self._order = order
        self._path = path

    def find(self, **filters: Any) -> list[Json]:
        """The entries that fit, the newest last; filters are those of the control plane."""
        found: list[Json] = self._order("GET", self._path, params=filters)
        return found

    def clear(self) -> None:
        """Forget all entries."""
        self._order("DELETE", self._path)

    def __iter__(self) -> Iterator[Json]:
        return iter(self.find())

    def __len__(self) -> int:
        return len(self.find())

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> list[Json]: ...
    def __getitem__(self, index: int | slice) -> Json | list[Json]:
        return self.find()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.find() == list(other)

    __hash__ = None  # type: ignore[assignment]  # what it equals changes

    def __repr__(self) -> str:
        return repr(self.find())


class JournalView(View):
    """The exchanges of a world, the newest last."""

    def verify(
        self,
        match: Json,
        *,
        times: int | Mapping[str, int] | None = None,
        body: Json | None = None,
    ) -> list[Json]:
        """The exchanges that match; an `AssertionError` with the nearest misses if too few or many.

        At least one is wanted; `times` says how many, or `{"min": …, "max": …}`. `body` holds
        JSON pointers and what stands there in the request.
        """
        order = {"match": match, "times": times, "body": body}
        try:
            answer = self._order(
                "POST",
                f"{self._path}/verify",
                {name: value for name, value in order.items() if value is not None},
            )
        except RefusedError as error:
            if error.status != 409:
                raise
            raise AssertionError(_miss(match, error.answer)) from None
        exchanges: list[Json] = answer["exchanges"]
        return exchanges


class OutboxView(View):
    """The e-mails and webhook deliveries of a world, the newest last.

    Every look waits until no delivery is on its way; those that are to be tried again wait for
    the clock to be wound.
    """

    def find(self, **filters: Any) -> list[Json]:
        """The entries that fit, the newest last; `settled=False` does not wait."""
        return super().find(**{"settled": True, **filters})

    def redeliver(self, id_: str) -> None:
        """Send a webhook delivery once more."""
        self._order("POST", f"{self._path}/{id_}/redeliver")


class FaultsView(View):
    """The misbehaviour ordered in a world."""

    def add(self, fault: Json) -> Json:
        """Order a misbehaviour: what it matches, how often, its effect; answers it with its id."""
        made: Json = self._order("POST", self._path, fault)
        return made

    def remove(self, id_: str) -> None:
        """Take one back; the delays it causes end."""
        self._order("DELETE", f"{self._path}/{id_}")


def line_of(exchange: Json) -> str:
    """An exchange in one line: id, who, method, path, status and why."""
    words = [exchange["id"], f"{exchange['method']} /{exchange['provider']}{exchange['path']}"]
    if exchange["method"] != "SEND":  # a message over a socket is not answered
        words += ["→", str(exchange["status"] or "no answer")]
    words += [exchange[name] for name in ("operation",) if exchange[name]]
    words += [f"as {exchange['who']}"] if exchange["who"] else []
    line = " ".join(words)
    return f"{line}: {exchange['why']}" if exchange["why"] else line


def _miss(match: Json, answer: Json) -> str:
    lines = [f"{answer['detail']} The match was {match}."]
    for near in answer.get("nearest", ()):
        lines.append(f"  near: {line_of(near['exchange'])}")
        lines += [
            f"    {each['criterion']}: wanted {each['wanted']!r}, got {each['got']!r}"
            for each in near["differences"]
        ]
    return "\n".join(lines)
