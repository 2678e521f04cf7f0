"""The specs as served, and a page to browse them in, from packaged files only."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import orjson
import yaml

from greenroom.emulator.engine.exchange import Mount
from greenroom.emulator.toolkit import Json, Reply
from greenroom.emulator.yaml_documents import load_yaml

_ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="ui/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="page"></div>
<script src="ui/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{
  url: "openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], displayRequestDuration: true
}});
</script>
</body>
</html>
"""


@cache
def _asset(name: str) -> bytes:
    vendor = files("swagger_ui_bundle") / "vendor"
    folder = next(each for each in vendor.iterdir() if each.name.startswith("swagger-ui"))
    return (folder / name).read_bytes()


def served(mount: Mount, base: str) -> Json:
    """The spec with `servers` naming the address it is served at."""
    server = {"url": base, "description": "This emulator"}
    return {**mount.spec, "servers": [server]}


def document(mount: Mount, rest: str, base: str) -> Reply | None:
    """The reply for a description, `ui` or an asset of its; None for anything else."""
    if rest == "openapi.json":
        return Reply(served(mount, base), 200, media_type="application/json")
    if rest == "openapi.yaml":
        text = as_yaml(served(mount, base))
        return Reply(text.encode(), 200, media_type="application/yaml")
    if rest in ("asyncapi.json", "asyncapi.yaml"):
        return _spoken(mount.name, rest, base)
    if rest == "ui":
        title = mount.spec.get("info", {}).get("title", mount.name)
        page = _PAGE.format(title=title.replace("<", "&lt;"))
        return Reply(page.encode(), 200, media_type="text/html; charset=utf-8")
    name = rest.removeprefix("ui/")
    if name in _ASSETS and name != rest:
        headers = {"Cache-Control": "max-age=86400"}
        return Reply(_asset(name), 200, headers, media_type=_ASSETS[name])
    return None


@cache
def _talk(name: str) -> Json | None:
    """What a provider describes of its sockets, if it has any."""
    source = files("greenroom.specs") / f"{name}.asyncapi.yaml"
    return load_yaml(source) if source.is_file() else None


def _spoken(name: str, rest: str, base: str) -> Reply | None:
    """The description of the sockets, `servers` naming the address they are served at."""
    talk = _talk(name)
    if talk is None:
        return None
    parts = urlsplit(base)
    server: Json = {"host": parts.netloc, "protocol": parts.scheme.replace("http", "ws", 1)}
    if parts.path:
        server["pathname"] = parts.path
    told = {**talk, "servers": {"emulator": {**server, "description": "This emulator"}}}
    if rest.endswith(".json"):
        return Reply(told, 200, media_type="application/json")
    return Reply(as_yaml(told).encode(), 200, media_type="application/yaml")


def as_yaml(spec: Json) -> str:
    """The document in YAML, with nothing written as an alias of what stands elsewhere."""
    plain = json.loads(orjson.dumps(spec))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
