"""What watches the failover itself: alarms in its own region, and one dashboard of both sites."""

from troposphere import Ref, Sub, Template

from dr_templates.tiers import alarms, dashboard, sheet
from dr_templates.tiers.alarms import BREACHING, NAMESPACE, OVER, QUIET, UNDER, Alarm, Source

FUNCTIONS = ("Observe", "Decide", "Perform")
PAIR = Source(NAMESPACE, (("Environment", Sub("${Name}-${EnvironmentSuffix}")),))
MOVES = Source("AWS/States", (("StateMachineArn", Ref("StateMachineArn")),))

ALARMS = (
    Alarm(
        "ControllerSilence", "controller-silence", PAIR, "ActiveSite", "SampleCount", UNDER, 1, 5, BREACHING,
        "the controller is silent: nobody would move the database, and the name stays where it is",
    ),
    Alarm(
        "LockAge", "lock-age", PAIR, "LockAgeSeconds", "Maximum", OVER, "LockAgeAlarmSeconds", 3, QUIET,
        "a move does not come to its end",
    ),
    Alarm(
        "Trouble", "trouble", PAIR, "Trouble", "Minimum", OVER, 1, 15, QUIET,
        "something is wrong with the pair and does not pass: drctl status names it",
    ),
    Alarm(
        "Drill", "drill", PAIR, "DaysSinceDrill", "Maximum", OVER, "DrillAlarmDays", 15, BREACHING,
        "no move or drill has succeeded for long, or ever: nobody knows that the next one will",
    ),
    Alarm(
        "FailedMoves", "failed-moves", MOVES, "ExecutionsFailed", "Sum", OVER, 1, 1, QUIET,
        "an execution of the state machine has failed",
    ),
    Alarm(
        "TimedOutMoves", "timed-out-moves", MOVES, "ExecutionsTimedOut", "Sum", OVER, 1, 1, QUIET,
        "an execution of the state machine has taken more than a day; the next tick goes on with its move",
    ),
    *(
        Alarm(
            f"{task}Errors", f"{task.lower()}-errors",
            Source("AWS/Lambda", (("FunctionName", Ref(f"{task}FunctionName")),)),
            "Errors", "Sum", OVER, 1, 3, QUIET, f"the function that does {task} fails",
        )
        for task in FUNCTIONS
    ),
)  # fmt: skip
"""The silence is what makes up for the quiet of the others. A drill that is not on record breaches too."""


def build() -> Template:
    """Give every alarm of ``ALARMS``, and the dashboard; alarms see their own region alone, a dashboard all (D5)."""
    template = sheet.begin(
        "Monitoring of the failover in the control region: alarms, and a dashboard of both sites.",
        (
            "Name",
            "EnvironmentSuffix",
            "SiteName",
            *(f"{place}{name}" for place in ("Home", "Standby") for name in ("SiteName", "Region")),
            "TopicArn",
            "StateMachineArn",
            *(f"{task}FunctionName" for task in FUNCTIONS),
            *alarms.thresholds(ALARMS),
        ),
    )
    alarms.add(template, ALARMS, Ref("TopicArn"))
    shown = dashboard.add(template)
    sheet.give(template, "DashboardName", Ref(shown), "CloudWatch dashboard of both sites and the failover.")
    return template
