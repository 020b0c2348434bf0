"""Jobs over REST: how far they are, which rows they refused, page by page, and whose they are."""

from uuid import uuid4

from lending.counter import Asking

from common.security.principal import Role
from common.testing.files import csv_file


def books(*names: str) -> bytes:
    return csv_file(["书名", "书架"], [{"书名": name, "书架": "A1"} for name in names])


async def test_a_job_counts_its_rows_and_pages_the_refused_ones(ask: Asking) -> None:
    run = uuid4().hex[:6]
    names = [name for nth in range(25) for name in (f"书{run}{nth}", "" if nth % 5 else "chained")]

    job = await ask.at.import_file("books", books(*names), who="clerk")
    path, after, seen, sizes = f"/jobs/{job['id']}/rows", 0, [], []
    while True:
        page = (await ask("GET", path, params={"after_row": after, "limit": 10})).json()
        seen += [(row["row_number"], row["faults"][0]["code"]) for row in page["items"]]
        sizes.append(len(page["items"]))
        if (after := page["next_after_row"]) is None:
            break

    assert (job["state"], job["rows_total"], job["rows_done"], job["rows_accepted"], job["rows_refused"]) == ("DONE", 50, 50, 25, 25)
    assert sizes == [10, 10, 5]
    assert [number for number, _ in seen] == list(range(3, 52, 2))
    assert {code for _, code in seen} == {"required", "book-is-chained", "duplicate-row"}


async def test_anothers_job_is_not_there_for_an_organisation_or_a_person(ask: Asking) -> None:
    job = await ask.at.import_file("books", books(uuid4().hex), who="clerk")
    strangers = [ask.at.account(Role.ORGANISATION, organisation_id=uuid4()), ask.at.account(Role.PERSON, person_id=uuid4())]

    for path in (f"/jobs/{job['id']}", f"/jobs/{job['id']}/rows"):
        for who in strangers:
            theirs, nobodys = await ask("GET", path, who=who), await ask("GET", path.replace(job["id"], str(uuid4())), who=who)
            assert (theirs.status_code, theirs.json() | {"trace_id": ""}) == (404, nobodys.json() | {"trace_id": ""})
        assert (await ask("GET", path, who="officer")).status_code == 200


async def test_a_file_of_another_kind_than_multipart_is_refused(ask: Asking) -> None:
    for sent in ({"json": {"file": "x"}}, {"content": b"x"}, {"files": {"other": ("a", b"x")}}, {"data": {"file": "x"}}, {}):
        answer = await ask("POST", "/imports/books", **sent)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), sent
