"""Which stage a name speaks of, and which one a deploying job works on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plomada.facts.model import OFFERED, Act, Job, Value
from plomada.facts.shell.commandline import option
from plomada.facts.strings import shown, texts
from plomada.patterns import regex

PRODUCTION = "production"
NOWHERE = frozenset({"", "local"})  # a developer's machine is no environment
_STAGES = {
    "production": PRODUCTION, "prod": PRODUCTION, "prd": PRODUCTION, "live": PRODUCTION,
    "prods": PRODUCTION, "production2": PRODUCTION,
    "dev": "dev", "development": "dev", "develop": "dev", "sandbox": "sandbox", "sbx": "sandbox",
    "test": "test", "tst": "test", "testing": "test", "qa": "qa", "uat": "uat", "acc": "acc",
    "acceptance": "acc", "staging": "staging", "stage": "staging", "stg": "staging",
    "stag": "staging", "preprod": "preprod", "preproduction": "preprod", "nonprod": "nonprod",
    "int": "int", "integration": "int", "ci": "ci", "demo": "demo", "local": "local",
    "experiment": "experiment", "experimental": "experiment", "lab": "lab", "ppe": "preprod",
}  # fmt: skip
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = regex(r"[a-z0-9]+")
_ENVIRONMENT_INPUT = regex(
    r"^(env(ironment)?(_?name)?|stage(_?name)?|target(_?env(ironment)?)?|deploy(ment)?_?env(ironment)?|tier)$",
    re.I,
)


def tokens(text: str) -> list[str]:
    """Return the words of a name in lower case: separators and camel case part them."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


def stage_in(text: str) -> str:
    """Return the stage that a name speaks of, "" for none; ``pre-prod`` is not production."""
    words = tokens(text)
    for index, word in enumerate(words):
        stage = _STAGES.get(word) or _STAGES.get(word.rstrip("0123456789"))
        if stage is None:
            continue
        before = words[index - 1] if index else ""
        if stage == PRODUCTION and before in ("pre", "non", "no", "not"):
            return "preprod"
        return stage
    return ""


def stages_in(texts_: Iterable[str]) -> list[str]:
    """Return the stages that some names speak of, each once."""
    return list(dict.fromkeys(s for t in texts_ if (s := stage_in(t))))


def environment_stages(job: Job) -> list[str]:
    """Return the stages of a job's own environments, options of an input included."""
    names = [t for a in job.approvals if a.kind == "environment" for t in texts(a.name)]
    return stages_in(names)


def stage_of(act: Act) -> str:
    """Return the stage that a deploying act works on; where nothing says it, production.

    First found: the job's environment, its stage or name, an input, the endpoint, the workspace,
    the file's name. An environment that may be production's is: it is an approval all the same.
    """
    job = act.job
    if job is None:
        return PRODUCTION
    if PRODUCTION in environment_stages(job):
        return PRODUCTION
    for names in _namings(job, act):
        found = stages_in(names)
        if found:
            return found[0]
    return PRODUCTION


def _namings(job: Job, act: Act) -> Iterator[list[str]]:
    yield [t for a in job.approvals if a.kind == "environment" for t in texts(a.name)]
    yield [job.stage]
    yield [job.address.rpartition("::")[2], job.title]
    yield [t for k, v in job.inputs.items() if _ENVIRONMENT_INPUT.match(k) for t in _taken(v)]
    yield [
        t for k, v in _passed(act) if _ENVIRONMENT_INPUT.match(k.lstrip("-")) for t in texts(v)[:1]
    ]
    for key in ("--endpoint-name", "--endpoint", "endpoint_name", "--name", "-n", "-e"):
        yield _words(act.arguments, key)
    yield [shown(v) for k, v in job.inputs.items() if "endpoint" in k or "workspace" in k]
    for key in (
        "--workspace-name",
        "-w",
        "--resource-group",
        "-g",
        "azuresubscription",
        "resourcegroupname",
    ):
        yield _words(act.arguments, key)
    yield [shown(v) for k, v in act.arguments.items() if k in ("--file", "-f")]
    yield [job.pipeline.rpartition("/")[2]]


def _taken(value: Value) -> list[str]:
    """Return an input's default; of options without one, production's, which a person may take."""
    names = list(texts(value))
    live = [n for n in names if stage_in(n) == PRODUCTION] if value.reason == OFFERED else []
    return (live or names)[:1]


def _words(given: object, key: str) -> list[str]:
    value = option(given, key)  # type: ignore[arg-type]
    return [shown(value)] if value is not None else []


def _passed(act: Act) -> Iterator[tuple[str, Value]]:
    """Yield the options that the route passes on: ``python deploy.py --environment prod``."""
    for edge in act.route:
        previous = ""
        for key, value in edge.arguments:
            text = shown(value)
            if previous.startswith("-"):
                yield previous, value
            elif not key.isdigit():
                yield key, value
            previous = text
