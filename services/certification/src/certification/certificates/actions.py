"""What can be done to a certificate: one use case, one function, one transaction."""

from datetime import date
from uuid import UUID

from certification.certificates.model import Certificate, CertificateNumberTaken
from certification.occupations.reads import must_exist
from certification.sittings.model import Sitting
from common.work import Work
from contracts.certification import RevocationReason


async def issue_certificate(work: Work, certificate: Certificate) -> Certificate:
    """Issue a certificate; whatever follows from it (money, referral counts) follows from its event.

    Raises OccupationNotFound, SittingAnnulled, IssuedInFuture, CertificateNumberTaken.
    """
    await must_exist(work.session, certificate.occupation)
    if certificate.sitting_id is not None:
        # Locked for the while: an annulment at the same time revokes this one too, or comes first and refuses it.
        sitting: Sitting | None = await work.session.get(Sitting, certificate.sitting_id, with_for_update={"read": True})
        if sitting is not None:
            sitting.must_stand()
    certificate.must_not_be_issued_after(work.business_day)
    if await work.lock_by(Certificate, verb="issued", number_index=certificate.number_index):
        raise CertificateNumberTaken
    return work.add(certificate, verb="issued")


async def correct_certificate(
    work: Work, certificate_id: UUID, *, occupation: str, level_code: int, issued_on: date, class_id: UUID | None
) -> Certificate:
    """Correct what was entered wrongly. The certificate goes on counting, as corrected (A68).

    Raises NotFound, OccupationNotFound, AlreadyRevoked, IssuedInFuture.
    """
    certificate = await work.lock(Certificate, certificate_id, verb="corrected")
    certificate.must_stand()
    await must_exist(work.session, occupation)
    certificate.occupation, certificate.level_code, certificate.issued_on, certificate.class_id = (
        occupation,
        level_code,
        issued_on,
        class_id,
    )
    certificate.must_not_be_issued_after(work.business_day)
    return certificate


async def revoke_certificate(work: Work, certificate_id: UUID, *, reason: RevocationReason, revoked_on: date) -> Certificate:
    """Revoke a certificate; whatever was owed for it is reconciled by awards.

    Raises NotFound, AlreadyRevoked, RevokedBeforeIssue, RevokedInFuture.
    """
    certificate = await work.lock(Certificate, certificate_id, verb="revoked")
    certificate.revoke(reason=reason, on=revoked_on, today=work.business_day)
    return certificate
