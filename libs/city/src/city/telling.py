"""The story's figures, asked of the services: facts in, events, entitlements with sums, one explained, the hundredth, two refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from city import story_partners
from city.agency import Agency
from city.driver import SERVICES, Driver
from city.expected import Because, Case, Outcome
from city.notebook import Notebook
from city.oracle import CLOSES_ON, SHORTAGE, UNIVERSAL

_STATES = {
    "DUE": ("应付", "due"), "ACCRUING": ("预计", "accruing"), "AWAITING": ("待补材料", None), "HELD": ("暂缓", None),
    "DISPLACED": ("不重复补贴（同一职业同一等级已计入另一项）", "would_be"), "WITHDRAWN": ("已撤回", None),
}  # fmt: skip
_EXPLAINED = "恰好六个月"
_REFUSED = ((UNIVERSAL, Because.RESIDENT_OR_INSURED), (SHORTAGE, Because.LISTED))
_EXAMPLES = 3
_SUPPOSED, _SUPPOSED_FEN, _SUPPOSED_FROM = "newcomer.amount", 250_000, "2017-01-01"
"""What the council asks about (journey 6): since the scheme is in use."""


class Storyteller:
    """Asks and tells."""

    def __init__(self, driver: Driver, officer: Agency, say: Callable[[str], None]) -> None:
        self._driver, self._officer, self._say = driver, officer, say

    async def partner_year(self, uscc: str) -> dict[str, Any]:
        """A partner's 2018: the day, persons, outcome, amount, and what one more would add."""
        partner = self._driver.organisations[uscc]
        page = await self._officer.get(f"/awards/v1/partners/{partner}/years/2018")
        today = await self._officer.get("/awards/v1/operations/business-day")
        told = page["explanation"]
        return {
            "day": today["day"], "persons": page["persons"], "outcome": told["outcome"], "amount": told["amount"]["amount"],
            "one_more_adds": page["one_more_adds"]["amount"],
        }  # fmt: skip

    async def tell(self, notebook: Notebook) -> None:
        """The whole story, from what the services say now and what was seen on the way."""
        assert notebook.figures is not None
        self._driver.organisations = dict(notebook.figures["organisations"])
        await self._facts(notebook.figures)
        await self._events()
        await self._entitlements()
        await self._one_explained()
        await self._hundredth(notebook.scenes)
        await self._refusals()
        await self._what_if()
        await self._replayed()
        await self._set_aside()

    async def _facts(self, figures: Mapping[str, Any]) -> None:
        self._say(
            f"\n一、进来的事实：{figures['files']} 个文件，{figures['accepted']:,} 行采用，{figures['refused']:,} 行退回；另有 {figures['acts']:,} 次逐项办理。"
        )
        self._say("    退回的每一行都注明行号和原因，例如：")
        for example in figures["examples"][:_EXAMPLES]:
            self._say(f"        {example}")
        if figures["unexpected"]:
            self._say(f"    与预期不符的文件：{'、'.join(figures['unexpected'])}")

    async def _events(self) -> None:
        published = {
            service: sum((await self._officer.get(f"/{service}/v1/operations/state"))["published"].values()) for service in SERVICES
        }
        told = "，".join(f"{service} {count:,}" for service, count in published.items())
        self._say(f"\n二、发布的事件：{sum(published.values()):,} 条（{told}）。")

    async def _entitlements(self) -> None:
        totals = (await self._officer.get("/awards/v1/totals"))["items"]
        due = [total for total in totals if total["state"] == "DUE"]
        today = (await self._officer.get("/awards/v1/operations/business-day"))["day"]
        sum_due = sum((Decimal(total["due"]["amount"]) for total in due), Decimal())
        self._say(f"\n三、由此应付（{today}）：{sum(total['entitlements'] for total in due):,} 项，{_yuan(sum_due)}。")
        for scheme in (await self._officer.get("/awards/v1/schemes"))["items"]:
            rows = {total["state"]: total for total in totals if total["scheme"] == scheme["id"]}
            if rows:
                self._say(f"    {scheme['title']}")
            for state, (name, amount) in _STATES.items():
                if state in rows:
                    sum_ = f"　{_yuan(rows[state][amount]['amount'])}" if amount else ""
                    self._say(f"        {name}　{rows[state]['entitlements']:,} 项{sum_}")

    async def _one_explained(self) -> None:
        case = next(case for case in self._driver.city.cases() if case.title == _EXPLAINED)
        self._say(f"\n四、其中一项为什么应付（{case.title}）：")
        await self._explain(case)

    async def _hundredth(self, scenes: Mapping[str, Mapping[str, Any]]) -> None:
        partners = story_partners.PARTNERS
        before, after, closed = scenes["ninety-nine"], scenes["hundred"], scenes["closed"]
        self._say(f"\n五、第一百人（{partners[99].name}）：")
        self._say(f"    {before['day']}　{_partner(before)}；再多一人，增加 {_yuan(before['one_more_adds'])}。")
        self._say(f"    {after['day']}　经办确认它申报的又一人：{_partner(after)}；再多一人，增加 {_yuan(after['one_more_adds'])}。")
        self._say(f"    {closed['day']}　申报于 {CLOSES_ON} 截止：{_partner(closed)}。")
        self._say("    其他合作单位，如今：")
        for heads in sorted(partners.keys() - {99}):
            self._say(f"    {partners[heads].name}　{_partner(await self.partner_year(partners[heads].uscc))}")
            for because, count in (await self._not_counted(partners[heads].uscc)).items():
                self._say(f"        另有 {count} 人不计：{because}")

    async def _not_counted(self, uscc: str) -> Counter[str]:
        path = f"/awards/v1/partners/{self._driver.organisations[uscc]}/years/2018/placements"
        return Counter([each["because"] async for each in self._officer.every(path) if not each["counts"]])

    async def _refusals(self) -> None:
        self._say("\n六、两项为什么不付：")
        for scheme, because in _REFUSED:
            case = next(
                case
                for case in self._driver.city.cases()
                if (case.expected.scheme, case.expected.outcome, case.expected.because) == (scheme, Outcome.REFUSED, because)
            )
            self._say(f"  （{case.title}）")
            await self._explain(case)

    async def _what_if(self) -> None:
        asked = {"figures": [{"parameter": _SUPPOSED, "value": _SUPPOSED_FEN}], "effective_from": _SUPPOSED_FROM}
        told = await self._officer.create("/awards/v1/what-ifs", asked)
        sums = next(each for each in told["by_scheme"] if each["name"] == _SUPPOSED.partition(".")[0])
        self._say(f"\n七、如果《{sums['title']}》自 {_SUPPOSED_FROM} 起改为 {_yuan(Decimal(_SUPPOSED_FEN).scaleb(-2))}（什么也不会改变）：")
        self._say(
            f"    现在应付 {_yuan(sums['now']['amount'])}，改后应付 {_yuan(sums['then']['amount'])}，多 {_yuan(sums['more']['amount'])}；"
        )
        self._say(f"    变动 {told['differing']:,} 项，涉及 {told['persons']:,} 人。全部名单可以导出。")

    async def _replayed(self) -> None:
        owed = (await self._officer.get("/awards/v1/entitlements", scheme=UNIVERSAL, state="DUE", limit=1))["items"]
        self._say("\n八、重演一次认定：")
        for each in owed:
            replayed = await self._officer.get(f"/awards/v1/decisions/{each['decision_id']}/replay")
            verdict = "与当时的认定完全一致" if replayed["is_equal"] else "与当时的认定不同"
            self._say(f"    认定记录 {each['decision_id']}：应付 {_yuan(replayed['amount']['amount'])}，{verdict}。")

    async def _explain(self, case: Case) -> None:
        """What a seeded case's person is told about it."""
        expected = case.expected
        assert expected.person is not None
        person_id = (await self._driver.person_ids({expected.person}))[expected.person]
        page = await self._officer.get(f"/awards/v1/people/{person_id}/explanations")
        for told in _explanations(page["schemes"], expected.scheme):
            self._say("\n".join(f"  {line}" for line in told["text"].splitlines()))

    async def _set_aside(self) -> None:
        found = await self._officer.set_aside(SERVICES)
        self._say("\n没有积压的事件，没有搁置的档案，没有读不了的消息。" if not found else "\n还没有办妥的：\n    " + "\n    ".join(found))


def _explanations(schemes: Iterable[Mapping[str, Any]], scheme: str) -> list[Mapping[str, Any]]:
    return [told for each in schemes if each["scheme"] == scheme for told in each["explanations"]]


def _partner(year: Mapping[str, Any]) -> str:
    words = {"GRANTED": f"应付 {_yuan(year['amount'])}", "ACCRUING": f"预计可得 {_yuan(year['amount'])}", "REFUSED": "不足一百人，没有补贴"}
    return f"计入 {year['persons']} 人，{words.get(year['outcome'], year['outcome'])}"


def _yuan(amount: str | Decimal) -> str:
    return f"{Decimal(amount):,.2f} 元"
