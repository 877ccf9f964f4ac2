"""What the project says of itself."""

import re
import subprocess
import tomllib

from tests.rendering import PROJECT

SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def test_every_dependency_says_why_it_earns_its_place() -> None:
    declared = [*SETTINGS["project"]["dependencies"], *SETTINGS["dependency-groups"]["dev"]]
    names = {re.split("[=<>]", requirement)[0] for requirement in declared}
    table = re.findall(r"^\| ([a-z0-9, -]+) \| \S", (PROJECT / "CONTRIBUTING.md").read_text(), re.M)
    assert {name for row in table for name in row.split(", ")} == names


def test_the_makefile_fits_one_screen() -> None:
    assert len((PROJECT / "Makefile").read_text().splitlines()) <= 66


def test_no_tracked_file_names_a_registry_host() -> None:
    hosts = "|".join(("pypi" + r"\.org", "python" + "hosted", "npmjs" + r"\.org"))
    found = subprocess.run(
        ["git", "grep", "-lE", hosts], cwd=PROJECT, capture_output=True, text=True
    )
    assert found.stdout.split() == []
