"""Regions that are dark inside: nothing there is started by a schedule or an event, and state machines get nowhere."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region
from ministack.services import eventbridge, stepfunctions

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.network.switch import Switch


def install(switch: Switch) -> None:
    """Let dark regions be so for EventBridge and Step Functions, which call functions without an API."""

    def invoke_target(target: Any, event: Any, rule: Any, view: Any = None) -> None:  # noqa: ANN401 - ministack's types
        if not switch.dark(get_region()):
            start(target, event, rule, view)

    def invoke_resource(resource: str, input_data: Any) -> Any:  # noqa: ANN401 - as above
        if switch.dark(get_region()):
            words = f"{get_region()} is dark: {resource} cannot be reached"
            raise stepfunctions._ExecutionError("Lambda.SdkClientException", words)
        return invoke(resource, input_data)

    start = patches.replace(eventbridge, "_invoke_target", invoke_target)
    invoke = patches.replace(stepfunctions, "_invoke_resource", invoke_resource)
