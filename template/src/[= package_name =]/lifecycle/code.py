"""Brings in the model code, and refuses one that was written for another protocol."""

from __future__ import annotations

from .errors import BadInput
from .protocol import PROTOCOL_VERSION, ModelCode


def model_code() -> ModelCode:
    """Return the package `model` as the lifecycle sees it.

    Raises:
        BadInput: It speaks another version of the protocol.
    """
    from .. import model

    return accepted(model)


def accepted(code: ModelCode) -> ModelCode:
    """Return `code` if it speaks this lifecycle's protocol.

    Raises:
        BadInput: It speaks another version.
    """
    if code.PROTOCOL_VERSION != PROTOCOL_VERSION:
        raise BadInput(
            f"model/ speaks protocol {code.PROTOCOL_VERSION}, lifecycle/ {PROTOCOL_VERSION}: "
            "see docs/replacing-the-sample.md, section 'When the protocol changes'"
        )
    return code
