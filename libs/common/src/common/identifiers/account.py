"""Accounts that money is paid to: digits, as banks and the social security card know them."""

from __future__ import annotations

import re

from common.identifiers.text import tidied
from common.refusal import Invalid

_ACCOUNT = re.compile(r"[0-9]{12,24}")


class AccountMalformed(Invalid):
    title = "账号应为 12 至 24 位数字"


def parse_account(text: str) -> str:
    """The digits; blanks and hyphens between them are how people read them. Raises AccountMalformed."""
    account = tidied(text).replace("-", "")
    if not _ACCOUNT.fullmatch(account):
        raise AccountMalformed
    return account
