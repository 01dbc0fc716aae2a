"""Identities of rows and channels: UUID version 7 (RFC 9562, section 5.7).

Ordered by the time they were made, so that indexes grow at one end, and known before the row is written,
so that a channel can carry our id. Order holds within one process only: across processes it is
order to the millisecond of each machine's clock. Nothing may decide who came first by an id.
"""

import os
import threading
import time
import uuid

# 48 bits of milliseconds, 42 bits of counter, 32 bits of chance (RFC 9562, section 6.2, method 1).
_COUNTER_BITS = 42
_COUNTER_MAX = (1 << _COUNTER_BITS) - 1

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def new_id() -> uuid.UUID:
    """A fresh id, greater than every id this process made before, also when the clock steps back."""
    global _last_ms, _counter
    with _lock:
        at_ms = time.time_ns() // 1_000_000
        if at_ms > _last_ms:
            # The top bit starts clear: 2⁴¹ ids fit into one millisecond before the counter runs over.
            _last_ms, _counter = at_ms, int.from_bytes(os.urandom(6)) >> 7
        elif _counter == _COUNTER_MAX:
            _last_ms, _counter = _last_ms + 1, 0
        else:
            _counter += 1
        made_ms, count = _last_ms, _counter
    return _assemble(made_ms, count, int.from_bytes(os.urandom(4)))


def made_at_ms(made: uuid.UUID) -> int:
    """Milliseconds since 1970 at which an id of version 7 was made; for logs, never for order or figures."""
    if made.version != 7:
        raise ValueError(f"{made} is no UUID of version 7")
    return made.int >> 80


def _assemble(at_ms: int, count: int, chance: int) -> uuid.UUID:
    high, low = count >> 30, count & ((1 << 30) - 1)
    return uuid.UUID(int=at_ms << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low << 32 | chance)


def _forget_after_fork() -> None:
    # A child forked while another thread held the lock would otherwise wait for it for ever.
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)
