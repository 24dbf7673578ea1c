"""The settings page of the operator guide, written from the settings model."""

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

_HEAD = """# Cấu hình (settings)

Trang này do `khcn config --markdown` viết ra từ `khcn.config.env.Env`; đừng sửa tay.
This page is written by `khcn config --markdown`; do not edit it by hand.

| Biến (variable) | Mặc định (default) | Ý nghĩa (meaning) |
|---|---|---|
"""


def settings_markdown(model: type[BaseModel]) -> str:
    """Return one table row a setting: variable, default, meaning."""
    rows = []
    for name, field in model.model_fields.items():
        default = field.default
        if field.default_factory is not None or default is PydanticUndefined:
            shown = "theo nơi cài đặt"
        elif default is None:
            shown = "không đặt"
        elif isinstance(default, list):
            shown = f"`{[str(value) for value in default]}`"
        else:
            shown = f"`{default}`"
        rows.append(f"| `KHCN_{name.upper()}` | {shown} | {field.description or ''} |")
    return _HEAD + "\n".join(rows) + "\n"
