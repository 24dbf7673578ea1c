"""Models of the plan, its money, its reports and its documents."""

from khcn.plan.models.comms import Campaign, EventPart, KitFile, Outreach, OutsideEvent
from khcn.plan.models.documents import Document, DocumentCounter, DocumentFile
from khcn.plan.models.money import BudgetLine, Estimate, MoneyEntry, MoneyFile
from khcn.plan.models.plans import Plan, PlanIndicator, PlanVersion, Section, Task, TaskUnit
from khcn.plan.models.regimes import OutlineItem, Regime, RegimeIndicator, RegimeRule, Reminder, ReportPeriod
from khcn.plan.models.reports import (
    ReportException,
    ReportFigure,
    ReportFile,
    ReportStep,
    ReportText,
    UnitReport,
)
from khcn.plan.models.rolls import Consolidation, RollText
from khcn.plan.models.work import Evidence, FeedToken, ProgressNote, WorkItem, WorkStep

__all__ = [
    "BudgetLine",
    "Campaign",
    "Consolidation",
    "Document",
    "DocumentCounter",
    "DocumentFile",
    "Estimate",
    "EventPart",
    "Evidence",
    "FeedToken",
    "KitFile",
    "MoneyEntry",
    "MoneyFile",
    "OutlineItem",
    "Outreach",
    "OutsideEvent",
    "Plan",
    "PlanIndicator",
    "PlanVersion",
    "ProgressNote",
    "Regime",
    "RegimeIndicator",
    "RegimeRule",
    "Reminder",
    "ReportException",
    "ReportFigure",
    "ReportFile",
    "ReportPeriod",
    "ReportStep",
    "ReportText",
    "RollText",
    "Section",
    "Task",
    "TaskUnit",
    "UnitReport",
    "WorkItem",
    "WorkStep",
]  # fmt: skip
