"""Where clients of newer releases learn where the API is."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json


def well_known_client(call: Call) -> Json:
    """Name the address of the controller."""
    return {"opentalk_controller": {"base_url": call.url("")}}


def well_known_api(call: Call) -> Json:
    """Name the path of the one version there is."""
    return {"opentalk_api": {"v1": {"base_url": "/v1"}}}
