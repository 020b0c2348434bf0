"""The demo as a newcomer runs it: broken off and begun again, told twice, and refused in one line where it cannot be."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from common.database.embedded import EmbeddedPostgres

pytestmark = pytest.mark.slow

CHAPTERS = ("一、", "二、", "三、", "四、", "五、", "六、", "七、", "八、")


class Demo:
    """`python -m city` in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "city", "--persons", "1000", "--port", str(self.port), *arguments]
        # A group of its own, as a terminal gives it: Ctrl-C reaches everybody in it.
        return subprocess.Popen(
            command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def ended(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything that was said."""
        running = self.start(*arguments)
        said, _ = running.communicate(timeout=240)
        return running.returncode, said

    def verified(self) -> tuple[int, str]:
        """What `make verify` says of it."""
        command = [sys.executable, "-m", "city.verifying", "--port", str(self.port)]
        ran = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False, timeout=240)
        return ran.returncode, ran.stdout

    def spoil(self, database: str, statement: str) -> None:
        """By a hand in the database."""
        server = EmbeddedPostgres(self.directory / ".craftport/demo/postgres")
        assert server.attach()

        async def execute() -> str:
            connection = await asyncpg.connect(server.url(database))
            done: str = await connection.execute(statement)
            await connection.close()
            return done

        assert asyncio.run(execute()) == "UPDATE 1"

    @property
    def server_runs(self) -> bool:
        return (self.directory / ".craftport/demo/postgres/data/postmaster.pid").exists()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    # Not pytest's own directory: every other session shuts it against the user that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="craftport 城 ") as directory:
        demo = Demo(Path(directory))
        yield demo
        demo.ended("--reset")


def read_until(running: subprocess.Popen[str], words: str) -> str:
    """What is said up to the line with these words."""
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


@pytest.mark.parametrize("words", ["registry", "登记单位", "各单位投递文件"])
def test_ctrl_c_ends_it_in_order_wherever_it_is(demo: Demo, words: str) -> None:
    running = demo.start()
    read_until(running, words)

    os.killpg(running.pid, signal.SIGINT)

    rest, _ = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "再次启动接着讲" in rest
    assert "Traceback" not in rest
    assert not demo.server_runs


def test_a_story_that_was_broken_off_is_told_to_its_end(demo: Demo) -> None:
    code, said = demo.ended("--no-stay")

    assert code == 0, said
    for chapter in CHAPTERS:
        assert f"\n{chapter}" in said
    assert "2018-12-31　计入 99 人，不足一百人" in said
    assert "计入 100 人，预计可得 20,000.00 元" in said
    assert re.search(r"2019-02-01 .*计入 100 人，应付 20,000\.00 元", said.replace("　", " "))
    assert re.search(r"改后应付 [\d,]+\.00 元，多 [1-9][\d,]*\.00 元", said)
    assert "与当时的认定完全一致" in said
    assert "没有搁置的档案" in said


def test_the_next_start_tells_the_same_story_of_the_same_data(demo: Demo) -> None:
    first, second = (demo.ended("--no-stay")[1] for _ in range(2))

    assert first[first.index("一、") : first.index("用时")] == second[second.index("一、") : second.index("用时")]


def test_while_it_stays_up_a_second_one_is_refused_and_ctrl_c_is_its_end(demo: Demo) -> None:
    running = demo.start()
    read_until(running, "按 Ctrl-C 结束")

    code, said = demo.ended()
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=30)

    assert (code, "演示已在运行" in said) == (1, True)
    assert running.returncode == 0
    assert not demo.server_runs


def test_while_it_stays_up_it_is_proved_right_and_what_somebody_edits_is_named(demo: Demo) -> None:
    assert (demo.verified()[0], "请先 make demo" in demo.verified()[1]) == (2, True)
    running = demo.start()
    read_until(running, "按 Ctrl-C 结束")

    calm = demo.verified()
    demo.spoil("awards", "UPDATE entitlement SET due_fen = 1 WHERE id = (SELECT min(id::text)::uuid FROM entitlement WHERE state = 'DUE')")
    edited = demo.verified()
    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=30)

    assert (calm[0], "✗" in calm[1], "全部相符" in calm[1]) == (0, False, True), calm[1]
    assert len(calm[1].splitlines()) < 60, "one page"
    assert edited[0] == 1
    assert re.search(r"库中为 DUE 应付 0\.01 元，复算为 DUE 应付 [\d,.]+ 元\n *何处：(person|partner-year) ", edited[1]), edited[1]


def test_another_city_is_refused_with_the_command_that_helps(demo: Demo) -> None:
    code, said = demo.ended("--seed", "2")

    assert code == 1
    assert "make demo PERSONS=1000 SEED=1" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("persons", ["1500", "0", "many"])
def test_nonsense_is_refused_in_a_sentence(demo: Demo, persons: str) -> None:
    code, said = demo.ended("--persons", persons)

    assert code != 0
    assert "Traceback" not in said
    assert "persons" in said


def test_a_taken_port_is_named(demo: Demo) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", demo.port))
        other.listen()
        code, said = demo.ended()

    assert code == 1
    assert f"port {demo.port}" in said
    assert "Traceback" not in said
