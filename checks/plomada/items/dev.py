"""DEV1 to DEV3 and DEV5: hooks, linters, formatters, type checkers, documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.documents.docsites import DocSite, hosted_builds, sites
from plomada.facts.model import Act
from plomada.facts.pipelines.running import (
    by_pipelines,
    hidden,
    main_language,
    related,
    running,
    runs_in_hook,
)
from plomada.facts.quality.configured import STYLE, TYPES, configured
from plomada.facts.reach.hooks import Hook
from plomada.items import Settings, item
from plomada.items.common import by_hand, left_out
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

MOST_UNUSED = 3
_BRANCHES = frozenset({"main", "master", "head", "develop", "dev", "stable", "trunk"})


@item("DEV1")
def pre_commit_hooks(facts: Facts, settings: Settings) -> Verdict:
    """A pre-commit, prek or lefthook configuration has a hook that lints or formats."""
    files = facts.reach.hook_files
    acts = acts_of(facts, "lint", "format") if files else ()
    working = [a for a in acts if runs_in_hook(a)]
    if working:
        shown = Evidence(
            "hook", f"{working[0].tool} lints or formats before each commit", working[0].span
        )
        return passed("a hook lints or formats", [shown], _advice(facts))
    hooks = [hook for file in files for hook in file.hooks]
    manual = [hook for hook in hooks if not hook.runs_at("")]
    if manual:
        reason = "no hook that git starts lints or formats"
        return failed(reason, [Finding("by-hand", "starts only by hand", manual[0].span)])
    if hooks:
        reason = "the hooks only keep files tidy; none lints or formats"
        return failed(reason, [Finding("no-linting-hook", reason, hooks[0].span)])
    if files:
        reason = "the hook configuration has no hook"
        return failed(reason, [Finding("no-hook", reason, files[0].span)])
    for problem in facts.problems:
        if problem.path.rpartition("/")[2] in (
            ".pre-commit-config.yaml",
            "lefthook.yml",
            "prek.toml",
        ):
            return failed(
                "the hook configuration does not parse",
                [Finding("unreadable", problem.reason, problem.span)],
            )
    return failed("no .pre-commit-config.yaml, prek.toml or lefthook.yml was found in any folder")


def _advice(facts: Facts) -> Iterator[Advice]:
    for file in facts.reach.hook_files:
        if "/" in file.path:
            yield Advice(
                "outside-root",
                f"{file.path} is used by nobody who commits from the root",
                file.span,
            )
        yield from (_branch(hook) for hook in file.hooks if hook.revision.lower() in _BRANCHES)


def _branch(hook: Hook) -> Advice:
    message = f"rev: {hook.revision} is a branch, which changes under you; pin a tag or a commit"
    return Advice("branch-revision", message, hook.revision_span)


@item("DEV2")
def linters_and_formatters(facts: Facts, settings: Settings) -> Verdict:
    """A linter and a formatter for the repository's main language run in a hook or a pipeline."""
    language = main_language(facts)
    linters = running(a for a in acts_of(facts, "lint") if a.target == language)
    formatters = running(a for a in acts_of(facts, "format") if a.target == language)
    if linters and formatters:
        evidence = [_ran(linters[0], "linter"), _ran(formatters[0], "formatter")]
        return passed("a linter and a formatter run", evidence, _softness(linters + formatters))
    if unread := hidden(facts, "lint", "format"):
        return unknown(f"{unread[0].path} could not be read whole and may run them")
    if not linters and not formatters:
        others = running(acts_of(facts, "lint", "format"))
        findings = [
            Finding("other-language", f"{a.tool} is not for {language}", a.span) for a in others[:1]
        ]
        findings += [*left_out(facts, "lint"), *left_out(facts, "format")]
        findings += by_hand(facts, "lint", "format", target=language)[:MOST_UNUSED]
        findings += _only_configured(facts, STYLE)
        return failed(
            f"no linter and no formatter for {language} runs in a hook or a pipeline", findings
        )
    present, missing = (linters, "formatter") if linters else (formatters, "linter")
    reason = f"{present[0].tool} runs, but no {missing} for {language} does"
    verb = "format" if missing == "formatter" else "lint"
    unused = by_hand(facts, verb, target=language)[:MOST_UNUSED]
    shown = Finding(f"no-{missing}", reason, present[0].span, related=related(present[0]))
    return failed(reason, [*left_out(facts, verb), *unused, shown])


def _only_configured(facts: Facts, tools: str) -> list[Finding]:
    message = "is configured, but nothing runs it"
    return [Finding("not-run", message, span) for span in configured(facts, tools)[:MOST_UNUSED]]


def _ran(act: Act, what: str) -> Evidence:
    return Evidence(what, f"the {what} {act.tool} runs", act.span, act.tool, related(act))


def _softness(acts: Iterable[Act]) -> Iterator[Advice]:
    for act in acts:
        if act.soft:
            yield Advice("soft", f"a failure of {act.tool} is ignored", act.span)


@item("DEV3")
def type_checking(facts: Facts, settings: Settings) -> Verdict:
    """A type checker runs in a hook or a pipeline."""
    checkers = running(acts_of(facts, "type-check"))
    if checkers:
        return passed(
            "a type checker runs", [_ran(checkers[0], "type checker")], _softness(checkers[:1])
        )
    if unread := hidden(facts, "type-check"):
        return unknown(f"{unread[0].path} could not be read whole and may run one")
    findings = [*left_out(facts, "type-check"), *by_hand(facts, "type-check")[:MOST_UNUSED]]
    findings += _only_configured(facts, TYPES)
    return failed("no mypy, pyright, pyre, ty or pyrefly runs in a hook or a pipeline", findings)


@item("DEV5")
def automatic_documentation(facts: Facts, settings: Settings) -> Verdict:
    """A documentation generator is configured, and a pipeline or Read the Docs builds it."""
    configured = sites(facts)
    for site in configured:
        builds = [a for a in by_pipelines(facts, "document") if _builds(a, site)]
        if builds:
            evidence = [
                Evidence("configured", f"{site.generator} is configured", site.span),
                _ran(builds[0], "generator"),
            ]
            return passed("a pipeline builds the documentation", evidence)
    for hosted in hosted_builds(facts):
        if any(site.generator in (hosted.generator, "") for site in configured):
            return passed(
                "Read the Docs builds the documentation",
                [Evidence("hosted", "Read the Docs builds it", hosted.span)],
            )
    without = [a for a in by_pipelines(facts, "document") if a.target in ("pdoc", "quarto")]
    if without:
        return passed("a pipeline builds the documentation", [_ran(without[0], "generator")])
    if configured:
        reason = f"{configured[0].generator} is configured, but no pipeline builds it"
        return failed(reason, [Finding("not-built", reason, configured[0].span)])
    if unread := hidden(facts, "document"):
        return unknown(f"{unread[0].path} could not be read whole and may build it")
    return failed("no MkDocs, Zensical, Sphinx, pdoc, Quarto or Jupyter Book is configured")


def _builds(act: Act, site: DocSite) -> bool:
    return act.target == site.generator or (act.target == "mkdocs" and site.generator == "zensical")
