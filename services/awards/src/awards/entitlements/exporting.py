"""The columns of an exported file of entitlements."""

from common.web.exports import Column
from common.web.money import yuan
from contracts.awards import EntitlementState, PayeeKind

_STATES = {
    EntitlementState.DUE: "应付", EntitlementState.ACCRUING: "待计", EntitlementState.AWAITING: "待补材料", EntitlementState.HELD: "暂缓",
    EntitlementState.DISPLACED: "被覆盖", EntitlementState.WITHDRAWN: "已撤回",
}  # fmt: skip
_PAYEES = {PayeeKind.PERSON: "个人", PayeeKind.ORGANISATION: "单位"}

COLUMNS = (
    Column("权益编号", lambda row: str(row.id)),
    Column("待遇项目", lambda row: row.scheme),
    Column("事项", lambda row: row.entitlement_key),
    Column("收款方", lambda row: _PAYEES[row.payee_kind]),
    Column("收款方编号", lambda row: str(row.payee_id)),
    Column("当事人编号", lambda row: None if row.person_id is None else str(row.person_id)),
    Column("状态", lambda row: _STATES[row.state]),
    Column("应付（元）", lambda row: yuan(row.due_fen)),
    Column("待计（元）", lambda row: yuan(row.accruing_fen)),
    Column("覆盖前（元）", lambda row: yuan(row.would_be_fen)),
    Column("已付（元）", lambda row: yuan(row.settled_fen + row.carried_fen)),
    Column("认定日", lambda row: row.decided_on.isoformat()),
)
