"""The one router of the library: operations of one address must stand in one router, or only the first answers."""

from ninja import Router

router = Router(tags=["library"])
