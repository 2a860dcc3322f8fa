"""Messages through pipes: whatever their size and however they arrive, they come out as they went in."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.frames import PIPE_BYTES, Inbox, Outbox, incoming, message_of, pieces

SIZES = (0, 1, 100, 65_535, 65_536, 65_537, PIPE_BYTES - 8, PIPE_BYTES, PIPE_BYTES + 1, 3 * PIPE_BYTES)


def message(size: int) -> tuple[str, bytes, str]:
    return "сайлау", os.urandom(size), "я" * size


def until_the_end(inbox: Inbox) -> Iterator[object]:
    with suppress(EOFError):
        while True:
            yield from map(message_of, inbox.arrived())


@pytest.mark.parametrize("waits", [True, False])
def test_messages_of_every_size_arrive_whole(waits: bool) -> None:
    """Either end reads what the other one writes, whether it waits for it or not; then it is told the end."""
    out, into = os.pipe()
    sent = [message(size) for size in SIZES]

    def write() -> None:
        outbox = Outbox(into)
        for one in sent:
            outbox.put(pieces(one))
            assert outbox.flush()
        os.close(into)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        if waits:
            got = [message_of(whole) for whole in incoming(out)]
        else:
            os.set_blocking(out, False)
            got = list(until_the_end(Inbox(out)))
    finally:
        os.close(out)
        writer.join()
    assert got == sent


def test_an_end_that_never_waits_writes_what_there_is_room_for() -> None:
    """What does not fit is written when there is room again, from where it was left."""
    out, into = os.pipe()
    for fd in (out, into):
        os.set_blocking(fd, False)
    outbox, inbox, sent, got = Outbox(into), Inbox(out), [message(500_000), message(3)], []
    for one in sent:
        outbox.put(pieces(one))
    turns = 0
    while not outbox.flush():
        turns += 1
        got += [message_of(whole) for whole in inbox.arrived()]
    got += [message_of(whole) for whole in inbox.arrived()]
    assert turns > 1
    assert got == sent
    os.close(out)
    outbox.put(pieces(sent))
    with pytest.raises(BrokenPipeError):
        outbox.flush()
    os.close(into)


def test_large_bytes_are_not_copied() -> None:
    """A page's body is written from where it lies."""
    body = bytes(200_000)
    assert any(piece.obj is body for piece in pieces((body, 1)))


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 7))
def test_messages_that_arrive_in_crumbs_are_the_same(sent: list[bytes], crumb: int) -> None:
    """A reader that never waits sees nothing of where the pipe was cut."""
    stream = b"".join(piece for one in sent for piece in pieces(one))
    out, into = os.pipe()
    os.set_blocking(out, False)
    inbox, got = Inbox(out), []
    for start in range(0, len(stream), crumb):
        os.write(into, stream[start : start + crumb])
        got += [message_of(whole) for whole in inbox.arrived()]
    os.close(into)
    with pytest.raises(EOFError):
        next(inbox.arrived())
    os.close(out)
    assert got == sent


def test_a_message_that_is_cut_off_is_none() -> None:
    """Who waits for a message whose sender died in the middle of it hears that no more will come."""
    out, into = os.pipe()
    os.write(into, b"".join(pieces("whole")) + b"".join(pieces("torn"))[:-2])
    os.close(into)
    assert [message_of(whole) for whole in incoming(out)] == ["whole"]
    os.close(out)
