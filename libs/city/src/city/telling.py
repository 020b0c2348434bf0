"""The story's figures, asked of the services: facts in, events, entitlements with sums, one explained, the hundredth, two refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from city import story_partners
from city.agency import Agency
from city.driver import SERVICES, Driver
from city.expected import Outcome

_TITLES = {
    "universal-training": "普惠制职业技能培训补贴", "shortage-training": "紧缺高技能人才培训资助", "partner-bonus": "合作单位输送技能人才补贴",
    "newcomer": "高技能人才初次来本市工作奖励",
}  # fmt: skip
_STATES = {"DUE": "应付", "ACCRUING": "预计", "AWAITING": "待补材料", "HELD": "暂缓", "DISPLACED": "不重复补贴", "WITHDRAWN": "已撤回"}


class Storyteller:
    """Asks and tells."""

    def __init__(self, driver: Driver, officer: Agency, say: Callable[[str], None]) -> None:
        self._driver, self._officer, self._say = driver, officer, say

    async def partner_year(self, uscc: str) -> dict[str, Any]:
        """A partner's 2018: persons, outcome, amount, and what one more would add."""
        page = await self._officer.get(f"/awards/v1/partners/{self._driver.organisations[uscc]}/years/2018")
        told = page["explanation"]
        return {
            "persons": page["persons"], "outcome": told["outcome"], "amount": told["amount"]["amount"],
            "one_more_adds": page["one_more_adds"]["amount"], "this_one": told["this_one"],
        }  # fmt: skip

    async def tell(self, told: Mapping[str, Any]) -> None:
        """The whole story, from what the services say now."""
        self._driver.organisations = dict(told["organisations"])
        await self._facts(told)
        await self._entitlements()
        await self._one_explained()
        await self._partners(told["partners_at_year_end"])
        await self._refusals()

    async def _facts(self, told: Mapping[str, Any]) -> None:
        published = {
            service: sum((await self._officer.get(f"/{service}/v1/operations/state"))["published"].values()) for service in SERVICES
        }
        self._say(
            f"\n一、进来的事实：{told['files']} 个文件，{told['accepted']:,} 行采用，{told['refused']:,} 行退回（附行号和原因），{told['acts']:,} 次逐项办理"
        )
        if told["unexpected"]:
            self._say(f"    与预期不符的文件：{'、'.join(told['unexpected'])}")
        self._say(
            f"二、发布的事件：{sum(published.values()):,} 条（"
            + "，".join(f"{service} {count:,}" for service, count in published.items())
            + "）"
        )

    async def _entitlements(self) -> None:
        self._say("三、由此应付：")
        for total in (await self._officer.get("/awards/v1/totals"))["items"]:
            amount = next((total[name]["amount"] for name in ("due", "accruing", "would_be") if total[name]["amount"] != "0.00"), "0.00")
            self._say(f"    {_TITLES[total['scheme']]}　{_STATES[total['state']]}　{total['entitlements']:,} 项　{float(amount):,.2f} 元")

    async def _one_explained(self) -> None:
        page = await self._officer.get("/awards/v1/entitlements", scheme="universal-training", state="DUE", limit=1)
        told = await self._officer.get(f"/awards/v1/entitlements/{page['items'][0]['id']}/explanation")
        self._say("\n四、其中一项，逐条说明：\n" + told["text"])

    async def _partners(self, at_year_end: Mapping[str, Mapping[str, Any]]) -> None:
        self._say("\n五、第一百人：")
        for heads, organisation in story_partners.PARTNERS.items():
            before, now = at_year_end[str(heads)], await self.partner_year(organisation.uscc)
            self._say(
                f"    {organisation.name}：计入 {before['persons']} 人，年末{_outcome(before)}；再多一人增加 {before['one_more_adds']} 元；"
                f"申报截止后{_outcome(now)}"
            )

    async def _refusals(self) -> None:
        self._say("\n六、两项不符合，为什么：")
        shown: set[str] = set()
        for case in self._driver.city.cases():
            expected = case.expected
            if expected.outcome is not Outcome.REFUSED or expected.person is None or expected.scheme in shown:
                continue
            person_id = (await self._driver.person_ids({expected.person}))[expected.person]
            page = await self._officer.get(f"/awards/v1/people/{person_id}/explanations")
            told = [
                each
                for scheme in page["schemes"]
                if scheme["scheme"] == expected.scheme
                for each in scheme["explanations"]
                if each["outcome"] == "REFUSED"
            ]
            if told:
                shown.add(expected.scheme)
                self._say(f"  （{case.title}）\n{told[0]['text']}")
            if len(shown) == 2:
                return


def _outcome(page: Mapping[str, Any]) -> str:
    words = {"GRANTED": "应付", "ACCRUING": "预计可得", "REFUSED": "不符合"}
    return f"{words.get(page['outcome'], page['outcome'])} {page['amount']} 元"
