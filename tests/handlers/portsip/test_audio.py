"""The file behind a recording plays."""

from __future__ import annotations

import wave
from io import BytesIO

import pytest

from greenroom.handlers.portsip.audio import LONGEST, RATE, silence, wav_size


@pytest.mark.parametrize("seconds", [0, 1, 90, LONGEST, LONGEST + 1])
def test_silence_is_as_long_as_the_recording_up_to_a_limit(seconds: int) -> None:
    data = silence(seconds)
    with wave.open(BytesIO(data)) as file:
        assert file.getframerate() == RATE
        assert file.getnframes() == min(seconds, LONGEST) * RATE
        assert set(file.readframes(file.getnframes())) <= {0x80}
    assert len(data) == wav_size(seconds)
