"""Health: the process lives; it is ready only while it can do its work."""

from lending.app import TODAY, lending

from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import at_work


async def test_readiness_is_lost_with_the_database_and_comes_back_with_it(postgres: EmbeddedPostgres) -> None:
    async with at_work(lending(), postgres, first_day=TODAY, worker=False) as started:
        name = started.running.database.url.database

        async def health(which: str) -> tuple[int, bool, int]:
            answer = await started.call("GET", f"/lending/health/{which}", headers={"Authorization": ""})
            return answer.status_code, answer.json()["ready"], len(answer.json()["reasons"])

        async def allow(connections: bool) -> None:
            import asyncpg

            admin = await asyncpg.connect(postgres.url("postgres"))
            await admin.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT {10 if connections else 0}')
            if not connections:
                await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            await admin.close()

        assert await health("ready") == (200, True, 0)
        await allow(False)
        assert await health("ready") == (503, False, 1)
        assert await health("live") == (200, True, 0), "it need not be started anew"
        refused = await started.call("GET", "/lending/v1/books")
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert "Retry-After" in refused.headers
        await allow(True)
        assert await health("ready") == (200, True, 0)
