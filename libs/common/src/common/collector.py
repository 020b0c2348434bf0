"""The garbage collector of a process that serves for long."""

import gc


def settle_collector() -> None:
    """What exists now lives as long as the process: keep the collector from walking it again and again."""
    gc.collect()
    gc.freeze()
    # As many new objects are walked in some milliseconds, and that is how long the event loop stands still.
    gc.set_threshold(10_000, 20, 20)
