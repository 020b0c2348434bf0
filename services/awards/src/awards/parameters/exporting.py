"""The columns of an exported preview."""

from common.web.exports import Column
from common.web.money import yuan
from contracts.awards import EntitlementState, PayeeKind

_STATES = {
    EntitlementState.DUE: "应付", EntitlementState.ACCRUING: "待计", EntitlementState.AWAITING: "待补材料", EntitlementState.HELD: "暂缓",
    EntitlementState.DISPLACED: "被覆盖", EntitlementState.WITHDRAWN: "已撤回",
}  # fmt: skip
_PAYEES = {PayeeKind.PERSON: "个人", PayeeKind.ORGANISATION: "单位"}


def _signed(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{yuan(abs(fen))}"


COLUMNS = (
    Column("待遇项目", lambda row: row.scheme),
    Column("事项", lambda row: row.entitlement_key),
    Column("收款方", lambda row: _PAYEES[PayeeKind(row.payee_kind)]),
    Column("收款方编号", lambda row: str(row.payee_id)),
    Column("当事人编号", lambda row: None if row.person_id is None else str(row.person_id)),
    Column("现状态", lambda row: None if row.state_before is None else _STATES[EntitlementState(row.state_before)]),
    Column("调整后状态", lambda row: _STATES[EntitlementState(row.state_after)]),
    Column("现应付（元）", lambda row: yuan(row.due_before_fen)),
    Column("调整后应付（元）", lambda row: yuan(row.due_after_fen)),
    Column("现待计（元）", lambda row: yuan(row.accruing_before_fen)),
    Column("调整后待计（元）", lambda row: yuan(row.accruing_after_fen)),
    Column("现覆盖前（元）", lambda row: yuan(row.would_be_before_fen)),
    Column("调整后覆盖前（元）", lambda row: yuan(row.would_be_after_fen)),
    Column("已付（元）", lambda row: yuan(row.settled_fen)),
    Column("变动（元）", lambda row: _signed(row.moved_fen)),
)
