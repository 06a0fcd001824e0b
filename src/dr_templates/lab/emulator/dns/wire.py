"""Questions and replies as they are on the wire (RFC 1035), by dnslib."""

from __future__ import annotations

import functools
from collections.abc import Callable

from dnslib import QTYPE, RCODE, RR, DNSBuffer, DNSError, DNSHeader, DNSRecord

from dr_templates.lab.emulator.dns.answers import Answer, plain
from dr_templates.lab.emulator.dns.choose import Record

Ask = Callable[[str, str], Answer]
"""Answers a name, in small letters and without the last dot, and a type."""
LONGEST = 512
"""Bytes of a reply by UDP; what is longer is asked for by TCP."""


def reply(packet: bytes, ask: Ask, *, longest: int | None = None) -> bytes | None:
    """Give the reply to a packet; None to one that is no question, which must not be answered.

    A reply of more than ``longest`` bytes is truncated.
    """
    try:
        asked = DNSRecord.parse(packet)
    except DNSError:
        return _malformed(packet)
    if asked.header.qr:
        return None
    told = asked.reply()
    if asked.header.opcode or len(asked.questions) != 1:
        told.header.rcode = RCODE.NOTIMP
        return bytes(told.pack())
    _fill(told, ask(plain(str(asked.q.qname)), QTYPE[asked.q.qtype]))
    written = bytes(told.pack())
    return written if longest is None or len(written) <= longest else bytes(told.truncate().pack())


def _fill(told: DNSRecord, answer: Answer) -> None:
    told.header.rcode = RCODE.reverse[answer.code]
    told.header.aa = int(answer.code in ("NOERROR", "NXDOMAIN"))
    try:
        told.add_answer(*(one for record in answer.records for one in _written(record)))
        told.add_auth(*(one for record in answer.authority for one in _written(record)))
    except (DNSError, ValueError):  # a record whose value is none of its type: Route 53 would not have taken it
        told.rr, told.auth = [], []
        told.header.rcode = RCODE.SERVFAIL


@functools.lru_cache(maxsize=256)
def _written(record: Record) -> list[RR]:
    """Write a record down: reading its value takes longer than all the rest."""
    return [
        one for value in record.values for one in RR.fromZone(f"{record.name}. {record.ttl} IN {record.kind} {value}")
    ]


def _malformed(packet: bytes) -> bytes | None:
    """Say that it was not understood, if it can be said to whom."""
    try:
        header = DNSHeader.parse(DNSBuffer(packet))
    except DNSError:
        return None
    if header.qr:
        return None
    return bytes(DNSRecord(DNSHeader(id=header.id, qr=1, rcode=RCODE.FORMERR)).pack())
