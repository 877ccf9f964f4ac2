"""The policy file, and what is said of a wrong one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from plomada.check import check
from plomada.policy import Policy, PolicyError, chosen_items, read_policy
from plomada.repository import Repository

WAIVER = '[waivers.{name}]\nreason = "the firewall"\nowner = "platform"\nexpires = {expires}\n'


def _read(tmp_path: Path, text: str, name: str = "plomada.toml") -> Policy:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_policy(Repository(tmp_path))


def test_no_file_is_the_default_policy(tmp_path: Path) -> None:
    assert read_policy(Repository(tmp_path)) == Policy()


def test_both_files_say_the_same(tmp_path: Path) -> None:
    own = _read(tmp_path, 'select = ["inf"]\nenvironments = ["dev", "prod"]\n')
    (tmp_path / "plomada.toml").unlink()
    shared = _read(
        tmp_path,
        '[tool.plomada]\nselect = ["INF"]\nenvironments = ["dev", "prod"]\n',
        "pyproject.toml",
    )
    assert own == shared
    assert own.environments == ("dev", "prod")


def test_the_command_line_replaces_the_selection_and_adds_to_the_ignored() -> None:
    policy = Policy(select=("INF",), ignore=("INF1",))
    assert [i.identifier for i in chosen_items(policy, ("INF", "SEC1"), ("INF2",))] == [
        "INF3", "INF4", "INF5", "INF6", "INF7", "SEC1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('selct = ["INF"]', "plomada.toml: unknown key 'selct' (did you mean select?)"),
        ('select = ["INFF"]', "select: INFF is no item or section (did you mean INF?)"),
        ('select = "INF"', "select: give a list of strings"),
        ('[waivers.SEC99]\nreason = "x"', "waivers: SEC99 is no item or section"),
        ('[waivers.SEC]\nreason = "x"', "SEC is a section; waive its items one by one"),
        ('[waivers.SEC4]\nreason = "x"', "waivers.SEC4: reason and owner have to be given"),
        (WAIVER.format(name="SEC4", expires='"soon"'), "expires: give a date such as 2027-03-31"),
        ('[waivers.SEC4]\nresaon = "x"', "unknown key 'resaon' (did you mean reason?)"),
        ("waivers = 3", "waivers: give one table per item"),
        ("select = [", "not valid TOML"),
    ],
)
def test_a_wrong_policy_says_where_and_what_instead(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError) as raised:
        _read(tmp_path, text)
    assert message in str(raised.value)


def test_a_broken_project_file_without_a_policy_is_none_of_our_business(tmp_path: Path) -> None:
    assert _read(tmp_path, "[project\n", "pyproject.toml") == Policy()


@pytest.mark.parametrize(
    ("expires", "disposition", "code"),
    [("2026-11-23", "waived", 0), ("2026-11-22", "none", 1)],
)
def test_a_waiver_holds_to_its_last_day(
    expires: str, disposition: str, code: int, tmp_path: Path
) -> None:
    (tmp_path / "plomada.toml").write_text(WAIVER.format(name="GOV6", expires=expires))
    report = check(Repository(tmp_path), select=("GOV6",), today=date(2026, 11, 23))
    (entry,) = report.entries
    assert (entry.verdict.state, entry.disposition) == ("failed", disposition)
    assert report.exit_code() == code
    assert expires in entry.note
