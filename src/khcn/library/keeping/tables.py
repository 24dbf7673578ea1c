"""Which tables of the library go into a bag, and how rows name people and units of the installation.

Every table of the app is kept unless it stands in ``NOT_KEPT`` with its reason; a new area keeps its tables by doing
nothing. References to other rooms are written by name (a person's user name, a unit's key), since their numbers mean
nothing elsewhere; a column that refers to anything else must stand in ``EMPTIED``.
"""

from typing import Any, Final

from django.apps import apps
from django.db import models

from khcn.orgs.models import Unit, User

APP: Final = "library"
NOT_KEPT: Final = {
    "indexchange": "follows from the works; written anew for each",
    "indexhistory": "names the database that an index was made from",
    "filecheck": "speaks of the disk of this machine",
}
# Columns that speak of other rooms' rows which do not travel; they are written empty.
EMPTIED: Final = {"importbatch": {"job_id"}}


def table_name(model: type[models.Model]) -> str:
    """Return the name of a table in a bag: that of its model, in lower case."""
    return str(model._meta.model_name)


def kept_models() -> list[type[models.Model]]:
    """Return every kept table of the library, those between two tables last, always in the same order."""
    found = apps.get_app_config(APP).get_models(include_auto_created=True)
    kept = [model for model in found if table_name(model) not in NOT_KEPT and not model._meta.proxy]
    return sorted(kept, key=lambda model: (bool(model._meta.auto_created), table_name(model)))


def kept_columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the columns of a table that are written."""
    emptied = EMPTIED.get(table_name(model), set())
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in emptied and not refers_elsewhere(field)
    ]


def target_of(field: models.Field[Any, Any]) -> type[models.Model] | None:
    """Return the table that a column refers to, if it refers to one."""
    found = field.related_model if isinstance(field, models.ForeignKey) else None
    return found if isinstance(found, type) else None


def refers_elsewhere(field: models.Field[Any, Any]) -> bool:
    """Whether a column refers to a room whose rows do not travel."""
    target = target_of(field)
    return target is not None and target not in (Unit, User) and target._meta.app_label != APP
