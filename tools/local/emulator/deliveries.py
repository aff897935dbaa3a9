"""Bridge for deliveries of logs: their ids in MiniStack 1.5.33 have hyphens, which AWS's models refuse."""

from uuid import uuid4

from ministack.services import cloudwatch_logs  # type: ignore[import-untyped]  # MiniStack has no type hints


def install() -> None:
    """Patch MiniStack with the function of this module. Call once, before the emulator serves."""
    cloudwatch_logs.new_uuid = lambda: uuid4().hex
