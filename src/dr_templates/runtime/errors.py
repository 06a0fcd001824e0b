"""The one error the functions raise on purpose."""


class WorkError(Exception):
    """Work that could not be done: ``reason`` is for people, holds no secret, and may reach CloudFormation's events."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
