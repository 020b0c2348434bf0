"""The garbage collector of a process that serves for long."""

import gc


def settle_collector() -> None:
    """What exists now lives as long as the process: keep the collector from walking it again and again."""
    gc.collect()
    gc.freeze()
    # As long as the collector walks, the event loop stands still: 10,000 new objects take some milliseconds, and so do those that have
    # outlived five such walks. Everything is walked as rarely as can be: what is garbage in circles hardly ever grows old.
    gc.set_threshold(10_000, 5, 400)
