"""The meeting of surfaces as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archcheck.surface import Model, Settings


class Contract:
    """Compares what the surfaces tell of themselves."""

    def meet(self, told: Mapping[str, Sequence[tuple[str, bytes]]], settings: Settings) -> Model | None:
        """A model of what the surfaces have in common; None when they have nothing."""
        return None
