"""What can be done to a lecture: the school reports it, the enterprise confirms it, the bureau withdraws it."""

from datetime import date
from uuid import UUID

from sqlmodel import select

from common.work import Work
from training.lectures.model import Lecture, LectureAlreadyReported, LectureReport


async def report_lecture(work: Work, *, school_id: UUID, teacher_id: UUID, enterprise_id: UUID, held_on: date, hours: int) -> LectureReport:
    """Raises NotFound (another's), LectureInFuture, SchoolIsEnterprise, LectureAlreadyReported."""
    work.actor.must_be_organisation(school_id)
    report = LectureReport(
        school_id=school_id, teacher_id=teacher_id, enterprise_id=enterprise_id, held_on=held_on, hours=hours, reported_on=work.business_day
    )
    report.must_be_possible()
    same = select(LectureReport.id).filter_by(teacher_id=teacher_id, enterprise_id=enterprise_id, held_on=held_on, withdrawn_on=None)
    if await work.session.scalar(same):
        raise LectureAlreadyReported
    return work.add(report, verb="reported")


async def confirm_lecture(work: Work, lecture_report_id: UUID) -> Lecture:
    """Only the enterprise itself, or the bureau with its paper. Raises NotFound, ReportWithdrawn, ReportAlreadyConfirmed."""
    work.actor.must_be_organisation((await work.read(LectureReport, lecture_report_id)).enterprise_id)
    report = await work.lock(LectureReport, lecture_report_id, verb="confirmed")
    return work.add(report.confirm(work.business_day), verb="confirmed")


async def withdraw_report(work: Work, lecture_report_id: UUID) -> LectureReport:
    """The school takes back what was reported wrongly. Raises NotFound, ReportWithdrawn, ReportAlreadyConfirmed."""
    work.actor.must_be_organisation((await work.read(LectureReport, lecture_report_id)).school_id)
    report = await work.lock(LectureReport, lecture_report_id, verb="withdrawn")
    report.withdraw(work.business_day)
    return report


async def withdraw_lecture(work: Work, lecture_id: UUID, *, withdrawn_on: date) -> Lecture:
    """It turned out false; the day may then be reported anew. Raises NotFound, LectureWithdrawn, LectureWithdrawnOutsideItsTime."""
    lecture = await work.lock(Lecture, lecture_id, verb="withdrawn")
    lecture.withdraw(withdrawn_on, today=work.business_day)
    report = await work.lock_by(LectureReport, verb="withdrawn", lecture_id=lecture_id)
    if report is not None:
        report.withdrawn_on = withdrawn_on
    return lecture
