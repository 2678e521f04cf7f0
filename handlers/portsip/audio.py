"""Silence as a WAV file: what every recording sounds like."""

from __future__ import annotations

import struct

RATE = 8000  # samples a second, one byte each: what a telephone line carries
LONGEST = 300  # seconds; silence does not get better by going on
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_MIDDLE = b"\x80"


def wav_size(seconds: int) -> int:
    """The size of the file in bytes."""
    return _HEADER.size + min(seconds, LONGEST) * RATE


def silence(seconds: int) -> bytes:
    """The file."""
    samples = min(seconds, LONGEST) * RATE
    riff = (b"RIFF", _HEADER.size - 8 + samples, b"WAVE")
    form = (b"fmt ", 16, 1, 1, RATE, RATE, 1, 8)
    return _HEADER.pack(*riff, *form, b"data", samples) + _MIDDLE * samples
