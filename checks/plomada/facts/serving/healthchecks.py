"""HEALTHCHECKs of the images that are served."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts.model import Asset
from plomada.facts.models.modelcode import scoring_modules
from plomada.facts.serving.images import ImageBuild
from plomada.facts.serving.serving import Workload, own_image_name
from plomada.facts.strings import shown
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

_SERVERS = regex(r"\b(uvicorn|gunicorn|hypercorn|azmlinfsrv|waitress|mlflow models serve)\b")


def healthchecks(
    facts: Facts, served: Iterable[Workload], deployments: Iterable[Asset]
) -> Iterator[Span]:
    """Yield the place of the HEALTHCHECK of each served image that has one.

    Args:
        facts: gives Dockerfiles and builds.
        served: workloads outside Azure ML's endpoints.
        deployments: online deployments, whose environments may be built from Dockerfiles.
    """
    builds = [b for w in served for image in w.images or ("",) for b in _built_as(facts, image)]
    builds += [b for d in deployments for b in _of_environment(facts, d)]
    for build in dict.fromkeys(builds):
        span = _healthcheck(facts, build)
        if span is not None:
            yield span


def _healthcheck(facts: Facts, build: ImageBuild) -> Span | None:
    """Return the instruction that counts: of the last stage, else of those that it builds on."""
    for stage in facts.images.at(build.path).bases(build.target):
        found = stage.last("HEALTHCHECK")
        if found is not None:
            return None if found.text.strip().upper() == "NONE" else found.span
    return None


def _built_as(facts: Facts, reference: str) -> list[ImageBuild]:
    """Return the builds that an image reference may name.

    Those of its name; a folder of its name; where the repository names neither, any Dockerfile
    whose image serves and that no build gives another name.
    """
    name = own_image_name(reference)
    builds = facts.images.builds
    named = [b for b in builds if name and name in b.names]
    named = named or [
        ImageBuild(path)
        for path in facts.images.paths
        if name and posixpath.basename(posixpath.dirname(path)).lower() == name
    ]
    if named:
        return named
    taken = {b.path for b in builds if name and b.names}
    return [ImageBuild(p) for p in facts.images.paths if p not in taken and _serves(facts, p)]


def _serves(facts: Facts, path: str) -> bool:
    """Tell whether an image starts a server or holds scoring code."""
    build = ImageBuild(path, context=posixpath.dirname(path))
    stages = facts.images.at(path).bases()
    started = " ".join(i.text for stage in stages for i in stage.of("CMD", "ENTRYPOINT", "RUN"))
    if _SERVERS.search(started):
        return True
    scoring = [module.path for module in scoring_modules(facts)]
    named = any(posixpath.basename(module) in started for module in scoring)
    return named or any(facts.images.holds(build, module) for module in scoring)


def _of_environment(facts: Facts, deployment: Asset) -> Iterator[ImageBuild]:
    """Yield the Dockerfile that a deployment's environment is built from."""
    holders = [(deployment.fields, "environment.", deployment.span.path)]
    name = re.split(r"[:@]", shown(deployment.fields.get("environment")).removeprefix("azureml:"))
    specs = facts.assets.specs_by_name.get(name[0], ())
    holders += [(s.fields, "", s.span.path) for s in specs if s.kind == "environment"]
    for fields, prefix, path in holders:
        folder, image = fields.get(f"{prefix}build.path"), fields.get(f"{prefix}image")
        if folder is not None and folder.text:
            file = fields.get(f"{prefix}build.dockerfile_path")
            base = posixpath.join(posixpath.dirname(path), folder.text)
            found = posixpath.join(base, (file.text if file is not None else "") or "Dockerfile")
            yield ImageBuild(posixpath.normpath(found))
        elif image is not None:
            named = own_image_name(shown(image))
            yield from (b for b in facts.images.builds if named and named in b.names)
