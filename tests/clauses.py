"""The table of clauses with their tests (design §9): printed after a whole run, which fails for a
clause that is served and has no test."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from linbao.core.regulation import CLAUSES

# What the product serves so far, with the page and the module where it is seen; grows with it.
SERVED = {
    "1.3.1": ("/review/", "items/hints.py, review/services.py"),
    "1.3.2": ("/compliance/", "duties/"),
    "1.3.3": ("/report/new", "items/catalogue/catalogue.py"),
    "1.3.4": ("/items/…", "organisation/rights.py, platform/encryption/crypto.py, audit/"),
    "2.1.1": ("/activities/", "items/activities/services.py"),
    "2.1.2": ("/report/new", "items/services.py"),
    "2.1.3": ("/report/new", "items/attachments/services.py"),
    "2.2.1": ("/archive/", "archive/search.py"),
    "2.2.2": ("/stats/", "archive/statistics/overview.py"),
    "2.3.1": ("/weekly/", "weekly_reports/assembly.py"),
    "2.3.2": ("/report/urgent, /duty/", "emergencies/services.py, emergencies/alarms.py, duties/roster.py"),
    "2.4.1": ("/handling/…", "handling/informing.py"),
    "2.4.2": ("/r/<token>", "handling/loop.py, handling/call_backs/services.py"),
    "3.1": ("/report/new", "items/fields.py"),
    "3.2": ("/report/new", "items/fields.py"),
    "3.3": ("/report/new", "items/fields.py"),
    "3.4": ("/report/new", "items/fields.py"),
    "4.1.1": ("/weekly/", "weekly_reports/services.py, outbox/sending.py"),
    "4.1.2": ("/weekly/", "documents/"),
    "4.2.1": ("/report/urgent", "emergencies/services.py"),
    "4.2.2": ("/seals/, /verify/", "documents/seals/services.py, documents/verification.py"),
    "4.3.1": ("/review/", "review/services.py"),
    "4.3.2": ("/review/, /handling/", "review/services.py, handling/assigning.py"),
    "5.1.1": ("/training/", "training/"),
    "5.1.2": ("/training/", "training/"),
    "5.1.3": ("/training/", "training/"),
    "5.2.1": ("/appraisal/", "appraisal/"),
    "5.2.2": ("/appraisal/", "appraisal/"),
    "5.2.3": ("/appraisal/", "appraisal/"),
    "5.3.1": ("/tasks/", "management/"),
    "5.3.2": ("/people/files/", "management/"),
    "5.3.3": ("/meetings/", "management/"),
    "6.1.1": ("/security/", "security/, audit/"),
    "6.1.2": ("/security/", "security/"),
    "6.1.3": ("/security/", "security/, deploy/"),
    "6.2.1": ("/confidentiality/", "confidentiality/"),
    "6.2.2": ("/confidentiality/", "confidentiality/"),
    "6.2.3": ("/security/", "security/"),
    "7.1.1": ("/rewards/", "conduct/"),
    "7.1.2": ("/rewards/", "conduct/"),
    "7.2.1": ("/cases/", "conduct/"),
    "7.2.2": ("/cases/", "conduct/"),
}
TABLE = Path(__file__).parent.parent / "docs" / "regulation.md"

_tests: dict[str, list[str]] = defaultdict(list)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clause(*ids): the clauses of the regulation that this test proves")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regulation", action="store_true", help="write docs/regulation.md from the tests collected")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("clause"):
            for clause in mark.args:
                _tests[str(clause)].append(item.nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """With several processes each collects all tests; any one tells the table."""
    _tests.update(getattr(node, "workeroutput", {}).get("clauses", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not _whole(config):
        return
    terminalreporter.section("clauses of the regulation")
    for clause in SERVED:
        rows = list(dict.fromkeys(t.split("[")[0] for t in _tests.get(clause, [])))
        first = rows[0].removeprefix("tests/") if rows else "NO TEST"
        terminalreporter.write_line(f"{clause:6} {len(rows):3}  {first}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["clauses"] = dict(_tests)
        return
    if session.config.option.regulation:
        TABLE.write_text(table(), encoding="utf-8")
    if (
        _whole(session.config)
        and not session.config.option.collectonly
        and (lacking := [c for c in SERVED if not _tests.get(c)])
    ):
        print(f"\nclauses without a test: {' '.join(lacking)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def table() -> str:
    """docs/regulation.md: every clause served, its page, module and tests."""
    lines = [
        "# 条款对照表",
        "",
        "每一条款由哪个页面落实、规则写在哪个模块、由哪些测试证明。由 `make regulation` 从测试生成，请勿手工修改。",
        "",
        "| 条款 | 要求 | 页面 | 模块（src/linbao/） | 测试（tests/） |",
        "| --- | --- | --- | --- | --- |",
    ]
    for clause, message in CLAUSES.items():
        if clause not in SERVED:
            continue
        page, module = SERVED[clause]
        files = sorted({t.split("::")[0].removeprefix("tests/") for t in _tests.get(clause, [])})
        count = len({t.split("[")[0] for t in _tests.get(clause, [])})
        lines.append(f"| {clause} | {message} | `{page}` | {module} | {count} 项：{'、'.join(files)} |")
    open_ = [c for c in CLAUSES if c not in SERVED]
    if open_:
        lines += ["", f"尚未落实：{'、'.join(open_)}。"]
    return "\n".join(lines) + "\n"


def _whole(config: pytest.Config) -> bool:
    return (
        config.args in ([str(config.rootpath / "tests")], ["tests"])
        and not config.option.keyword
        and not config.option.markexpr
    )
