"""What tariffs allow: quotas, modules and the features of modules."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.errors import FeatureDisabledError, FeatureNotInTariffError

# dossier 6.6
MODULES: dict[str, list[str]] = {
    "breakout": [],
    "chat": [],
    "core": ["call_in"],
    "echo": [],
    "integration": ["outlook"],
    "media": [],
    "moderation": [],
    "polls": [],
    "protocol": [],
    "recording": [],
    "shared_folder": [],
    "timer": [],
    "whiteboard": [],
}
CALL_IN = "call_in"


def tariff_of(call: Call, user_id: str) -> Json:
    """The tariff of the user with this id."""
    user = call.collection("users").get(user_id)
    return call.shared("tariffs").get(user["tariff_id"])


def is_disabled(tariff: Json, module: str, feature: str) -> bool:
    """Whether the tariff has this feature of a module switched off."""
    names = {f"{module}::{feature}"} | ({feature} if module == "core" else set())
    return bool(names.intersection(tariff["disabled_features"]))


def can_call_in(call: Call, owner_id: str) -> bool:
    """Whether rooms of this user can be reached by phone."""
    return call.option("call_in") and not is_disabled(tariff_of(call, owner_id), "core", CALL_IN)


def need_call_in(call: Call, owner_id: str) -> None:
    """Refuse what is about phones where they are switched off."""
    if not call.option("call_in"):
        raise FeatureDisabledError(f"core::{CALL_IN}")
    if is_disabled(tariff_of(call, owner_id), "core", CALL_IN):
        raise FeatureNotInTariffError(f"core::{CALL_IN}")
