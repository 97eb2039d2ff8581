from __future__ import annotations

import threading

from feedmill.collect.turn import Turn


def in_a_thread(turn: Turn) -> threading.Thread:
    def hold() -> None:
        turn.take()
        held.append(threading.get_ident())
        turn.give_back()

    thread = threading.Thread(target=hold)
    thread.start()
    return thread


held: list[int] = []


def test_the_next_one_waits_until_the_turn_is_given_back() -> None:
    held.clear()
    turn = Turn(patience=60)
    turn.take()
    turn.take()  # it is ours already
    other = in_a_thread(turn)
    assert held == []
    turn.give_back()
    turn.give_back()
    other.join()
    assert len(held) == 1
    turn.take()
    turn.give_back()


def test_nobody_waits_for_ever_and_who_did_not_get_the_turn_cannot_give_it_back() -> None:
    held.clear()
    turn = Turn(patience=0.01)
    turn.take()
    in_a_thread(turn).join()
    assert len(held) == 1
    assert turn._lock.locked()
    turn.give_back()
    assert not turn._lock.locked()
