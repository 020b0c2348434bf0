"""Requests at random, made from what each service says of itself: whatever comes, the answer is one that its document lists."""

import asyncio

import pytest
from desk import SERVICES, Desk
from effort import IS_LONG, rounds, said
from tried import Extent, Outcome, asked_at_random, without_secrets

from common.security.principal import Role

_EXTENT = Extent(examples=30, covers=True) if IS_LONG else Extent(examples=2, covers=False)


async def asked(desk: Desk, service: str, seed: int) -> tuple[Outcome, list[str]]:
    """In a thread beside the event loop on which the services run."""
    document = (await desk.client.get(f"/{service}/openapi.json")).json()
    employer, person = desk.organisations["employer"]["id"], "01890a5d-ac96-774b-bcce-b302099a8057"
    tokens = {role: desk.city.issuer.token(desk.account(role, organisation_id=employer, person_id=person)) for role in Role}
    outcome = await asyncio.to_thread(asked_at_random, document, desk.city.url, tokens, seed=seed, extent=_EXTENT)
    return outcome, list(tokens.values())


@pytest.mark.timeout(0 if IS_LONG else 300)
@pytest.mark.parametrize("service", SERVICES)
async def test_whatever_is_asked_by_whomever_the_answer_is_one_that_the_document_lists(counter: Desk, service: str) -> None:
    for seed in rounds(share=1 / len(SERVICES)):
        outcome, tokens = await asked(counter, service, seed)

        said(f"{service}, seed {seed}: {outcome.requests} requests, answered {dict(sorted(outcome.answers.items()))}")
        assert not outcome.findings, f"seed {seed}\n{without_secrets(outcome.findings, tokens)}"
        assert outcome.requests > 100, "or nothing was tried"
        assert outcome.answers[200] > 10, "or everything was refused at the door"
