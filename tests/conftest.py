"""What all tests share: chance that repeats itself."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = "pytester"

settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.register_profile("nightly", deadline=None, database=None, max_examples=500)
settings.load_profile("house")
