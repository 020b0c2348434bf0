"""The made-up person, class, certificate … of whom all examples speak, on the bus and over REST: by field name, the id that stands there."""

from collections.abc import Mapping


def _id(nth: int) -> str:
    return f"018f3c7a-1{nth:03x}-7c3e-9a41-5b6d2e8f{nth:04x}"


EXAMPLE_IDS: Mapping[str, str] = {
    name: _id(nth)
    for name, nth in {
        "person_id": 0x01, "organisation_id": 0x02, "employer_id": 0x02, "organiser_id": 0x03, "payee_id": 0x03, "partner_id": 0x05,
        "body_id": 0x06, "class_id": 0x07, "sitting_id": 0x08, "certificate_id": 0x09, "employment_id": 0x14, "insurance_id": 0x15,
        "source_id": 0x16, "catalogue_id": 0x17, "designation_id": 0x18, "mandate_id": 0x19, "participation_id": 0x1A, "occupation_id": 0x1B,
        "agreement_id": 0x1C, "reporting_year_id": 0x1D, "placement_id": 0x1E, "entitlement_id": 0x1F, "decision_id": 0x20,
        "school_id": 0x04, "student_id": 0x01, "teacher_id": 0x01, "master_id": 0x01, "enterprise_id": 0x02, "sender_id": 0x02,
        "beneficiary_id": 0x01, "recognition_id": 0x21, "enrolment_id": 0x22, "other_benefit_id": 0x23, "lecture_id": 0x24, "trip_id": 0x25,
        "exam_entry_id": 0x26, "title_id": 0x27, "contest_id": 0x28, "sponsored_class_id": 0x29, "payment_id": 0x2A,
        "prior_payment_id": 0x2B, "ruling_id": 0x2C, "honour_id": 0x2D, "lecture_report_id": 0x2E, "visited_enterprise_id": 0x2F,
        "proposal_id": 0x60, "brake_id": 0x62,
    }.items()
}  # fmt: skip
