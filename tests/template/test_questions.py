"""What the questions accept, and the sentence with which they refuse the rest."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from plomada import __version__

from tests.rendering import ACCEPTED, PROJECT, Renderer

QUESTIONS: dict[str, dict[str, Any]] = {
    name: question
    for name, question in yaml.safe_load((PROJECT / "copier.yml").read_text()).items()
    if not name.startswith("_")
}
ASKED = {name: question for name, question in QUESTIONS.items() if question.get("when", True)}

NOT_YET = [
    ("ci", "azure-devops", "writes GitHub Actions only: choose github"),
    ("iac", "terraform", "writes Bicep only: choose bicep"),
    ("serving", ["batch", "kubernetes-online"], "leave out kubernetes-online"),
    ("serving", ["container-instance"], "leave out container-instance"),
]
BAD = [
    ("project_name", "", "Use 1 to 60 characters"),
    ("project_name", "  ", "Use 1 to 60 characters"),
    ("project_name", "-risk", "beginning with a letter or digit"),
    ("project_name", 'Risk "2"', "without any of"),
    ("project_name", "Risk\nscore", "on one line"),
    ("project_name", "x" * 61, "Use 1 to 60 characters"),
    ("package_name", "", "beginning with a letter"),
    ("package_name", "2fast", "beginning with a letter"),
    ("package_name", "Credit", "lower-case"),
    ("package_name", "credit-risk", "single underscores"),
    ("package_name", "credit__risk", "single underscores"),
    ("package_name", "ab", "Use 3 to 30 characters"),
    ("package_name", "a" * 31, "Use 3 to 30 characters"),
    ("package_name", "class", "Python itself uses the name class"),
    ("package_name", "json", "Python itself uses the name json"),
    ("package_name", "sklearn", "imports another package called sklearn"),
    ("description", " ", "1 to 200 characters"),
    ("description", "one\ntwo", "one line"),
    ("description", "${{ secrets.X }}", "without any of"),
    ("owner", "", "Use 1 to 64 letters"),
    ("owner", "it's us", "Use 1 to 64 letters"),
    ("alert_email", "nobody", "name@domain"),
    ("alert_email", "a@b.c\n", "name@domain"),
    ("cost_center", "CC 1", "Use 1 to 32 letters"),
    ("repository", "risk", "owner/name"),
    ("repository", "-a/risk", "owner/name"),
    ("task", "clustering", "not in ['classification', 'regression']"),
    ("serving", [], "Choose at least one way"),
    ("serving", ["carrier-pigeon"], "carrier-pigeon"),
    ("location", "West Europe", "short name"),
]


@pytest.mark.parametrize(("question", "answer", "sentence"), NOT_YET + BAD)
def test_a_wrong_answer_is_refused_with_its_rule_and_leaves_nothing(
    question: str, answer: object, sentence: str, render: Renderer, tmp_path: Path
) -> None:
    target = tmp_path / "repository"
    with pytest.raises(ValueError, match=question) as refusal:
        render.render(target, {question: answer})
    assert sentence in " ".join(str(refusal.value).split())
    assert not target.exists()


@pytest.mark.parametrize("name", ASKED)
def test_every_question_has_type_help_and_default(name: str) -> None:
    assert {"type", "help", "default"} <= ASKED[name].keys()


def test_computed_answers_are_never_asked() -> None:
    assert QUESTIONS.keys() - ASKED.keys() == {
        "distribution",
        "plomada_version",
        "slug",
        "suffix",
        "template_date",
    }


@pytest.mark.parametrize(
    "name", [name for name, question in ASKED.items() if "choices" in question]
)
def test_every_choice_is_either_rendered_or_refused(name: str) -> None:
    choices = set(ASKED[name]["choices"].values())
    rendered = {choice for value in ACCEPTED[name] for choice in _as_list(value)}
    refused = {choice for q, value, _ in NOT_YET if q == name for choice in _as_list(value)}
    assert choices == rendered | refused


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_the_generated_pipeline_runs_the_checker_of_the_same_release(render: Renderer) -> None:
    assert QUESTIONS["plomada_version"]["default"] == __version__
    workflow = (render() / ".github/workflows/ci.yml").read_text()
    assert f"uvx plomada@{__version__} check" in workflow
