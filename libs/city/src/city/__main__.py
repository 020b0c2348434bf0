"""`python -m city`: the demo. While Python still loads there is nothing to stop in order, so Ctrl-C simply ends it."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)

from city.demo import run  # noqa: E402 - what takes long to load is loaded under the quiet Ctrl-C

run()
