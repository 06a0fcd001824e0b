import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tests.lab.emulator.types.conftest import HOME, client

from dr_templates.aws import operator
from dr_templates.lab.clock import Clock


def test_a_client_learns_the_labs_time_from_any_answer(clock: Clock, led: None) -> None:  # noqa: ARG001 - as above
    before = clock.now()
    headers = client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    assert before - 1 <= parsedate_to_datetime(headers["date"]).timestamp() <= clock.now()


def test_an_operators_verb_goes_by_the_labs_time(clock: Clock, led: None) -> None:  # noqa: ARG001 - as above
    before = clock.now()
    caller = operator.caller(HOME, lambda: 1000.0)
    assert before - 1 <= 1000.0 - caller.ahead <= clock.now()


def test_a_point_without_a_time_is_kept_under_the_labs(clock: Clock, led: None) -> None:  # noqa: ARG001 - as above
    metrics = client("cloudwatch")
    before = clock.now()
    metrics.put_metric_data(Namespace="lab", MetricData=[{"MetricName": "beat", "Value": 7}])
    after = clock.now()
    apart = before - time.time()

    def seen(start: float, end: float) -> list[float]:
        span = {"StartTime": datetime.fromtimestamp(start, UTC), "EndTime": datetime.fromtimestamp(end, UTC)}
        more = {"Period": 1, "Statistics": ["Sum"]}
        return [
            point["Sum"]
            for point in metrics.get_metric_statistics(Namespace="lab", MetricName="beat", **span, **more)["Datapoints"]
        ]

    assert seen(before - 1, after + 1) == [7]
    assert seen(before - apart - 10, before - 2) == []
