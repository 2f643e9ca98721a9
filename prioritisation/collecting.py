"""Many objects made at once, and all of them kept. Pure: no Django.

Python's collector looks through everything again each time the heap has grown by a quarter. Where a hundred
thousand lists and dictionaries are made that stay, it finds nothing and takes as long as the work itself.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No collecting meanwhile; also as a decorator. Whoever finds it stopped already leaves that as it is."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
