"""A load generator small enough not to be what is measured: raw sockets, keep-alive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Sample:
    """What one burst of requests measured."""

    requests: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu(self) -> float:
        """CPU seconds of the server per 1,000 requests."""
        return self.cpu_seconds / self.requests * 1000

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used, user and system."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    raise LookupError(f"no process {pid}")


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    """Sends one request after the other until time is up."""

    def __init__(self, make: Callable[[], bytes], until: float, sample: Sample) -> None:
        self._make, self._until, self._sample = make, until, sample
        self._buffer = b""
        self._sent = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(rest) < length:
            return
        now = time.perf_counter()
        sample = self._sample
        sample.latencies.append(now - self._sent)
        sample.requests += 1
        status = int(head[9:12])
        sample.statuses[status] = sample.statuses.get(status, 0) + 1
        self._buffer = b""
        if now < self._until:
            self._next()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(error)

    def _next(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._make())  # type: ignore[attr-defined]  # a stream transport


def burst(
    port: int, pid: int, make: Callable[[], bytes], *, seconds: float, connections: int
) -> Sample:
    """Load the server for that long from so many connections."""

    async def run() -> Sample:
        loop = asyncio.get_running_loop()
        sample = Sample()
        began, used = time.perf_counter(), cpu_seconds(pid)
        protocols = []
        for _ in range(connections):
            _, protocol = await loop.create_connection(
                lambda: _Connection(make, began + seconds, sample), "127.0.0.1", port
            )
            protocols.append(protocol)
        await asyncio.gather(*(protocol.done for protocol in protocols))
        sample.seconds = time.perf_counter() - began
        sample.cpu_seconds = cpu_seconds(pid) - used
        return sample

    return asyncio.run(run())
