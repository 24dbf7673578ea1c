"""What the plan offers to the other rooms, registered when Django is ready: one module an area."""

from khcn.core.demo import register_demo
from khcn.plan import (
    comms_wiring,
    money_wiring,
    plans_wiring,
    progress_wiring,
    register_wiring,
    reports_wiring,
    rolls_wiring,
)
from khcn.plan.desk_menu import PLAN
from khcn.ui.desk import desk_sections


def connect() -> None:
    """Register every area and the section of the desk's menu."""
    desk_sections.register("plan", PLAN)
    for area in (
        plans_wiring, progress_wiring, money_wiring, comms_wiring, reports_wiring, rolls_wiring, register_wiring
    ):  # fmt: skip
        area.connect()
    register_demo("plan", 50, "khcn.plan.demo")
