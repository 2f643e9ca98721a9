"""Where reports are: the city's districts by point or by name, the map's cells, points that are none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from engagement.text import fold

CELL_RESOLUTION = 9
DEGREES = 100_000
"""Points are kept to this part of a degree, about one metre."""

DEFAULT_SHARE = 0.03
DEFAULT_LEAST = 100
"""A point that so many reports share, and at least so many, is where the city puts what it cannot place.

The busiest real address in a year of New York or San Francisco has 0.6 % of the reports; Boston's city hall,
where it pins what has no address, has 15 %.
"""


@dataclass(frozen=True)
class Districts:
    """The city's districts: codes, GeoJSON outlines (None where there is none), and codes by folded name."""

    codes: Sequence[str] = ()
    outlines: Sequence[dict[str, Any] | None] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> str | None:
        """The code of the district that a file calls `name`, whatever its case, accents and hyphens."""
        return self.names.get(fold(name))


class Finder:
    """Finds districts and cells for many points at once."""

    def __init__(self, districts: Districts) -> None:
        drawn = [
            (code, shape(outline))
            for code, outline in zip(districts.codes, districts.outlines, strict=True)
            if outline
        ]
        self._codes = [code for code, _shape in drawn]
        self._tree = shapely.STRtree([outline for _code, outline in drawn])

    def districts(self, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> list[str | None]:
        """The code for each point; on a common border the first of them; None outside of all."""
        found: list[str | None] = [None] * len(latitudes)
        if not self._codes:
            return found
        points, areas = self._tree.query(shapely.points(longitudes, latitudes), predicate="intersects")
        for point, area in sorted(zip(points.tolist(), areas.tolist(), strict=True), reverse=True):
            found[point] = self._codes[area]
        return found


def cells(latitudes: Iterable[float], longitudes: Iterable[float]) -> list[str]:
    """The map's cell for each point, as texts."""
    return [
        f"{int(h3.latlng_to_cell(latitude, longitude, CELL_RESOLUTION)):x}"
        for latitude, longitude in zip(latitudes, longitudes, strict=True)
    ]
