"""The checks that every service has, before its own."""

from __future__ import annotations

from collections.abc import Sequence

from common.audit.heads import HeadFiles
from common.audit.seal import AuditKeys
from common.audit.verifying import AuditChain
from common.settings import Environment
from common.verify.acts import ActsAudited
from common.verify.check import Check, Inspected
from common.verify.replicas import ReplicasTrue
from common.verify.standing import DossiersClean, NoDeadLetters, OutboxYoung


def checks_of(inspected: Inspected) -> Sequence[Check]:
    """All of a service, in the order in which they are told."""
    service, settings, database, patience = inspected.service, inspected.settings, inspected.database, inspected.patience_seconds
    keys = AuditKeys.parse(service.name, settings.audit_keys.get_secret_value())
    heads = HeadFiles(settings.audit_heads, service.name) if settings.audit_heads else None
    acts = [str(model.__tablename__) for model in service.publishes if not model.is_reconciled]
    return (
        AuditChain(database, keys, heads, must_export=settings.environment is Environment.PRODUCTION),
        *([ActsAudited(database, acts)] if acts else []),
        OutboxYoung(database, patience_seconds=patience),
        NoDeadLetters(database),
        *([ReplicasTrue(database, service.replicas, patience_seconds=patience)] if service.replicas else []),
        *([DossiersClean(database, service.replicas, patience_seconds=patience)] if service.dossiers else []),
        *service.checks(inspected),
    )
