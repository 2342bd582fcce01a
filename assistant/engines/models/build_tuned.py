"""Keeps what training added to the published weights (``tuned.npz``); owns that file's format.

A change of a matrix is small beside the matrix, so eight bits with one scale per row lose nothing that counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.engines.models.build_source import Floats

MOST = 127


@dataclass(frozen=True, slots=True)
class Tuned:
    """Changes by tensor name of the search branch and of the mood branch, and the mood branch's own ``head``."""

    search: Mapping[str, Floats]
    mood: Mapping[str, Floats]
    head: Mapping[str, Floats]


def write(path: Path, tuned: Tuned) -> None:
    """Write the file."""
    kept: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {}
    for branch, changes in (("search", tuned.search), ("mood", tuned.mood)):
        for name, change in changes.items():
            if change.ndim == 1:
                kept[f"{branch}/{name}"] = change.astype(np.float32)
                continue
            scale = np.maximum(np.abs(change).max(axis=1) / MOST, 1e-12).astype(np.float32)
            kept[f"{branch}/{name}"] = np.rint(change / scale[:, None]).astype(np.int8)
            kept[f"{branch}/{name}/scale"] = scale
    np.savez_compressed(path, **kept, **{f"head/{name}": values for name, values in tuned.head.items()})  # type: ignore[arg-type]


def read(path: Path) -> Tuned:
    """Read it. Raises OSError or ValueError if it is missing or broken."""
    with np.load(path, allow_pickle=False) as kept:
        found = {name: np.asarray(kept[name]) for name in kept.files}
    parts: dict[str, dict[str, Floats]] = {"search": {}, "mood": {}, "head": {}}
    for name, values in found.items():
        branch, _, tensor = name.partition("/")
        if not tensor.endswith("/scale"):
            scale = found.get(f"{name}/scale")
            parts[branch][tensor] = np.asarray(values if scale is None else values * scale[:, None], np.float32)
    return Tuned(parts["search"], parts["mood"], parts["head"])
