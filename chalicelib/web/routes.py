"""The table of routes that Chalice looks in: a feature's are registered when one of them is called.

So a Lambda that answers calls of one feature imports that feature and what it uses, and nothing else. Whoever
lists the routes, as the packaging does, finds all of them.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from chalice.app import Chalice

from chalicelib.web.blueprint import Blueprint

Methods = dict[str, Any]
Feature = Callable[[], Blueprint]


class Routes(MutableMapping[str, Methods]):
    """``features`` maps beginnings of paths to what makes their feature's blueprint; the longest decides."""

    def __init__(self, app: Chalice, features: Mapping[str, Feature]) -> None:
        self._app = app
        self._features = features
        self._registered: set[Feature] = set()
        self._methods: dict[str, Methods] = {}

    def feature(self, path: str) -> Feature | None:
        """Which feature answers at a path."""
        beginnings = [start for start in self._features if f"{path}/".startswith(f"{start}/")]
        return self._features[max(beginnings, key=len)] if beginnings else None

    def __getitem__(self, path: str) -> Methods:
        if path not in self._methods and (feature := self.feature(path)):
            self._register(feature)
        return self._methods.setdefault(path, {})

    def __setitem__(self, path: str, methods: Methods) -> None:
        self._methods[path] = methods

    def __delitem__(self, path: str) -> None:
        del self._methods[path]

    def __iter__(self) -> Iterator[str]:
        for feature in self._features.values():
            self._register(feature)
        return iter(self._methods)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _register(self, feature: Feature) -> None:
        if feature not in self._registered:
            self._registered.add(feature)
            self._app.register_blueprint(feature())
