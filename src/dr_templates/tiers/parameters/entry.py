"""What one parameter is: its place in the console's form, its type and bounds, and its words."""

from typing import NamedTuple

from troposphere import Parameter

UNRESOLVED = r"\{\{.*\}\}"


class Entry(NamedTuple):
    """A parameter before it has a name; ``wired`` marks one that another stack's output usually fills."""

    group: str
    label: str
    description: str
    type: str = "String"
    default: str | int | None = None
    pattern: str | None = None
    allowed: tuple[str | int, ...] = ()
    low: int | None = None
    high: int | None = None
    longest: int | None = None
    wired: bool = False

    def parameter(self, name: str, *, nested: bool) -> Parameter:
        """Give the troposphere parameter.

        In a nested template the pattern of a wired parameter also admits a placeholder: while a nested change set is
        being made, CloudFormation passes ``{{IntrinsicFunction:…}}`` for an output that does not exist yet, and a
        pattern that refuses it refuses the plan (github.com/aws-cloudformation/rain/issues/526).
        """
        shape: dict[str, object] = {"Type": self.type, "Description": self.description}
        if self.default is not None:
            shape["Default"] = self.default
        if self.pattern is not None:
            shape["AllowedPattern"] = (
                f"^({self.pattern}|{UNRESOLVED})$" if nested and self.wired else f"^{self.pattern}$"
            )
        if self.allowed:
            shape["AllowedValues"] = list(self.allowed)
        if self.low is not None:
            shape["MinValue"] = self.low
        if self.high is not None:
            shape["MaxValue"] = self.high
        if self.longest is not None:
            shape["MaxLength"] = self.longest
        return Parameter(name, **shape)
