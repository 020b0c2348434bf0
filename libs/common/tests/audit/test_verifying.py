"""The check of the audit: every damage is found and named, and a calm chain is found to be whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lending.app import TODAY
from lending.sealing import KEYS, Audit, Forger, row

from common.audit.heads import HeadFiles
from common.audit.seal import AuditKeys
from common.audit.verifying import AuditChain
from common.database.foundation import foundation
from common.testing.examples import examples
from common.verify.check import CouldNotCheck, Finding

ROWS = 6


@dataclass
class Chain:
    """Six rows sealed on two days; the first three are behind an exported head."""

    audit: Audit
    forger: Forger

    async def found(self, *, keys: AuditKeys = KEYS, unsealed_seconds: float = 60, must_export: bool = True) -> list[Finding]:
        check = AuditChain(self.audit.database, keys, self.audit.heads, must_export=must_export, unsealed_seconds=unsealed_seconds)
        return [finding async for finding in check.findings()]

    async def places(self, **more: Any) -> list[str]:
        return [finding.where for finding in await self.found(**more)]

    async def forge(self, *statements: str) -> None:
        for statement in statements:
            await self.forger.forge(statement)


@pytest.fixture
async def chain(audit: Audit, forger: Forger) -> Chain:
    for day in range(2):
        for _ in range(ROWS // 2):
            await audit.act()
            await audit.seal()
        await audit.advance(TODAY + timedelta(days=day + 1))
    await audit.seal()
    return Chain(audit, forger)


async def test_a_calm_chain_is_found_whole(chain: Chain) -> None:
    check = AuditChain(chain.audit.database, KEYS, chain.audit.heads, must_export=True)

    assert [finding async for finding in check.findings()] == []
    assert check.looked_at == ROWS


async def test_an_empty_audit_is_found_whole(audit: Audit, forger: Forger) -> None:
    assert await Chain(audit, forger).found() == []


@pytest.mark.parametrize("page", [1, 2, 3, 6, 7])
async def test_nothing_is_overlooked_where_one_page_ends_and_the_next_begins(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("common.audit.verifying._PAGE", page)
    assert await chain.found() == []
    await chain.forge("DELETE FROM audit WHERE id = 3", "UPDATE audit SET actor = 'x' WHERE id = 4")

    assert await chain.places() == ["记录 3（封印 3）", "记录 4（封印 4）"]


@pytest.mark.parametrize("audit_id", [1, 3, 6])
async def test_a_deleted_row_is_named(chain: Chain, audit_id: int) -> None:
    await chain.forge(f"DELETE FROM audit WHERE id = {audit_id}")

    (finding,) = await chain.found()
    assert finding.where == f"记录 {audit_id}（封印 {audit_id}）"
    assert "被删除" in finding.what


CHANGES = {
    "id": "77", "at": "at + interval '1 microsecond'", "actor": "'somebody'", "role": "'OFFICER'", "operation": "'other'", "subject": "'reader'",
    "subject_id": "NULL", "version": "2", "verb": "NULL", "cause": "cause || ' '", "request_id": "''", "changes": """'{"shelf": ["A1", "B3"], "note": null}'""",
}  # fmt: skip


@pytest.mark.parametrize("column", [column.name for column in foundation.tables["audit"].columns])
async def test_a_changed_column_is_named_by_its_row(chain: Chain, column: str) -> None:
    await chain.forge(f"UPDATE audit SET {column} = {CHANGES[column]} WHERE id = 4")
    findings = await chain.found()

    assert "记录 4（封印 4）" in findings[0].where
    assert ("内容与封印时不同" in findings[0].what) == (column != "id")
    if column == "id":  # what has another id is another row, of which nobody has heard
        assert "被删除" in findings[0].what
        assert await chain.places(unsealed_seconds=0) == ["记录 4（封印 4）", "记录 77"]


async def test_two_rows_that_were_exchanged_are_named_together(chain: Chain) -> None:
    await chain.forge(
        "UPDATE audit SET id = 100 WHERE id = 2", "UPDATE audit SET id = 2 WHERE id = 5", "UPDATE audit SET id = 5 WHERE id = 100"
    )

    (finding,) = await chain.found()
    assert (finding.what, finding.where) == ("两条审计记录的内容被对调", "记录 2 与 5（封印 2 与 5）")


@pytest.mark.parametrize(("column", "what"), [("audit_id", "两枚封印所指的记录被对调"), ("seal_no", "两枚封印的次序被对调")])
async def test_two_seals_that_were_exchanged_are_named_together(chain: Chain, column: str, what: str) -> None:
    await chain.forge(*(f"UPDATE audit_seal SET {column} = {to} WHERE {column} = {old}" for old, to in ((2, 100), (5, 2), (100, 5))))

    findings = await chain.found()
    assert [finding.what for finding in findings if "对调" in finding.what] == [what]
    assert all(number in findings[0].where for number in "25")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("hash = sha256(hash)", "散列被改"),
        ("previous = sha256(hash)", "前一枚被改"),
        ("key_id = 'k2'", "密钥名被改"),
        ("key_id = 'unknown'", "密钥名被改"),
        ("day = day + 1", "内容与封印时不同"),
    ],
)
@pytest.mark.parametrize("seal_no", [1, 4])
async def test_a_changed_seal_is_named(chain: Chain, change: str, what: str, seal_no: int) -> None:
    await chain.forge(f"UPDATE audit_seal SET {change} WHERE seal_no = {seal_no}")

    (finding,) = await chain.found(keys=AuditKeys("lending", {"k2": b"b" * 32, "k1": b"a" * 32}))
    assert what in finding.what
    assert f"封印 {seal_no}" in finding.where


async def test_the_last_seal_of_all_is_named_too_when_its_hash_was_changed(chain: Chain) -> None:
    await chain.forge(f"UPDATE audit_seal SET hash = sha256(hash) WHERE seal_no = {ROWS}")

    assert await chain.places() == [f"记录 {ROWS}（封印 {ROWS}）"]


async def test_deleted_seals_are_named_and_the_rows_that_are_left_without_one(chain: Chain) -> None:
    await chain.forge("DELETE FROM audit_seal WHERE seal_no IN (2, 4, 5)")

    assert await chain.places(unsealed_seconds=0) == ["封印 2", "封印 4 至 5", "记录 2", "记录 4", "记录 5"]


async def test_an_acts_row_and_its_seal_deleted_together_leave_a_gap(chain: Chain) -> None:
    await chain.forge("DELETE FROM audit WHERE id = 2", "DELETE FROM audit_seal WHERE seal_no = 2")

    assert await chain.places() == ["封印 2"]


async def test_a_gap_that_was_closed_by_numbering_anew_is_found(chain: Chain) -> None:
    await chain.forge(
        "DELETE FROM audit WHERE id = 5", "DELETE FROM audit_seal WHERE seal_no = 5", "UPDATE audit_seal SET seal_no = 5 WHERE seal_no = 6"
    )

    places = await chain.places()
    assert places[0] == "记录 6（封印 5）"
    assert places[1] == "封印 6", "and the exported head knows of one more"


@pytest.mark.parametrize("known_by", ["day", "newest"])
async def test_a_cut_tail_is_found_by_what_was_exported(chain: Chain, heads: HeadFiles, known_by: str) -> None:
    if known_by == "day":
        heads.newest_file.unlink()
    else:
        heads.days_file.unlink()
    await chain.forge(
        "DELETE FROM audit WHERE id > 4", "DELETE FROM audit_seal WHERE seal_no > 4", "DELETE FROM audit_head WHERE seal_no > 4"
    )

    findings = await chain.found()
    (cut,) = [finding for finding in findings if "链尾" in finding.what]
    assert "截去 2 枚" in cut.what
    assert cut.where == "封印 5 至 6"


async def test_a_tail_that_was_cut_and_sealed_anew_is_found(chain: Chain) -> None:
    """By somebody who even has the key, or by a sealer that knew of nothing."""
    await chain.forge("DELETE FROM audit_seal WHERE seal_no > 2", "UPDATE audit SET actor = 'somebody' WHERE id = 3")
    chain.audit.heads, heads = None, chain.audit.heads
    await chain.audit.seal()
    chain.audit.heads = heads

    findings = await chain.found()
    assert {finding.where for finding in findings} == {"封印 3", "封印 6"}
    assert all("整段换过" in finding.what for finding in findings)


async def test_an_old_seal_that_was_put_back_among_new_ones_does_not_follow_them(chain: Chain) -> None:
    """As from a backup: each seal is right by itself."""
    chain.audit.heads = None
    (old,) = await chain.forger.fetch("SELECT * FROM audit_seal WHERE seal_no = 5")
    await chain.forge(
        "DELETE FROM audit_seal WHERE seal_no > 3",
        "UPDATE audit SET actor = 'somebody' WHERE id = 4",
        "DELETE FROM audit_head WHERE seal_no > 3",
    )
    await chain.audit.seal()
    assert await chain.found(must_export=False) == []
    await chain.forger.forge(
        "UPDATE audit_seal SET previous = $1, hash = $2, day = $3 WHERE seal_no = 5", old["previous"], old["hash"], old["day"]
    )

    assert await chain.places(must_export=False) == ["封印 4 与 5", "封印 5 与 6"]


async def test_a_row_that_was_inserted_is_named_while_it_is_without_a_seal(chain: Chain) -> None:
    await chain.audit.act(row(at=datetime.now(UTC) - timedelta(minutes=2)))
    assert await chain.places(unsealed_seconds=180) == []

    (finding,) = await chain.found(unsealed_seconds=60)
    assert finding.where == "记录 7"
    assert "2 分钟前" in finding.what


async def test_a_row_that_was_inserted_with_a_time_of_the_past_is_named_although_it_has_been_sealed(chain: Chain) -> None:
    await chain.audit.act(row(at=datetime.now(UTC) - timedelta(hours=2)))
    await chain.audit.seal()

    (finding,) = await chain.found()
    assert finding.where == "记录 7（封印 7）"
    assert "事后补入" in finding.what


async def test_a_row_that_was_inserted_with_an_id_of_the_past_is_named_although_it_has_been_sealed(audit: Audit, forger: Forger) -> None:
    for hours in (3, 2, 1):
        await audit.act(row(at=datetime.now(UTC) - timedelta(hours=hours)))
        await forger.fetch("SELECT setval('audit_id_seq', nextval('audit_id_seq'))")
    await audit.seal()
    await forger.forge(
        "INSERT INTO audit (id, at, actor, role, operation, subject, cause, changes) VALUES (2, now(), 'x', 'OFFICER', 'x', 'x', 'x', '{}')"
    )
    await audit.seal()

    (finding,) = await Chain(audit, forger).found()
    assert finding.where == "记录 2（在 1 与 3 之间）"


async def test_a_late_commit_is_no_finding(chain: Chain) -> None:
    async with chain.audit.database.raw_transaction() as slow:
        await slow.execute("SELECT nextval('audit_id_seq')")
        await chain.audit.act()
        await chain.audit.seal()
        await slow.execute(
            "INSERT INTO audit (id, at, actor, role, operation, subject, cause, changes) VALUES (7, now(), 'x', 'CLERK', 'x', 'x', 'x', '{}')"
        )
    await chain.audit.seal()

    assert await chain.audit.ids() == [1, 2, 3, 4, 5, 6, 8, 7]
    assert await chain.found(unsealed_seconds=0) == []


async def test_the_heads_in_the_database_and_outside_must_agree(chain: Chain, heads: HeadFiles) -> None:
    await chain.forge(f"DELETE FROM audit_head WHERE day = '{TODAY}'")
    assert await chain.places() == [f"{TODAY}，链头表"]

    lines = heads.days_file.read_text(encoding="utf-8").splitlines(keepends=True)
    heads.days_file.write_text(lines[0], encoding="utf-8")
    assert f"{TODAY + timedelta(days=1)}，{heads.days_file}" in await chain.places(unsealed_seconds=0)


@pytest.mark.parametrize("change", ["seal_no = 2", "count = 2", "hash = sha256(hash)"])
async def test_a_head_that_was_changed_in_the_database_is_named(chain: Chain, change: str) -> None:
    await chain.forge(f"UPDATE audit_head SET {change} WHERE day = '{TODAY}'")

    assert f"{TODAY}，" in (await chain.places())[-1]


async def test_a_chain_whose_heads_go_nowhere_is_a_finding_where_it_matters(chain: Chain) -> None:
    chain.audit.heads = None

    assert await chain.places() == ["设置 CRAFTPORT_AUDIT_HEADS"]
    assert await chain.found(must_export=False) == []


async def test_a_key_that_the_settings_no_longer_have_is_asked_for(chain: Chain) -> None:
    (finding,) = await chain.found(keys=AuditKeys("lending", {"k2": b"b" * 32}))

    assert "没有这把密钥" in finding.what
    assert finding.where == "封印 1 至 6"


async def test_what_was_exported_and_cannot_be_read_is_no_answer(chain: Chain, heads: HeadFiles) -> None:
    heads.newest_file.write_text("{}\n", encoding="utf-8")

    with pytest.raises(CouldNotCheck, match="newest"):
        await chain.found()


@pytest.mark.parametrize("moment", ["'infinity'", "'-infinity'", "'9999-01-01'"])
async def test_an_impossible_time_is_a_finding_and_no_failure(chain: Chain, moment: str) -> None:
    await chain.forge(f"UPDATE audit SET at = {moment} WHERE id = 5")
    await chain.audit.act()
    await chain.forge(f"UPDATE audit SET at = {moment} WHERE id = 7")
    await chain.audit.seal()

    assert "记录 5（封印 5）" in await chain.places()


DAMAGES = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), st.sampled_from(["audit", "audit_seal"]), st.integers(1, ROWS)),
        st.tuples(st.just("change"), st.sampled_from(sorted(CHANGES.keys() - {"id"})), st.integers(1, ROWS)),
        st.tuples(st.just("seal"), st.sampled_from(["hash = sha256(hash)", "previous = sha256(previous)", "day = day - 1", "key_id = 'k9'"]), st.integers(1, ROWS)),
        st.tuples(st.just("cut"), st.just(""), st.integers(1, ROWS)),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def statements(damage: tuple[str, str, int]) -> Sequence[str]:
    kind, what, number = damage
    if kind == "delete":
        return [f"DELETE FROM {what} WHERE {'id' if what == 'audit' else 'seal_no'} = {number}"]
    if kind == "change":
        return [f"UPDATE audit SET {what} = {CHANGES[what]} WHERE id = {number}"]
    if kind == "seal":
        return [f"UPDATE audit_seal SET {what} WHERE seal_no = {number}"]
    return [f"DELETE FROM audit WHERE id >= {number}", f"DELETE FROM audit_seal WHERE seal_no >= {number}"]


async def test_whatever_is_damaged_is_found_where_it_begins(chain: Chain) -> None:
    """Each example damages the same chain; afterwards it is as it was."""
    drawn: list[list[tuple[str, str, int]]] = []

    @settings(max_examples=examples(30))
    @given(DAMAGES)
    def draw(damages: list[tuple[str, str, int]]) -> None:
        drawn.append(damages)

    draw()
    kept = {table: await chain.forger.fetch(f"SELECT * FROM {table}") for table in ("audit", "audit_seal")}
    for damages in drawn:
        for statement in (statement for damage in damages for statement in statements(damage)):
            await chain.forger.execute(statement)

        first, places = min(number for _, _, number in damages), await chain.places(unsealed_seconds=0)
        assert any(re.search(rf"(记录|封印) {first}\b", place) for place in places), (damages, places)

        for table, rows in kept.items():
            await chain.forger.put_back(table, rows)
        assert await chain.found(unsealed_seconds=0) == []
