"""The relations and disguises on a whole repository that holds every item: the generated one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from plomada.repository import Repository
from plomada.run import Result, Run, run
from rendering import Renderer

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from corpus import Made
from disguises import EVERYTHING, PIPELINES, PYTHON, Files
from test_relations import RELATIONS, lines_of, without

# What only a pipeline of the code host does in it: no document, hook or schedule stands in.
BY_WORKFLOWS = {"DEV4", "DEV5", "INF1", "INF2", "CI1", "CI2", "CI5", "SEC6"}


class Generated(NamedTuple):
    """The files, the paths without text, and what the checker says of them."""

    files: Files
    unreadable: list[str]
    before: Run


@pytest.fixture(scope="module")
def generated(render: Renderer) -> Generated:
    repository = Repository(render())
    texts = {path: repository.text(path) for path in repository.paths}
    files = {path: text for path, text in texts.items() if text is not None}
    unreadable = [path for path, text in texts.items() if text is None]
    return Generated(files, unreadable, run(Made(files, unreadable)))


def passing(done: Run) -> dict[str, Result]:
    assert [r.item.identifier for r in done.results if r.crash] == []
    return {r.item.identifier: r for r in done.results if r.verdict.state == "passed"}


def places(result: Result) -> set[str]:
    spans = [s for r in result.verdict.evidence for s in (r.span, *r.related)]
    return {span.path for span in spans if span is not None}


def disguised(generated: Generated, disguise: Callable[[Files], Files]) -> Run:
    return run(Made(disguise(dict(generated.files)), generated.unreadable))


@pytest.mark.slow
@pytest.mark.parametrize("relation", RELATIONS)
def test_the_generated_repository_keeps_its_verdicts(generated: Generated, relation: str) -> None:
    after = run(Made(RELATIONS[relation](dict(generated.files)), generated.unreadable))
    assert set(passing(generated.before)) == set(passing(after))


@pytest.mark.slow
@pytest.mark.parametrize("disguise", EVERYTHING)
def test_nothing_is_left_of_it_where_everything_is_only_shown(
    generated: Generated, disguise: str
) -> None:
    left = set(passing(disguised(generated, EVERYTHING[disguise])))
    assert left <= ({"GOV1", "CI6"} if disguise == "in a document" else set())


@pytest.mark.slow
@pytest.mark.parametrize("disguise", {**PIPELINES, **PYTHON})
def test_no_pass_rests_on_what_does_nothing(generated: Generated, disguise: str) -> None:
    change = {**PIPELINES, **PYTHON}[disguise]
    files = change(dict(generated.files))
    hollow = {path for path, text in generated.files.items() if files[path] != text}
    left = passing(disguised(generated, change))
    resting = {name: places(r) & hollow for name, r in left.items() if places(r) & hollow}
    if disguise == "behind echo":
        # Actions still run: what they do is no command that could be echoed.
        resting = {
            n: paths for n, paths in resting.items() if not _by_actions(left[n], files, paths)
        }
    assert resting == {}
    if disguise.startswith("jobs"):
        assert BY_WORKFLOWS.isdisjoint(left)


def _by_actions(result: Result, files: Files, paths: set[str]) -> bool:
    """Tell whether the evidence in some workflows stands at actions."""
    spans = [r.span for r in result.verdict.evidence if r.span is not None and r.span.path in paths]
    rows = [files[s.path].split("\n")[s.line - 1 : s.end_line] for s in spans]
    return all("uses:" in "\n".join(lines) for lines in rows)


@pytest.mark.slow
def test_no_pass_rests_on_what_is_commented_out(generated: Generated) -> None:
    mine = {name: lines_of(r.verdict) for name, r in passing(generated.before).items()}
    gone = set().union(*mine.values())
    after = passing(run(Made(without(generated.files, gone), generated.unreadable)))
    assert {n for n, r in after.items() if lines_of(r.verdict) & mine[n]} == set()
