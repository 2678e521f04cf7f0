"""What can be refused and what can be mistaken."""

from __future__ import annotations

import pytest

from greenroom.emulator import toolkit
from greenroom.emulator.toolkit import ApiError, ConflictError, GreenroomError, Violation


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("ApiError", 400, "error"),
        ("InvalidError", 400, "invalid"),
        ("UnauthorizedError", 401, "unauthorized"),
        ("ForbiddenError", 403, "forbidden"),
        ("NotFoundError", 404, "not_found"),
        ("ConflictError", 409, "conflict"),
        ("GoneError", 410, "gone"),
        ("RateLimitedError", 429, "rate_limited"),
    ],
)
def test_refusals_have_a_status_and_a_code(name: str, status: int, code: str) -> None:
    error = getattr(toolkit, name)("Not so.")
    assert isinstance(error, ApiError)
    assert (error.status, error.code, error.detail, str(error)) == (
        status,
        code,
        "Not so.",
        "Not so.",
    )
    assert (error.headers, error.violations, error.subject, error.identifier) == (
        {},
        (),
        None,
        None,
    )


def test_one_refusal_may_differ_from_its_kind() -> None:
    error = ConflictError("Taken.", status=422, code="taken", subject="name", identifier="x")
    assert (error.status, error.code, error.subject, error.identifier) == (
        422,
        "taken",
        "name",
        "x",
    )
    assert (ConflictError.status, ConflictError.code) == (409, "conflict")


@pytest.mark.parametrize("name", ["SpecMismatchError", "ScenarioError", "ControlError"])
def test_mistakes_are_no_refusals(name: str) -> None:
    mistake = getattr(toolkit, name)("Not so.")
    assert isinstance(mistake, GreenroomError)
    assert not isinstance(mistake, ApiError)


def test_a_violation_tells_its_place_as_pointer_and_as_dotted_name() -> None:
    violation = Violation("body", ("a/b", 0, "c~d"), "type", "string", 1, "must be string.")
    assert (violation.pointer, violation.field) == ("/a~1b/0/c~0d", "a/b.0.c~d")
    whole = Violation("body", (), "type", "object", 1, "must be object.")
    assert (whole.pointer, whole.field) == ("", "")
