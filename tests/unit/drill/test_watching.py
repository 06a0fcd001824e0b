"""What is written down of samples: what each site is, once it has been so for a while."""

import pytest
from tests.unit.drill.conftest import AWAY, HOME, RATE, START

from dr_templates.drill.report.model import Objectives, Started, Stood
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.sampler import Sample
from dr_templates.drill.stage import Stage
from dr_templates.drill.watching import Watching, stood
from dr_templates.failover.model import Stance

STARTED = Started("killed", "t", "b", "e", Objectives(900, 600), RATE, START, {}, {})


@pytest.mark.parametrize(
    ("in_recovery", "shut", "answers", "stance"),
    [
        (None, False, [None, None], Stance.UNKNOWN),
        (None, True, [None, None], Stance.UNKNOWN),
        (True, False, [False, False], Stance.REPLICA),
        (True, True, [None, None], Stance.REPLICA),
        (False, False, [True, None], Stance.PRIMARY),
        (False, False, [False, None], Stance.PRIMARY),  # full of connections, and nobody keeps clients out
        (False, False, [None, None], Stance.UNKNOWN),  # clients are slow, or it is dark around them
        (False, True, [None, False], Stance.FENCED),
        (False, True, [True, None], Stance.PRIMARY),  # an answer that was under way already
        (False, True, [], Stance.FENCED),
    ],
)
def test_a_site_is_fenced_when_its_gate_is_shut_and_not_when_clients_merely_get_no_answer(
    in_recovery: bool | None, shut: bool, answers: list[bool | None], stance: Stance
) -> None:
    assert stood(in_recovery, answers, shut=shut) is stance


def test_what_a_site_is_is_written_down_once_three_samples_on_end_agree(stage: Stage) -> None:
    recorder = Recorder(STARTED, tell=lambda _: None)
    watched = Watching(stage, recorder)
    slow, quick = ({AWAY: {HOME: yes, AWAY: False}} for yes in (None, True))
    for at, writable in enumerate([slow, slow, slow, quick, slow, quick, quick, quick]):
        watched.take(Sample(START + at, writable, {}, {HOME: False, AWAY: True}))
    told = [(one.at - START, one.word) for one in recorder.entries if isinstance(one.word, Stood)]
    assert told == [
        (2.0, Stood(HOME, "unknown")),
        (2.0, Stood(AWAY, "replica")),
        (7.0, Stood(HOME, "primary")),
    ]
