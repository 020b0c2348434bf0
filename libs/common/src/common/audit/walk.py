"""Walking along the chain: each seal against its row, its key and the seal before it; what does not fit is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations
from typing import NamedTuple

from common.audit.heads import Head
from common.audit.seal import GENESIS, AuditKeys, Content, Seal
from common.verify.check import Finding

LATE_SECONDS = 15 * 60
"""A row that claims to be so much older than one that was sealed before it was not written when it says."""
_MOST_COMPARED = 200
_FROM_BACKUP = "停止写入，从备份找回原样比对，查明是谁改的；保留现状作为证据。"


@dataclass
class _Failed:
    """A seal that does not fit its row, with its neighbours."""

    seal: Seal
    content: Content
    before: bytes | None
    """The hash before it, when that seal is there."""
    after: bytes | None = None
    """The hash that the next seal stands on."""


class Expected(NamedTuple):
    """A head that was told somewhere: the chain must have had this seal."""

    head: Head
    told_by: str


class Walk:
    """Fed with the seals in order; yields what is wrong as soon as it can be named, and the rest at the `end`."""

    def __init__(self, keys: AuditKeys, expected: Mapping[int, Iterable[Expected]]) -> None:
        self._keys, self._expected = keys, expected
        self._last: Seal | None = None
        self._last_fits = True
        self._newest_at = float("-inf")
        self._failed: list[_Failed] = []
        self._failed_more = 0
        self._without_key: dict[str, list[int]] = {}
        self.named: set[int] = set()
        """The rows that were named as written later than they say."""

    @property
    def last_seal_no(self) -> int:
        return self._last.seal_no if self._last else 0

    def step(self, seal: Seal, content: Content | None) -> Iterator[Finding]:
        """The next seal; `content` is that of its row, None when the row is gone."""
        if seal.seal_no < 1:
            yield Finding("有一枚封印的编号不可能存在", f"封印 {seal.seal_no}", _FROM_BACKUP)
            return
        yield from self._gap(seal)
        before = self._last.hash if self._last else GENESIS
        follows = seal.seal_no == self.last_seal_no + 1
        if self._failed and self._failed[-1].seal == self._last and follows:
            self._failed[-1].after = seal.previous
        fits = False
        if content is None:
            yield Finding("审计记录被删除，它的封印还在", f"记录 {seal.audit_id}（封印 {seal.seal_no}）", _FROM_BACKUP)
        elif seal.key_id not in self._keys and not self._key_renamed(seal, content):
            self._without_key.setdefault(seal.key_id, []).append(seal.seal_no)
        elif seal.key_id not in self._keys or self._keys.hash(seal, content) != seal.hash:
            self._remember(_Failed(seal, content, before if follows else None))
        else:
            fits = True
            if follows and self._last_fits and seal.previous != before:
                yield Finding(
                    "两枚封印各自无误，后一枚却不接在前一枚之后：有旧封印被放回", f"封印 {seal.seal_no - 1} 与 {seal.seal_no}", _FROM_BACKUP
                )
            yield from self._in_time(seal, content)
            yield from self._told(seal)
        self._last, self._last_fits = seal, fits

    def _gap(self, seal: Seal) -> Iterator[Finding]:
        first = self.last_seal_no + 1
        if seal.seal_no > first:
            yield Finding("封印被删除", _from_to(first, seal.seal_no - 1), _FROM_BACKUP)

    def _in_time(self, seal: Seal, content: Content) -> Iterator[Finding]:
        at = float(content[1] or "nan")
        if at < self._newest_at - LATE_SECONDS:
            self.named.add(seal.audit_id)
            yield Finding(
                f"审计记录自称写于 {_time(at)}，却封在 {_time(self._newest_at)} 的记录之后：事后补入",
                f"记录 {seal.audit_id}（封印 {seal.seal_no}）",
                "查明是谁直接写了数据库；这件事本身没有经过系统。",
            )
        self._newest_at = max(self._newest_at, at)

    def _told(self, seal: Seal) -> Iterator[Finding]:
        for head, told_by in self._expected.get(seal.seal_no, ()):
            if head.hash != seal.hash:
                yield Finding(
                    f"{told_by}的 {head.day} 链头与库中不符：这里以前的链被整段换过，或者链头被改", f"封印 {seal.seal_no}", _FROM_BACKUP
                )

    def _key_renamed(self, seal: Seal, content: Content) -> bool:
        return any(self._keys.hash(seal._replace(key_id=key_id), content) == seal.hash for key_id in self._keys)

    def _remember(self, failed: _Failed) -> None:
        if len(self._failed) < _MOST_COMPARED:
            self._failed.append(failed)
        else:
            self._failed_more += 1

    def end(self) -> Iterator[Finding]:
        """What can be named only when all has been seen."""
        exchanged = self._exchanged()
        for failed in self._failed:
            if (partner := exchanged.get(failed.seal.seal_no)) is None:
                yield self._named(failed)
            elif failed.seal.seal_no < partner[1].seal_no:
                yield Finding(partner[0], _two(failed.seal, partner[1]), _FROM_BACKUP)
        if self._failed_more:
            yield Finding(f"另有 {self._failed_more} 枚封印与记录不符", f"封印 {self._failed[-1].seal.seal_no} 之后", _FROM_BACKUP)
        for key_id, seals in self._without_key.items():
            yield Finding(
                f"{len(seals)} 枚封印用密钥 {key_id} 封成，本服务没有这把密钥，无法核对",
                _from_to(seals[0], seals[-1]),
                "把旧密钥补进 CRAFTPORT_AUDIT_KEYS（放在新密钥之后），再核验一次。",
            )
        yield from self._tail()

    def _tail(self) -> Iterator[Finding]:
        """The furthest head that was told, when the chain does not reach it."""
        last = self.last_seal_no
        beyond = [each for number, told in self._expected.items() if number > last for each in told]
        if beyond:
            head, told_by = max(beyond, key=lambda each: each.head.seal_no)
            yield Finding(
                f"链尾被截去 {head.seal_no - last} 枚封印：{told_by}的 {head.day} 链头是封印 {head.seal_no}，库中只到 {last}",
                _from_to(last + 1, head.seal_no),
                "若刚从备份恢复过数据库，把导出文件改名留存并记下缘由；否则" + _FROM_BACKUP,
            )

    def _exchanged(self) -> dict[int, tuple[str, Seal]]:
        """The seals whose rows, or whose places, were exchanged with those of another: by number, what was exchanged and with which."""
        found: dict[int, tuple[str, Seal]] = {}
        for one, other in permutations(self._failed, 2):
            if one.seal.key_id not in self._keys:
                continue
            if self._keys.hash(one.seal, [one.content[0], *other.content[1:]]) == one.seal.hash:
                found[one.seal.seal_no] = "两条审计记录的内容被对调", other.seal
            elif self._keys.hash(one.seal._replace(audit_id=other.seal.audit_id), other.content) == one.seal.hash:
                found[one.seal.seal_no] = "两枚封印所指的记录被对调", other.seal
            elif self._keys.hash(one.seal._replace(seal_no=other.seal.seal_no), one.content) == one.seal.hash:
                found[one.seal.seal_no] = "两枚封印的次序被对调", other.seal
        return {number: (what, other) for number, (what, other) in found.items() if other.seal_no in found}

    def _named(self, failed: _Failed) -> Finding:
        """Which of the two was changed, the row or the seal."""
        seal, place = failed.seal, f"封印 {failed.seal.seal_no}（记录 {failed.seal.audit_id}）"
        if self._key_renamed(seal, failed.content):
            return Finding("封印所记的密钥名被改", place, _FROM_BACKUP)
        if failed.before is not None and self._keys.hash(seal._replace(previous=failed.before), failed.content) == seal.hash:
            return Finding("封印所记的前一枚被改", place, _FROM_BACKUP)
        if failed.after == self._keys.hash(seal, failed.content):
            return Finding("封印的散列被改，记录本身无误", place, _FROM_BACKUP)
        what = "审计记录的内容与封印时不同：记录被改，或封印的日期、记录号被改"
        return Finding(what, f"记录 {seal.audit_id}（封印 {seal.seal_no}）", _FROM_BACKUP)


def _from_to(first: int, last: int) -> str:
    return f"封印 {first}" if first == last else f"封印 {first} 至 {last}"


def _two(one: Seal, other: Seal) -> str:
    return f"记录 {one.audit_id} 与 {other.audit_id}（封印 {one.seal_no} 与 {other.seal_no}）"


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return "不存在的时刻"
