"""What the area ``comms`` offers to the other rooms, and what the plan does when units follow one another."""

from khcn.orgs.services.units import succession_followers
from khcn.plan.services.handover import PlanFollower

FOLLOWER = PlanFollower()


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    succession_followers.register("plan", FOLLOWER)
