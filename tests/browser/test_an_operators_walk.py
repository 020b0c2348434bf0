"""An operator's day on the pages, in order: log in, enter, import, certify, train, and read who is owed what and why."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from city.block import OPENING
from city.synthetic import City
from contracts.compatibility import OWNERS

pytestmark = pytest.mark.browser


async def test_the_front_page_leads_to_every_task_of_every_service_in_chinese(operator):
    await operator.page.goto(f"{operator.url}/docs")
    links = await operator.page.locator("main a").evaluate_all("found => found.map(each => each.getAttribute('href'))")
    assert {link.split("/")[1] for link in links} == set(OWNERS)
    assert await operator.without_chinese() == []

    for service in OWNERS:
        await operator.page.click(f"main h2 a[href='/{service}/docs']")
        await operator.page.wait_for_selector(".opblock")
        tasks = await operator.page.locator(".opblock-tag").evaluate_all("found => found.map(each => each.dataset.tag)")
        assert {link.partition("#/")[2] for link in links if link.startswith(f"/{service}/docs#")} <= set(tasks)
        assert await operator.without_chinese() == [], service
        await operator.page.click("nav a[href='/docs']")


async def test_a_wrong_password_is_refused_in_chinese_and_the_right_one_opens_every_page(operator):
    await operator.open("registry")
    await operator.log_in("officer", "guess")
    dialog = operator.page.locator(".modal-ux")
    await expect(dialog.locator(".errors")).to_have_text(re.compile("用户名或密码不对"))
    assert "officer（负责人）" in await dialog.inner_text()
    assert await operator.without_chinese() == []

    await operator.page.fill("#oauth_password", "officer")
    await operator.page.click(".modal-ux .authorize")
    await expect(dialog.get_by_text("已登录", exact=True)).to_be_visible()
    await operator.page.click(".modal-ux .btn-done")

    await operator.open("awards")
    assert (await operator.as_given("待遇规则"))[0] == "200"


async def test_an_organisation_and_a_person_are_entered_with_one_click_and_refused_a_second_time(operator):
    await operator.open("registry")
    for summary, again in (("登记单位", "该统一社会信用代码已登记"), ("登记人员", "该证件号码已登记")):
        status, _ = await operator.as_given(summary)
        assert status == "201", summary
        status, said = await operator.as_given(summary)
        assert (status, said.splitlines()[0]) == ("409", f"没有办成：{again}")
        assert await operator.without_chinese() == []


async def test_what_was_just_entered_stands_in_the_next_form_and_can_be_changed_there(operator):
    await operator.open("registry")
    assert (await operator.as_given("登记就业"))[0] == "201"
    assert (await operator.as_given("查看单位"))[0] == "200"
    changing = await operator.operation("修改单位")
    body = json.loads(await changing.locator("textarea").input_value())
    for version, name in ((2, "示例机械（更名）有限公司"), (3, "示例机械有限公司")):
        await changing.locator("textarea").fill(json.dumps(body | {"name": name}))
        status, said = await operator.submit(changing)
        assert (status, f'"version": {version}' in said) == ("200", True), said


async def test_fields_that_are_wrong_are_named(operator):
    await operator.open("registry")
    block = await operator.operation("登记单位")
    await block.locator("textarea").fill(json.dumps({"name": "示例", "colour": "blue"}))

    status, said = await operator.submit(block)

    assert status == "422"
    assert said.startswith("没有办成：提交的内容有误")
    assert "spans 必填" in said


async def test_a_certificate_is_issued_with_one_click_once_its_occupation_is_published(operator):
    await operator.open("certification")
    status, said = await operator.as_given("颁发证书")
    assert (status, said.splitlines()[0].startswith("没有办成：")) == ("422", True)
    assert (await operator.as_given("发布职业"))[0] == "201"
    assert (await operator.as_given("颁发证书"))[0] == "201"


async def test_a_training_earns_what_the_explanation_says_line_by_line(operator, city):
    await city.settled()
    await operator.open("training")
    for summary in ("登记定点资格", "登记班级", "报名"):
        assert (await operator.as_given(summary))[0] == "201", summary
    assert (await operator.as_given("结业"))[0] == "200"
    await city.settled()

    await operator.open("awards")
    status, said = await operator.as_given("权益列表")
    assert (status, '"amount": "960.00"' in said) == ("200", True), said
    status, said = await operator.as_given("权益说明")
    assert (status, "出勤" in said, '"outcome_name": "符合"' in said) == ("200", True, True), said
    assert await operator.without_chinese() == []


async def test_a_bureaus_file_is_dropped_followed_to_its_end_and_its_refused_rows_are_read(operator, tmp_path: Path):
    file = next(each for each in City(persons=1000).write_files(tmp_path, until=OPENING) if each.import_name == "persons")
    await operator.open("registry")
    block = await operator.operation("导入人员户籍")
    async with operator.page.expect_file_chooser() as chooser:
        await block.locator("input[type=file]").click()
    await (await chooser.value).set_files(file.path)
    status, said = await operator.submit(block)
    assert status == "202", said

    progress = await operator.operation("任务进度")
    said = ""
    while '"state": "DONE"' not in said:
        status, said = await operator.submit(progress)
        assert (status, "FAILED" in said) == ("200", False)
    assert f'"rows_accepted": {file.accepted}' in said

    _, said = await operator.as_given("被拒的行")
    refused = json.loads(said[said.index("{") : said.rindex("}") + 1])["items"]
    assert [(each["row_number"], each["faults"][0]["code"]) for each in refused] == [(row.row_number, row.code) for row in file.refused]
    assert await operator.without_chinese() == []


async def test_an_auditor_may_look_and_not_enter(operator):
    await operator.open("registry")
    await operator.page.click(".btn.authorize")
    await operator.page.get_by_role("button", name="退出").click()
    await operator.page.click(".modal-ux .btn-done")
    status, said = await operator.as_given("登记单位")
    assert (status, said.splitlines()[0]) == ("401", "没有办成：请先登录")
    await operator.log_in("auditor", "auditor")
    await operator.page.click(".modal-ux .btn-done")
    assert (await operator.as_given("单位列表"))[0] == "200"
    status, said = await operator.as_given("登记单位")
    assert (status, said.splitlines()[0]) == ("403", "没有办成：您的岗位不能进行此操作")
