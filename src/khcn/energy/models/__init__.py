"""Models of the energy programme."""

from khcn.energy.models.care import Baseline, Bill, Finding
from khcn.energy.models.devices import Channel, Collector, ConnectionTest, Device, MeterReplacement
from khcn.energy.models.money import EmissionFactor, Price, PriceDecision, SurplusRule, TariffHours, VatRate
from khcn.energy.models.programme import Project, ProjectDocument, ProjectStep, RoofPlan, SavingPlan
from khcn.energy.models.sites import Contract, Roof, Site, System, SystemArray, TariffAssignment
from khcn.energy.models.telemetry import (
    Batch,
    IntervalDay,
    KpiRecord,
    QualityEvent,
    ReadingHour,
    SetAside,
    SiteDay,
    SiteMonth,
    SystemDay,
    Touched,
)

__all__ = [
    "Baseline",
    "Batch",
    "Bill",
    "Channel",
    "Collector",
    "ConnectionTest",
    "Contract",
    "Device",
    "EmissionFactor",
    "Finding",
    "IntervalDay",
    "KpiRecord",
    "MeterReplacement",
    "Price",
    "PriceDecision",
    "Project",
    "ProjectDocument",
    "ProjectStep",
    "QualityEvent",
    "ReadingHour",
    "Roof",
    "RoofPlan",
    "SavingPlan",
    "SetAside",
    "Site",
    "SiteDay",
    "SiteMonth",
    "SurplusRule",
    "System",
    "SystemArray",
    "SystemDay",
    "TariffAssignment",
    "TariffHours",
    "Touched",
    "VatRate",
]
