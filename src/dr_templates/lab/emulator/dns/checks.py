"""Health checks of Route 53 that follow an alarm: refused as on AWS, and with what they took over from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from ministack.services import cloudwatch, route53

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.dns import health

Reply = tuple[int, dict[str, str], bytes]
TAKEN, MADE = "lab_alarm", "lab_made"
"""What a kept health check has beside ministack's own: the alarm as it was then, and when it was made."""
FOLLOWS = "CLOUDWATCH_METRIC"
CREATED = 201
BOOLEANS = ("Inverted", "MeasureLatency", "EnableSNI", "Disabled")
"""What ministack writes in capitals, which clients take for false."""


def install(clock: Clock) -> None:
    """Let CreateHealthCheck and UpdateHealthCheck look at the alarm, and take over what Route 53 does (fact B7)."""

    def create(body: bytes) -> Reply:
        said = route53._parse_body(body)
        config = {} if said is None else _config(route53._find(said, "HealthCheckConfig"))
        taken = _take(config)
        if isinstance(taken, tuple):
            return taken
        reply: Reply = stock_create(body)
        if reply[0] == CREATED:
            kept = route53._health_checks[route53._hc_caller_refs[route53._text(said, "CallerReference")]]
            kept.setdefault(MADE, clock.now())
            kept.setdefault(TAKEN, taken)
        return reply

    def update(hc_id: str, body: bytes) -> Reply:
        kept = route53._health_checks.get(hc_id)
        before = kept["config"] if kept else {}
        taken = _take({**before, **_config(route53._parse_body(body))})
        if isinstance(taken, tuple):
            return taken
        reply: Reply = stock_update(hc_id, body)
        if kept:
            kept[TAKEN] = taken
        return reply

    _install_shown()
    stock_create = patches.replace(route53, "_create_health_check", create)
    stock_update = patches.replace(route53, "_update_health_check", update)


def _install_shown() -> None:
    """Let checks be shown with what they took over, and with booleans that clients can read."""

    def build(parent: Element, hc: Mapping[str, Any]) -> None:
        stock(parent, hc)
        told = parent[-1]
        for one in told.iter():
            if one.tag in BOOLEANS and one.text:
                one.text = one.text.lower()
        if (alarm := hc.get(TAKEN)) is not None:
            _tell(SubElement(told, "CloudWatchAlarmConfiguration"), alarm)

    stock = patches.replace(route53, "_build_health_check_el", build)


def check(kept: Mapping[str, Any]) -> health.Check:
    """Give a health check as it is kept."""
    config = kept["config"]
    return health.Check(
        kept.get(TAKEN),
        kept.get(MADE, 0.0),
        config.get("InsufficientDataHealthStatus", health.LAST_KNOWN),
        inverted=config.get("Inverted", False),
        disabled=config.get("Disabled", False),
    )


def _tell(element: Element, alarm: health.Alarm) -> None:
    """Write down what was taken over from an alarm, as GetHealthCheck shows it."""
    told = {
        "EvaluationPeriods": alarm.periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison,
        "Period": alarm.period,
        "MetricName": alarm.metric,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
    }
    for name, value in told.items():
        SubElement(element, name).text = str(value)
    dimensions = SubElement(element, "Dimensions")
    for name, value in alarm.dimensions.items():
        one = SubElement(dimensions, "Dimension")
        SubElement(one, "Name").text, SubElement(one, "Value").text = name, value


def _config(element: Element | None) -> dict[str, Any]:
    return {} if element is None else dict(route53._parse_health_check_config(element))


def _take(config: Mapping[str, Any]) -> health.Alarm | Reply | None:
    """Take over the alarm a check is to follow: None when it follows none, a refusal when it cannot."""
    if config.get("Type") != FOLLOWS:
        return None
    name, region = (config.get("AlarmIdentifier", {}).get(one, "") for one in ("Name", "Region"))
    alarm = cloudwatch._alarms.get_scoped(route53.get_account_id(), region, name)
    if alarm is None:
        return _refusal(f"The specified alarm {name} does not exist in {region}.")
    try:
        return health.read(alarm)
    except ValueError as error:
        return _refusal(f"The specified alarm {name} in {region}: {error}.")


def _refusal(words: str) -> Reply:
    reply: Reply = route53._error_response("InvalidInput", words)
    return reply
