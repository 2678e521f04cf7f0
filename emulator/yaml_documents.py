"""YAML documents that are to be JSON: read with every key a text."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import ConstructorError

from greenroom.emulator.toolkit import SpecMismatchError

if TYPE_CHECKING:
    SafeLoader = yaml.SafeLoader
else:  # the one in C is not there on every platform
    SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
_LIST, _MAP = "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"


class _Loader(SafeLoader):
    """Builds plain values in one go; the loader's own way takes twice as long."""

    def built(self, node: yaml.Node) -> Any:
        """The value of a node."""
        if node.tag == _TEXT:
            return node.value
        if node.tag == _LIST:
            return [self.built(item) for item in node.value]
        if node.tag != _MAP or not isinstance(node, yaml.MappingNode):
            return self.construct_object(node, deep=True)
        if any(key.tag == _MERGE for key, _ in node.value):
            self.flatten_mapping(node)
        return {self._key(key): self.built(value) for key, value in node.value}

    def _key(self, node: yaml.Node) -> str:
        """A key as JSON has it: YAML reads 200 as a number."""
        if not isinstance(node, yaml.ScalarNode):
            raise ConstructorError(problem="a key must be a text", problem_mark=node.start_mark)
        return node.value if node.tag == _TEXT else str(self.construct_object(node))


def load_yaml(source: Traversable) -> Any:
    """The document in a YAML file; `SpecMismatchError` naming the place when it is not YAML."""
    try:
        loader = _Loader(source.read_text("utf-8"))
        try:
            node = loader.get_single_node()
            return None if node is None else loader.built(node)
        finally:
            loader.dispose()
    except RecursionError:
        raise SpecMismatchError(f"{source.name} is nested too deeply, or in itself") from None
    except (yaml.YAMLError, ValueError, OSError) as error:
        raise SpecMismatchError(f"{source.name} is not YAML: {error}") from None
