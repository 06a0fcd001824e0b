"""What the book keeps, and what is counted and judged from it alone."""

import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lab.ledger.conftest import HOME, SOURCES

from dr_templates.drill.judge import NEAR, double_writable, wrong_name
from dr_templates.drill.ledger.book import Entry, Kind, last_numbers, open_book, read_book
from dr_templates.drill.ledger.count import SHOWN, count
from dr_templates.drill.ledger.gate import Gate
from dr_templates.drill.ledger.outage import longest_outage, outages, rates, two_writers
from dr_templates.drill.ledger.table import Row
from dr_templates.drill.ledger.turns import Acceptance, turns, unexplained
from dr_templates.drill.ledger.way import Bounds, Login, Way, connect
from dr_templates.drill.sampler import Sample
from dr_templates.errors import DrError
from dr_templates.lab.certificates import make_authority

FATES = (Kind.ACKNOWLEDGED, Kind.REFUSED, Kind.DOUBTFUL, Kind.SENT)

UNHURRIED = settings(deadline=None, max_examples=60)

entries = st.builds(
    Entry,
    st.sampled_from(Kind),
    st.floats(1e9, 2e9),
    st.text(),
    st.integers(0, 10**12),
    st.floats(0, 2e9),
    st.text(),
    st.text(),
    st.text(max_size=5),
)


def ack(at: float, address: str = HOME, *, sent: float | None = None, worker: str = "p/0", number: int = 1) -> Entry:
    return Entry(Kind.ACKNOWLEDGED, at, worker, number, at - 0.01 if sent is None else sent, address)


@UNHURRIED
@given(st.lists(entries, max_size=5), st.integers(0, 200))
def test_a_book_is_read_as_it_was_written_up_to_a_torn_line(
    tmp_path_factory: pytest.TempPathFactory, written: list[Entry], torn: int
) -> None:
    path = tmp_path_factory.mktemp("book") / "book"
    with open_book(path) as book:
        for entry in written:
            book.note(entry)
    assert read_book(path) == tuple(written)
    whole = path.read_bytes()
    left = whole[: max(0, len(whole) - torn)]
    path.write_bytes(left)
    kept = left.count(b"\n")
    assert read_book(path) == tuple(written[:kept])
    with open_book(path) as book:
        book.note(Entry(Kind.STOPPED, 5.0))
    assert read_book(path) == (*written[:kept], Entry(Kind.STOPPED, 5.0))


def test_a_book_that_is_closed_is_written_no_more(tmp_path: Path) -> None:
    with open_book(tmp_path / "book") as book:
        pass
    with (tmp_path / "other").open("wb") as other, pytest.raises(OSError, match="Bad file descriptor"):
        book.note(Entry(Kind.STOPPED, other.fileno()))
    assert (tmp_path / "other").read_bytes() == (tmp_path / "book").read_bytes() == b""


@pytest.mark.parametrize("line", ["nonsense", "{}", "[]", '{"kind":"lost","at":1}', '{"kind":"sent","at":1,"x":1}'])
def test_a_line_that_is_none_of_a_books_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "book"
    path.write_text('{"kind":"started","at":1}\n' + line + "\n")
    with pytest.raises(DrError, match="line 2 is none of a ledger's book"):
        read_book(path)


def test_numbers_go_on_after_the_highest_of_each_worker() -> None:
    book = (ack(1, worker="a/0", number=4), ack(2, worker="a/0", number=3), ack(3, worker="b/0", number=9))
    assert last_numbers(book) == {"a/0": 4, "b/0": 9}


def test_leave_that_was_not_used_in_time_is_given_to_nobody_else() -> None:
    gate, late, inside = Gate(), threading.Event(), threading.Event()
    assert gate.shut(0)

    def pass_through() -> None:
        with gate.passing() as leave:
            if leave is not None:
                inside.set()
                late.wait()

    threads = [threading.Thread(target=pass_through) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert gate.let(1, patience=0.2) == 0
    assert inside.wait(10)
    inside.clear()
    late.set()
    assert gate.shut(10)
    assert not inside.wait(0.2)
    gate.close()
    for thread in threads:
        thread.join()
    assert not inside.is_set()


@UNHURRIED
@given(
    st.dictionaries(st.integers(1, 60), st.tuples(st.sampled_from(FATES), st.booleans())),
    st.sets(st.integers(100, 120)),
)
def test_every_commit_is_counted_once_by_its_fate(fates: dict[int, tuple[Kind, bool]], strangers: set[int]) -> None:
    book = [line for number, (kind, _) in fates.items() for line in _lines(number, kind)]
    rows = [Row("p/0", number, HOME) for number in (*strangers, *(one for one, (_, there) in fates.items() if there))]
    counted = count(book, rows)

    def having(kinds: Sequence[Kind], *, there: bool) -> list[int]:
        return sorted(number for number, (kind, is_there) in fates.items() if kind in kinds and is_there is there)

    lost = having([Kind.ACKNOWLEDGED], there=False)
    doubtful = (Kind.DOUBTFUL, Kind.SENT)
    assert counted.lost == len(lost)
    assert counted.lost_numbers == tuple(("p/0", number) for number in lost[:SHOWN])
    assert counted.present == len(having([Kind.ACKNOWLEDGED], there=True)) == counted.acknowledged - counted.lost
    assert counted.doubtful_present == len(having(doubtful, there=True))
    assert counted.doubtful_absent == len(having(doubtful, there=False))
    assert counted.refused_present == len(having([Kind.REFUSED], there=True))
    assert counted.strangers == len(strangers)


def _lines(number: int, kind: Kind) -> list[Entry]:
    sent = Entry(Kind.SENT, 1.0, "p/0", number, 1.0, HOME)
    return [sent] if kind is Kind.SENT else [sent, Entry(kind, 2.0, "p/0", number, 1.0, HOME)]


def test_an_outage_is_the_longest_time_in_which_somebody_wanted_to_write_and_nobody_could() -> None:
    book = [
        Entry(Kind.STARTED, 10),
        ack(10.5),
        ack(11.0, worker="q/0"),
        Entry(Kind.HELD, 12.0),
        ack(15.0, number=2),
        Entry(Kind.FREED, 30.0),
        Entry(Kind.REFUSED, 30.5, "p/0", 3),
        ack(33.0, worker="q/0", number=2),
        ack(34.0, number=4),
        ack(36.0, worker="q/0", number=3),
        Entry(Kind.STOPPED, 36.5),
    ]
    outage = longest_outage(book)
    assert outage is not None
    assert (outage.begin, outage.end, outage.over, outage.seconds) == (30.0, 33.0, True, 3.0)
    by_place = {place: (one.begin, one.end, one.over) for place, one in outages(book).items()}
    assert by_place == {"p": (30.0, 34.0, True), "q": (30.0, 33.0, True)}
    assert longest_outage([]) is None


def test_an_outage_that_does_not_end_lasts_until_the_clients_stop() -> None:
    outage = longest_outage([Entry(Kind.STARTED, 10), ack(10.5), Entry(Kind.STOPPED, 20)])
    assert outage is not None
    assert (outage.seconds, outage.over) == (9.5, False)


def test_writes_are_counted_by_quarters_of_a_second_none_left_out() -> None:
    assert rates([ack(100.0), ack(100.2), ack(100.8), Entry(Kind.REFUSED, 101.0, "p/0", 7)]) == [
        (100.0, 2),
        (100.25, 0),
        (100.5, 0),
        (100.75, 1),
    ]
    assert rates([]) == []


def test_writers_that_take_turns_are_told_unless_moves_explain_them() -> None:
    book = [ack(1, "a"), ack(2, "b"), ack(3, "a"), ack(4, "a")]
    [found] = two_writers(book)
    assert (found.at, found.before, found.after) == (3, "b", "a")
    assert two_writers(book, moves=[1.5, 2.5]) == ()
    assert len(two_writers(book, moves=[1.5])) == 1
    assert len(two_writers(book, moves=[1.5, 3.5])) == 1


def test_an_answer_that_comes_late_is_no_turn() -> None:
    assert two_writers([ack(1, "a"), ack(2, "b"), ack(3, "a", sent=1.5)]) == ()


REIGNS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5)), max_size=6)


def reign(reigns: list[tuple[str, int]], draw: Callable[[], float]) -> tuple[list[Acceptance], list[float]]:
    """Let one database after the other take writes, one a second; give what clients see of it, and the moves."""
    moment, accepted, moves = 100.0, [], []
    for index, (database, writes) in enumerate(reigns):
        if index and reigns[index - 1][0] != database:
            moves.append(moment + 0.5)
        for _ in range(writes):
            moment += 1.0
            accepted.append(Acceptance(database, moment - draw(), moment + draw()))
    return accepted, moves


@UNHURRIED
@given(REIGNS, st.data())
def test_writes_of_one_database_at_a_time_never_look_like_two(
    reigns: list[tuple[str, int]], data: st.DataObject
) -> None:
    accepted, moves = reign(reigns, lambda: data.draw(st.floats(0, 20)))
    found = turns(accepted)
    assert len(found) <= len(moves)
    assert unexplained(found, moves) == ()


@UNHURRIED
@given(REIGNS, st.data())
def test_every_turn_is_found_when_answers_come_soon(reigns: list[tuple[str, int]], data: st.DataObject) -> None:
    accepted, moves = reign(reigns, lambda: data.draw(st.floats(0, 0.4)))
    found = turns(accepted)
    assert len(found) == len(moves)
    assert all(move < turn.at < move + 1 for turn, move in zip(found, moves, strict=True))


def test_turns_of_two_that_write_at_once_remain_whatever_moved_before() -> None:
    accepted = [Acceptance("ab"[second % 2], second, second + 0.1) for second in range(10)]
    assert len(unexplained(turns(accepted), moves=[0.5])) == 8


def sample(at: float, *accepted: str, name: str | None = "a", recovering: str = "") -> Sample:
    writes = tuple(Acceptance(one, at, at + 0.01) for one in accepted)
    return Sample(at, {"p": {one: one in accepted for one in "ab"}}, {"p": name}, {recovering: True}, writes)


def test_samples_with_both_databases_writable_are_counted() -> None:
    assert double_writable([sample(1, "a"), sample(1.1, "a", "b"), sample(1.2, "a", "b"), sample(3, "b")]) == 3
    assert double_writable([sample(1, "a"), sample(2, "b"), sample(3, "b")]) == 0


def test_acceptances_prove_two_writable_only_when_near() -> None:
    near = [Acceptance("a", 1.0, 1.01), Acceptance("b", 1.01 + NEAR * 0.9, 1.2)]
    far = [Acceptance("a", 1.0, 1.01), Acceptance("b", 1.01 + NEAR * 1.1, 1.2)]
    over = [Acceptance("a", 1.0, 9.0), Acceptance("b", 3.0, 3.1)]
    assert [double_writable([Sample(1, {}, {}, {}, tuple(some))]) for some in (near, far, over)] == [1, 0, 1]


def test_a_database_that_takes_writes_again_after_another_did_is_counted_unless_it_was_moved_back() -> None:
    samples = [sample(1, "a"), sample(5, "b"), sample(9, "a"), sample(9.2, "a")]
    assert double_writable(samples) == 1
    assert double_writable(samples, moves=[2, 6]) == 0


def test_a_wrong_name_says_for_how_long_the_other_has_been_writable() -> None:
    samples = [
        sample(1, "a"),
        sample(2, name="a"),
        sample(3, "b", name="a"),
        sample(4, "b", name="a", recovering="a"),
        sample(5, "b", name=None),
        sample(6, "b", name="b"),
        sample(7, "a", "b", name="a"),
        sample(8, "a", "b", name="a", recovering="a"),
    ]
    found = [(one.at, one.target, one.writable, one.seconds) for one in wrong_name(samples)]
    assert found == [(3, "a", "b", 0), (4, "a", "b", 1), (8, "a", "b", 5)]


def test_a_client_comes_from_its_places_address_and_says_so_when_it_is_shut_out(tmp_path: Path) -> None:
    came: list[str] = []
    with socket.create_server((HOME, 0)) as door:

        def shut() -> None:
            client, (address, _) = door.accept()
            came.append(address)
            client.recv(8)
            client.close()

        thread = threading.Thread(target=shut)
        thread.start()
        login = Login("name", door.getsockname()[1], "orders", "somebody", "secret", _trusted(tmp_path))
        way = Way("us-east-1", SOURCES["us-east-1"], lambda _: HOME)
        with pytest.raises(ConnectionAbortedError, match="the connection was closed"):
            connect(way, login, HOME, Bounds())
        thread.join()
    assert came == [SOURCES["us-east-1"]]
    assert "secret" not in repr(login)


def _trusted(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text(make_authority().pem)
    return path
