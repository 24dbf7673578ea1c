"""What programmes offer to the other rooms, registered when Django is ready: one module an area."""

from importlib import import_module

from khcn.core.demo import register_demo
from khcn.programmes.desk_menu import LEARNING, PROGRAMMES
from khcn.ui.desk import desk_sections

AREAS = (
    "calendar", "registrations", "attendance", "evaluation", "certificates", "contests", "entries", "support",
    "exhibitions", "letters", "joints", "today", "curricula", "training", "readiness", "topics",
)  # fmt: skip


def connect() -> None:
    """Register every area and the section of the desk's menu."""
    desk_sections.register("programmes", PROGRAMMES)
    desk_sections.register("learning", LEARNING)
    for area in AREAS:
        import_module(f"khcn.programmes.{area}_wiring").connect()
    register_demo("programmes", 60, "khcn.programmes.demo")
