"""The meeting of surfaces as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archcheck.surface import Model, Settings


class Contract:
    """Compares what the surfaces tell of themselves."""

    def meet(self, told: Mapping[str, Sequence[tuple[str, bytes]]], settings: Settings) -> Model | None:
        """A model of what the surfaces have in common; None when they have nothing."""
        from archcheck.surfaces.contract.model import Met
        from archcheck.surfaces.openapi import interface
        from archcheck.surfaces.python import served

        specs = [interface.decode(data) for _, data in told.get("openapi", ()) if data]
        code = [served.decode(data) for _, data in told.get("python", ()) if data]
        apps = [app for each in code for app in each.apps]
        if not specs or not (apps or settings.pairs):
            return None
        return Met(specs, apps, settings.pairs)
