"""The error tree: every way in which an act can be refused, by name. The web layer maps it once to problem+json."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Fault(NamedTuple):
    """One faulty place of a request: a JSON pointer (or a row and column of a file) and what to do about it."""

    pointer: str
    message: str


class Refusal(Exception):
    """An act that was not done, and why. Subclasses are nouns of the domain (`NoticeStillRunning`).

    `title` is the Chinese sentence for everybody, `detail` what to do here; neither ever holds an input value or a person's data.
    """

    status: ClassVar[int] = 409
    title: ClassVar[str] = "操作被拒绝"
    code: ClassVar[str] = "refusal"

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, detail: str = "", *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(f"{self.code}: {detail or self.title}")
        self.detail, self.faults = detail, tuple(faults)


class Conflict(Refusal):
    """The state of things forbids it."""

    status = 409
    title = "当前状态不允许此操作"


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    title = "没有找到"


class Invalid(Refusal):
    """The request cannot be right, whatever the state."""

    status = 422
    title = "提交的内容有误"


class Unauthenticated(Refusal):
    """Nobody knows who is calling."""

    status = 401
    title = "请先登录"


class Forbidden(Refusal):
    """The caller may not do this."""

    status = 403
    title = "没有权限"


class PreconditionRequired(Refusal):
    """A change without saying which version it is based on."""

    status = 428
    title = "请先查看这条记录再修改（If-Match）"


class PreconditionFailed(Refusal):
    """Somebody else changed it in between."""

    status = 412
    title = "数据已被他人修改，请重新读取"


class TooLarge(Refusal):
    """More than is accepted in one request."""

    status = 413
    title = "内容过大"


class Unavailable(Refusal):
    """Not now; the same request may succeed later. `retry_after_seconds` says when to try."""

    status = 503
    title = "暂时无法处理，请稍后再试"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


def refuses(*types: type[Refusal]) -> Callable[[F], F]:
    """Says of a dependency how it may refuse; the pages then list it for every route that depends on it."""

    def declared(dependency: F) -> F:
        dependency.__dict__["refuses"] = types
        return dependency

    return declared
