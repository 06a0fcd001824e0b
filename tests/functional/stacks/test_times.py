"""Times as AWS writes them, read quickly and as botocore reads them."""

from datetime import UTC, datetime

import pytest
from botocore.utils import parse_timestamp

from dr_templates.aws.clients import moment


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-25T22:21:01.123Z",
        "2026-11-25T22:21:01Z",
        "2026-11-25T22:21:01+02:00",
        "Wed, 25 Nov 2026 22:21:01 GMT",
        1795645261,
        1795645261.5,
        "1795645261",
    ],
)
def test_a_time_is_read_as_botocore_reads_it(written: object) -> None:
    assert moment(written) == parse_timestamp(written)


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment("2026-11-25T22:21:01") == datetime(2026, 11, 25, 22, 21, 1, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "yesterday"])
def test_what_is_no_time_is_a_value_error(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(written)
