"""Two entries that are one person: merged flat, found by either number, undone as if it had not been; and what cannot be merged."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import xlsx

PATH = "/registry/v1/people"
Made = Callable[..., Awaitable[dict[str, Any]]]
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def provisional(registry: AtWork, new_number: Callable[[], str]) -> Made:
    """Somebody whom only a roster has named; his id and number."""

    async def new() -> dict[str, Any]:
        number = new_number()
        body = {"people": [{"id_number": number, "name": "花名册姓名"}]}
        (person_id,) = (await registry.call("POST", f"{PATH}:resolve", json=body, who="service")).json()["person_ids"]
        return {"id": person_id, "id_number": number}

    return new


async def merge(registry: AtWork, person: dict[str, Any], into: dict[str, Any], *, who: str = "officer", **changed: Any) -> Any:
    version = (await registry.call("GET", f"{PATH}/{person['id']}")).json().get("version", 1)
    body = {"canonical_id": into["id"], "reason": "NUMBER_WRONG", "paper_number": "张公证〔2018〕7号"} | changed
    return await registry.call("POST", f"{PATH}/{person['id']}:merge", json=body, version=version, who=who)


async def unmerge(registry: AtWork, person: dict[str, Any]) -> Any:
    version = (await registry.call("GET", f"{PATH}/{person['id']}")).json()["version"]
    return await registry.call("POST", f"{PATH}/{person['id']}:unmerge", version=version)


async def merged_into(registry: AtWork, *people: dict[str, Any]) -> list[str | None]:
    return [(await registry.call("GET", f"{PATH}/{person['id']}")).json()["merged_into"] for person in people]


async def found(registry: AtWork, person: dict[str, Any]) -> str:
    """Who is found by his number."""
    return str((await registry.call("POST", f"{PATH}:search", json={"id_number": person["id_number"], "purpose": "核对"})).json()["id"])


def said(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


async def events(registry: AtWork, *people: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Verb and merged_into of the last thing that was said of each on the bus."""
    async with registry.running.database.transaction() as session:
        verbs = [
            await (await raw(session)).fetchval(
                "SELECT verb FROM audit WHERE subject_id = $1::text::uuid ORDER BY version DESC LIMIT 1", p["id"]
            )
            for p in people
        ]
    return list(zip(verbs, await merged_into(registry, *people), strict=True))


async def test_a_provisional_entry_becomes_the_person_that_it_was(registry: AtWork, provisional: Made, new_person: Made) -> None:
    twin, person = await provisional(), await new_person()

    merged = await merge(registry, twin, person, paper_number=None)

    assert (merged.status_code, merged.json()["merged_into"], merged.json()["id"]) == (200, person["id"], twin["id"])
    assert [await found(registry, each) for each in (twin, person)] == [person["id"]] * 2
    body = {"people": [{"id_number": each["id_number"], "name": "某"} for each in (twin, person, twin)]}
    assert (await registry.call("POST", f"{PATH}:resolve", json=body)).json()["person_ids"] == [person["id"]] * 3
    aliases = (await registry.call("GET", f"{PATH}/{person['id']}/aliases", who="auditor")).json()["items"]
    assert aliases == [{"person_id": twin["id"], "same_as": person["id"], "reason": "NUMBER_WRONG", "paper_number": None}]


async def test_an_old_number_of_15_digits_finds_him_who_was_merged(registry: AtWork, new_person: Made) -> None:
    old, new = await new_person(), await new_person()
    fifteen = old["id_number"][:6] + old["id_number"][8:17]

    assert (await merge(registry, old, new, reason="NUMBER_CHANGED")).status_code == 200

    assert await found(registry, {"id_number": fifteen}) == new["id"]


async def test_merges_are_kept_flat_and_undone_one_by_one(registry: AtWork, new_person: Made) -> None:
    a, b, c, sister = [await new_person() for _ in range(4)]

    await merge(registry, a, b)
    await merge(registry, b, c)
    await merge(registry, sister, c)
    assert await events(registry, a, b, c) == [("merged", c["id"]), ("merged", c["id"]), ("registered", None)]
    assert await found(registry, a) == c["id"]

    await unmerge(registry, b)
    assert await events(registry, a, b, c) == [("merged", b["id"]), ("changed", None), ("registered", None)]
    assert await merged_into(registry, sister) == [c["id"]]

    await unmerge(registry, a)
    assert await events(registry, a, b, c) == [("changed", None), ("changed", None), ("registered", None)]
    assert await found(registry, a) == a["id"]


async def test_into_one_who_is_merged_himself_leads_to_whom_he_is_and_stays_with_him(registry: AtWork, new_person: Made) -> None:
    a, b, c = [await new_person() for _ in range(3)]
    await merge(registry, b, c)

    assert (await merge(registry, a, b)).json()["merged_into"] == c["id"]
    await unmerge(registry, b)

    assert await merged_into(registry, a, b) == [b["id"], None]


async def test_all_who_moved_are_published_and_nobody_else(registry: AtWork, new_person: Made) -> None:
    a, b, c, other = [await new_person() for _ in range(4)]
    await merge(registry, a, b)

    answer = await merge(registry, b, c)

    seen = registry.app.state.consistency_tokens.read(answer.headers["Consistency-Token"])
    assert {(str(each.id), each.topic) for each in seen} == {(a["id"], "registry.person"), (b["id"], "registry.person")}
    assert [version for (version,) in [((await registry.call("GET", f"{PATH}/{p['id']}")).json()["version"],) for p in (c, other)]] == [
        1,
        1,
    ]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("himself", (422, "merged-into-itself")),
        ("nobody", (404, "not-found")),
        ("somebody into nobody", (404, "not-found")),
        ("twice", (409, "person-already-merged")),
        ("a circle", (409, "merges-in-circle")),
        ("a longer circle", (409, "merges-in-circle")),
        ("both confirmed without a paper", (409, "both-confirmed-without-paper")),
        ("confirmed into provisional", (409, "confirmed-into-provisional")),
        ("no reason", (422, "invalid")),
        ("a clerk", (403, "not-your-role")),
    ],
)
async def test_what_is_not_merged_is_refused_by_name_and_changes_nothing(
    registry: AtWork, new_person: Made, provisional: Made, case: str, expected: tuple[int, str],
    holdings: Callable[[], Awaitable[dict[str, Any]]],
) -> None:  # fmt: skip
    a, b, c, twin = await new_person(), await new_person(), await new_person(), await provisional()
    await merge(registry, a, b)
    await merge(registry, b, c)
    d = await new_person()
    before = await holdings()
    tried: dict[str, Callable[[], Awaitable[Any]]] = {
        "himself": lambda: merge(registry, d, d),
        "nobody": lambda: merge(registry, {"id": NOBODY}, d),
        "somebody into nobody": lambda: merge(registry, d, {"id": NOBODY}),
        "twice": lambda: merge(registry, a, d),
        "a circle": lambda: merge(registry, c, b),
        "a longer circle": lambda: merge(registry, c, a),
        "both confirmed without a paper": lambda: merge(registry, d, c, paper_number=None),
        "confirmed into provisional": lambda: merge(registry, d, twin),
        "no reason": lambda: merge(registry, d, c, reason="LOOKS_ALIKE"),
        "a clerk": lambda: merge(registry, d, c, who="clerk"),
    }

    assert said(await tried[case]()) == expected

    assert await holdings() == before


async def test_two_who_are_merged_into_each_other_at_once_make_no_circle(registry: AtWork, new_person: Made) -> None:
    a, b = await new_person(), await new_person()

    answers = await asyncio.gather(merge(registry, a, b), merge(registry, b, a))

    assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 412]), [answer.text for answer in answers]
    assert sorted(map(bool, await merged_into(registry, a, b))) == [False, True]


async def test_a_stale_or_a_missing_version_merges_nobody(registry: AtWork, new_person: Made) -> None:
    a, b = await new_person(), await new_person()
    body = {"canonical_id": b["id"], "reason": "NUMBER_WRONG", "paper_number": "1"}

    stale = await registry.call("POST", f"{PATH}/{a['id']}:merge", json=body, version=2)
    without = await registry.call("POST", f"{PATH}/{a['id']}:merge", json=body)
    never = await unmerge(registry, a)

    assert (stale.status_code, without.status_code, said(never)) == (412, 428, (409, "person-not-merged"))


async def test_what_is_said_of_a_merged_entry_is_refused_instead_of_lost(
    registry: AtWork, new_person: Made, provisional: Made, holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    person, twin, confirmed = await new_person(), await provisional(), await new_person()
    await merge(registry, twin, person)
    await merge(registry, confirmed, person)
    before = await holdings()

    registered = await registry.call("POST", PATH, json={"id_number": twin["id_number"], "name": "某"})
    changed = await registry.call("PUT", f"{PATH}/{confirmed['id']}", json={"name": "某"}, version=2)
    row = {"姓名": "某", "证件号码": confirmed["id_number"], "户籍地区划代码": "320582", "户籍起始日期": "2001-09-01"}
    job = await registry.import_file("persons", xlsx(list(row), [row]))
    (refused,) = (await registry.call("GET", f"/registry/v1/jobs/{job['id']}/rows")).json()["items"]

    assert said(registered) == said(changed) == (409, "person-is-merged")
    assert [(fault["column"], fault["code"]) for fault in refused["faults"]] == [("证件号码", "person-is-merged")]
    assert await holdings() == before


async def test_files_dropped_again_after_a_merge_double_nothing_and_lists_show_all_of_him(
    registry: AtWork, new_person: Made, new_organisation: Made, holdings: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    twin, person, code = await new_person(), await new_person(), (await new_organisation())["uscc"]
    who = {"姓名": "示例人员", "证件号码": twin["id_number"]}
    rows = {
        "employment": {"统一社会信用代码": code, "用工形式": "劳动合同", "起始日期": "2018-03-01", "凭据": "劳动合同"},
        "insurance": {"统一社会信用代码": code, "险种": "职工养老", "起始月份": "2018-03", "终止月份": "2018-04"},
        "students": {"学校统一社会信用代码": code, "学段": "中职", "入学日期": "2016-09-01", "学籍状态": "在籍"},
        "other-benefits": {"补贴项目": "其他培训补贴", "职业版本": "2015", "职业编码": "6-18-02-04", "等级": "高级工", "补贴金额": "1", "发放日期": "2018-05-10"},
    }  # fmt: skip
    for kind, row in rows.items():
        assert (await registry.import_file(kind, xlsx([*who, *row], [who | row])))["rows_accepted"] == 1
    await merge(registry, twin, person)
    before = await holdings()

    for kind, row in rows.items():
        for number in (twin["id_number"], person["id_number"]):
            job = await registry.import_file(kind, xlsx([*who, *row, "备注"], [who | row | {"证件号码": number}]))
            assert (job["state"], job["rows_accepted"]) == ("DONE", 1)

    assert await holdings() == before
    for path in ("employments", "students", "other-benefits"):
        for each in (twin, person):
            listed = await registry.call("GET", f"/registry/v1/{path}", params={"person_id": each["id"]})
            assert [item["person_id"] for item in listed.json()["items"]] == [twin["id"]], path


async def test_a_person_reads_what_stands_under_the_entry_that_was_merged_into_his(
    registry: AtWork, new_person: Made, new_organisation: Made
) -> None:
    twin, person, school = await new_person(), await new_person(), await new_organisation()
    enrolment = {"person_id": twin["id"], "school_id": school["id"], "stage": "HIGHER", "entered_on": "2016-09-01"}
    made = await registry.call("POST", "/registry/v1/students", json=enrolment)
    path, himself = f"/registry/v1/students/{made.json()['id']}", registry.account(Role.PERSON, person_id=person["id"])

    before = await registry.call("GET", path, who=himself)
    await merge(registry, twin, person)
    after = await registry.call("GET", path, who=himself)

    assert (before.status_code, after.status_code) == (404, 200)


async def test_a_merge_is_written_down_without_what_is_personal(registry: AtWork, new_person: Made) -> None:
    a, b = await new_person(), await new_person()
    await merge(registry, a, b)

    await unmerge(registry, a)

    async with registry.running.database.transaction() as session:
        rows = await (await raw(session)).fetch(
            "SELECT actor, operation, changes::text FROM audit WHERE subject_id = $1::text::uuid AND version > 1 ORDER BY version", a["id"]
        )

    said_of_it = {"merged_into": b["id"], "same_as": b["id"], "merge_reason": "NUMBER_WRONG", "merge_paper_number": "张公证〔2018〕7号"}
    assert [(row["actor"], row["operation"]) for row in rows] == [("officer", "merge_person"), ("officer", "unmerge_person")]
    assert [json.loads(row["changes"]) for row in rows] == [
        {column: [None, value] for column, value in said_of_it.items()}, {column: [value, None] for column, value in said_of_it.items()},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "columns", ["merged_into = id, same_as = id, merge_reason = 'NUMBER_WRONG'", "merged_into = gen_random_uuid()", "merge_reason = 'X'"]
)
async def test_the_database_itself_refuses_what_no_merge_is(registry: AtWork, new_person: Made, columns: str) -> None:
    person = await new_person()

    async with registry.running.database.transaction() as session:
        with pytest.raises(asyncpg.CheckViolationError):
            await (await raw(session)).execute(f"UPDATE person SET {columns} WHERE id = $1::text::uuid", person["id"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_after_any_merges_and_undoings_everybody_is_whom_the_standing_ones_lead_to(
    registry: AtWork, new_person: Made, data: st.DataObject
) -> None:
    people = [await new_person() for _ in range(5)]
    standing: dict[int, int] = {}

    def root(nth: int) -> int:
        return root(standing[nth]) if nth in standing else nth

    for _ in range(data.draw(st.integers(1, 8))):
        one, other = data.draw(st.permutations(range(5)))[:2]
        if data.draw(st.booleans()) or one not in standing:
            possible = one not in standing and root(other) != one
            assert ((await merge(registry, people[one], people[other])).status_code == 200) is possible
            if possible:
                standing[one] = other
        else:
            assert (await unmerge(registry, people[one])).status_code == 200
            del standing[one]

        expected = [people[root(nth)]["id"] if nth in standing else None for nth in range(5)]
        assert await merged_into(registry, *people) == expected
