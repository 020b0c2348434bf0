"""Officers who change figures, over REST: one proposes, another decides, a third confirms."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from common.security.principal import Role
from common.testing.at_work import AtWork

PROPOSALS = "/awards/v1/parameter-proposals"


def figure(parameter: str, value: Any, effective_from: str, **more: Any) -> dict[str, Any]:
    return {"parameter": parameter, "value": value, "effective_from": effective_from, "paper": "张人社〔2018〕41号"} | more


@dataclass
class Officers:
    """Three, who differ."""

    at_work: AtWork
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = [self.at_work.account(Role.OFFICER) for _ in range(3)]
        self.proposer, self.decider, self.third = self.names

    async def propose(self, *figures: dict[str, Any]) -> dict[str, Any]:
        """As the first of them."""
        body = {"figures": list(figures), "reason": "试验"}
        answer = await self.at_work.call("POST", PROPOSALS, json=body, who=self.proposer)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def previewed(self, proposal_id: str) -> dict[str, Any]:
        """Its preview, when it is done."""
        wake, deadline = self.at_work.running.committed.listen(), time.monotonic() + 30
        while time.monotonic() < deadline:
            wake.clear()
            preview: dict[str, Any] = (await self.at_work.call("GET", f"{PROPOSALS}/{proposal_id}/preview")).json()
            if preview["state"] in ("DONE", "FAILED"):
                return preview
            async with asyncio.timeout(30):
                await wake.wait()
        raise AssertionError("the preview did not end")

    async def act(self, verb: str, proposal_id: str, *, who: str, json: Any = None) -> Any:
        """One of `decide`, `confirm`, `refuse`, `preview`, with the version that stands; the answer."""
        version = (await self.at_work.call("GET", f"{PROPOSALS}/{proposal_id}")).json()["version"]
        return await self.at_work.call("POST", f"{PROPOSALS}/{proposal_id}:{verb}", who=who, version=version, json=json)

    async def put_in_force(self, *figures: dict[str, Any]) -> dict[str, Any]:
        """Proposed, previewed, decided; the preview."""
        made = await self.propose(*figures)
        preview = await self.previewed(made["id"])
        assert preview["state"] == "DONE", preview
        answer = await self.act("decide", made["id"], who=self.decider)
        assert (answer.status_code, answer.json().get("state")) == (200, "IN_FORCE"), answer.text
        return preview
