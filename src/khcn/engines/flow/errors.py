"""What can be wrong with figures given to the flow engine, by code; :mod:`.messages` holds the sentences."""

from typing import Any


class FlowError(Exception):
    """Input that cannot be used. ``code`` and ``params`` choose the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        from khcn.engines.flow.messages import sentence  # noqa: PLC0415  # messages know every code

        return sentence(self.code, self.params)
