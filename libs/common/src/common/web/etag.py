"""The ETag is the row's version; a change must say which version it is based on."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header
from pydantic import Field

from common.refusal import Invalid, PreconditionRequired, refuses

Version = Annotated[int, Field(description="版本号；修改时放在 If-Match 里", examples=[1])]

_STRONG = re.compile(r'^"(\d{1,18})"$')


class ETagMalformed(Invalid):
    title = 'If-Match 应写成读取时得到的 ETag，例如 "3"'


def etag(version: int) -> str:
    """A strong ETag."""
    return f'"{version}"'


@refuses(PreconditionRequired, ETagMalformed)
async def expected_version(
    if_match: Annotated[str | None, Header(description='读取时得到的 ETag，例如 "3"；操作页自动填写本页上次读到的版本')] = None,
) -> int:
    """The version in If-Match. Raises PreconditionRequired, ETagMalformed."""
    if if_match is None:
        raise PreconditionRequired
    found = _STRONG.match(if_match)
    if found is None:
        raise ETagMalformed
    return int(found[1])
