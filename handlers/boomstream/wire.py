"""How Boomstream speaks: XML unless asked for JSON, and HTTP 200 also when it means no."""

from __future__ import annotations

from typing import Any

from greenroom.emulator.toolkit import ApiError, Call, Json, Reply, Request, Wire
from greenroom.handlers.boomstream.auth import bearer, presenting
from greenroom.handlers.boomstream.errors import FailedError
from greenroom.handlers.boomstream.pages import refusal_page
from greenroom.handlers.boomstream.parameters import in_body, in_query, is_json
from greenroom.handlers.boomstream.xml import write_xml

JSON, XML, HTML = (
    "application/json; charset=utf-8",
    "application/xml; charset=utf-8",
    "text/html; charset=utf-8",
)
VERSIONS = {
    "1.0": "Boomstream API v.1.0 loads by default",
    "1.1": "Boomstream API v.1.1. Add &ver=1.1 to the HTTP request to use it.",
    "1.2": "Boomstream API v.1.2. Add &ver=1.2 to the HTTP request to use it.",
}
MESSAGES = {
    401: "Invalid API key",
    404: "Method not found",
    405: "Method not allowed",
    500: "Internal error",
}


def read_request(request: Request) -> Request:
    """Gather the parameters; the body wins over the query, a parameter over the header."""
    sent, refusal = {}, None
    try:
        sent = in_query(request)
        sent |= in_body(request)
    except ApiError as error:
        refusal = error
    if "apikey" in sent:
        request = presenting(sent["apikey"], request)
    elif token := bearer(request):
        sent["apikey"] = token
    return request.replaced(given={"sent": sent, "refusal": refusal})


def write_reply(reply: Reply, call: Call) -> Reply:
    """Add the status, and the trailer where it belongs; pages go out as they are."""
    if isinstance(reply.body, bytes):
        return reply
    reply.body["Status"] = "Success"
    if _is_info(call) or call.option("trailer") == "always":
        reply.body |= _versions(call.request) | _request_uri(call.request)
    reply.media_type = media_type(call.request)
    return reply


def write_error(error: ApiError, request: Request) -> Reply:
    """Say no in the language of the request: a page to a browser, else a failure."""
    message = error.detail or "Internal error"
    if not isinstance(error, FailedError):
        message = MESSAGES.get(error.status, message)
    if request.path == "/invite.html":
        return Reply(refusal_page(message), status=error.status, media_type=HTML)
    if not request.given:
        request = read_request(request)
    body = {"Message": message, "Status": "Failed", **_versions(request)}
    if request.options.get("trailer") == "always":
        body |= _request_uri(request)
    return Reply(body, status=error.status, media_type=media_type(request))


def media_type(request: Request) -> str:
    """How to answer: JSON to JSON and to who asks for it, XML to everybody else."""
    wanted = is_json(request) or request.given["sent"].get("format") == "json"
    return JSON if wanted else XML


def _is_info(call: Call) -> bool:
    return call.operation is not None and call.operation.path == "/api/conference/info"


def _versions(request: Request) -> Json:
    asked: Any = request.given["sent"].get("ver")
    return {
        "Version": asked if isinstance(asked, str) and asked in VERSIONS else "1.0",
        "Versions": [
            {"version": version, "description": description}
            for version, description in VERSIONS.items()
        ],
    }


def _request_uri(request: Request) -> Json:
    return {"RequestURI": f"{request.path}?{request.query}" if request.query else request.path}


WIRE = Wire(
    read_request=read_request,
    write_reply=write_reply,
    write_error=write_error,
    writers={"application/xml": write_xml},
)
