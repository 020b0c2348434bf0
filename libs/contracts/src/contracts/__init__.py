"""The language on the bus: one model per aggregate, by the service that owns it. Begin with `fact.py`."""
