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
        from archcheck.surfaces.sql import interface as catalog

        specs = [interface.decode(data) for _, data in told.get("openapi", ()) if data]
        # Where no app was found, the modules speak for themselves.
        code = [served.decode(data) for unit, data in told.get("python", ()) if not unit]
        apps = [app for each in code for app in each.apps]
        homes = [home for each in code for home in each.homes]
        histories = [catalog.decode(data) for _, data in told.get("sql", ()) if data]
        if not (specs and (apps or homes or histories)) and not settings.pairs:
            return None
        return Met(specs, apps, settings.pairs, histories, homes)
