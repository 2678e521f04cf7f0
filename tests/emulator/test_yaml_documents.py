"""YAML documents: read as JSON, refused with their place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from greenroom.emulator.toolkit import SpecMismatchError
from greenroom.emulator.yaml_documents import load_yaml

ROOT = Path(__file__).parents[2]


def as_texts(node: object) -> object:
    """The same with every key a text."""
    if isinstance(node, dict):
        return {str(key): as_texts(value) for key, value in node.items()}
    return [as_texts(item) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"a: ["),
        ("b.yaml", b"\xff"),
        ("c.yaml", b"!!python/x 1"),
        ("d.yaml", b"a: !x [1]"),
        ("e.yaml", b"a: !x {b: 1}"),
        ("f.yaml", b"? [a]\n: 1"),
        ("g.yaml", b"a: 1\n---\nb: 2"),
    ],
)
def test_a_file_that_is_not_yaml_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SpecMismatchError, match=rf"^{name} is not YAML: "):
        load_yaml(tmp_path / name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecMismatchError, match=r"^none\.yaml is not YAML: "):
        load_yaml(tmp_path / "none.yaml")


def test_what_holds_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: &a [*a]")
    with pytest.raises(SpecMismatchError, match=r"^a\.yaml is nested too deeply, or in itself"):
        load_yaml(tmp_path / "a.yaml")


def test_keys_are_texts_as_json_has_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("200: {a: [{1.5: yes}]}\nb: ~\ntrue: 0x10\n")
    assert load_yaml(tmp_path / "a.yaml") == {"200": {"a": [{"1.5": True}]}, "b": None, "True": 16}
    (tmp_path / "b.yaml").write_text("")
    assert load_yaml(tmp_path / "b.yaml") is None


def test_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    text = "a: &a {b: 1, c: [2]}\nd: {<<: *a, b: 3}\ne: [*a, *a]\n"
    (tmp_path / "a.yaml").write_text(text)
    assert load_yaml(tmp_path / "a.yaml") == yaml.safe_load(text)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "specs").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_specs_are_read_as_anybody_reads_them(path: Path) -> None:
    anybodys = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    assert load_yaml(path) == as_texts(anybodys)
