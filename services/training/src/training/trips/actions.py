"""What can be done to a trip: select, complete, cancel."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from common.database.engine import raw
from common.work import Work
from contracts.training import TripState
from training.trips.model import Trip, TripsOverlap


async def select_for_trip(work: Work, trip: Trip) -> Trip:
    """Raises SelectedInFuture, TripReversed, TripsOverlap."""
    trip.must_be_in_order(work.business_day)
    # No index can refuse what overlaps: whoever selects him at the same time waits.
    await (await raw(work.session)).execute("SELECT pg_advisory_xact_lock(hashtextextended('trip:' || $1, 0))", str(trip.person_id))
    overlapping = select(Trip.id).where(
        col(Trip.person_id) == trip.person_id, col(Trip.state) != TripState.CANCELLED,
        col(Trip.starts_on) <= trip.ends_on, trip.starts_on <= col(Trip.ends_on),
    )  # fmt: skip
    if await work.session.scalar(overlapping.limit(1)):
        raise TripsOverlap
    return work.add(trip, verb="selected")


async def complete_trip(work: Work, trip_id: UUID, *, reported_on: date, cost_fen: int) -> Trip:
    """He has returned, reported, and shown what it cost. Raises NotFound, TripCancelled, TripNotOver, ReportedOutsideItsTime."""
    trip = await work.lock(Trip, trip_id, verb="completed")
    trip.complete(reported_on=reported_on, cost_fen=cost_fen, today=work.business_day)
    return trip


async def cancel_trip(work: Work, trip_id: UUID) -> Trip:
    """Raises NotFound, TripCancelled, TripCompleted."""
    trip = await work.lock(Trip, trip_id, verb="cancelled")
    trip.cancel()
    return trip
