"""How large a request may be."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from greenroom.emulator.toolkit import ApiError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: bytes of body, header fields and target, levels of nesting."""

    body: int = 10 * 1024 * 1024
    headers: int = 64 * 1024
    target: int = 64_000  # a little less than a server can take apart
    nesting: int = 100

    def check(self, target: str, headers: list[tuple[bytes, bytes]]) -> None:
        """Refuse a target with 414 and headers with 431 when they are too large."""
        if len(target) > self.target:
            raise ApiError(
                f"The address is longer than {self.target} characters.",
                status=414,
                code="uri_too_long",
            )
        if sum(map(len, chain.from_iterable(headers))) > self.headers:
            raise ApiError(
                f"The header fields are larger than {self.headers} bytes.",
                status=431,
                code="headers_too_large",
            )
