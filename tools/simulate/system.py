"""The caches of CloudFront and the store of derivatives, request by request."""

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

type ObjectKey = tuple[int, int]
"""Number of the original and number of the size."""


class Level(IntEnum):
    """The place that served a request of a viewer."""

    EDGE = 0
    REGIONAL = 1
    SHIELD = 2
    ORIGIN = 3


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Layers of caches between viewers and origin.

    Attributes:
        edge_seconds: time for which an edge location keeps an object.
        ttl_seconds: time for which the other caches keep an object.
        regional: number of regional caches; 0 if edge locations fetch from the origin, like the local edge.
        shield: True if Origin Shield is enabled.
    """

    edge_seconds: float
    ttl_seconds: float
    regional: int = 0
    shield: bool = False


@dataclass
class System:
    """Caches and store of one deployment.

    Attributes:
        layout: layers of caches.
        counts: requests, requests by the level that served them, makings and replacements.
    """

    layout: Layout
    counts: Counter[str] = field(default_factory=Counter)
    _expiry: dict[tuple[Level, int, ObjectKey], float] = field(default_factory=dict)
    _stored: set[ObjectKey] = field(default_factory=set)

    def request(self, second: float, location: int, key: ObjectKey, *, service_seconds: float = 0.0) -> Level:
        """Serve a request of a viewer, and keep the object in every cache on its way.

        Args:
            second: arrival of the request.
            location: edge location of the viewer.
            key: the object.
            service_seconds: time until the response of the origin arrives. The caches have the object from
                then on.

        Returns:
            The cache that had the object, or the origin.
        """
        self.counts["requests"] += 1
        missed = []
        level, until = Level.ORIGIN, math.inf
        for place in self._places(location):
            expiry = self._expiry.get((*place, key), -math.inf)
            if expiry > second:
                level, until = place[0], expiry
                break
            missed.append(place)
        if level is Level.ORIGIN and key not in self._stored:
            self._stored.add(key)
            self.counts["makings"] += 1
        for place in missed:
            keeps = self.layout.edge_seconds if place[0] is Level.EDGE else self.layout.ttl_seconds
            # The Age of a response counts: no cache keeps an object longer than the one it came from.
            self._expiry[*place, key] = min(until, second + service_seconds + keeps)
        self.counts[level.name.lower()] += 1
        return level

    def edge_expiry(self, location: int, key: ObjectKey) -> float:
        """Return the second in which the object expires at an edge location."""
        return self._expiry[Level.EDGE, location, key]

    def replace(self, original: int) -> None:
        """Replace an original: its derivatives are gone, and all caches are invalidated."""
        self.counts["replacements"] += 1
        self._stored = {key for key in self._stored if key[0] != original}
        self._expiry = {entry: until for entry, until in self._expiry.items() if entry[2][0] != original}

    def _places(self, location: int) -> list[tuple[Level, int]]:
        places = [(Level.EDGE, location)]
        if self.layout.regional:
            places.append((Level.REGIONAL, location % self.layout.regional))
        if self.layout.shield:
            places.append((Level.SHIELD, 0))
        return places
