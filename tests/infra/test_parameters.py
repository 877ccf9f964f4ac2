"""The parameter files fit their templates, differ where environments do, and only ever close."""

import json
import re
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml
from plomada.readers.expressions import ArrayOf, Call
from plomada.readers.templates import ParameterFile

from tests.infra.sources import Source, Types, literal, read_parameter_files

ENVIRONMENTS = ("dev", "test", "prod")
STRICT = {
    "isolationMode": "AllowOnlyApprovedOutbound",
    "privateRegistry": True,
    "lockResources": True,
    "keyVaultCreateMode": "default",
    "sparkEnabled": False,
}
PREFIXES = ("addressPrefix", "endpointPrefix", "runnerPrefix")
DIFFERENT = ("storageSku", "dataRetentionDays", "logDailyQuotaGb", "monthlyBudget")


@pytest.fixture
def files(infra: Path) -> dict[str, ParameterFile]:
    return read_parameter_files(infra)


def test_they_assign_exactly_what_is_declared(
    files: dict[str, ParameterFile], sources: dict[str, Source]
) -> None:
    for name, file in files.items():
        template = sources[file.using]
        assert template.required <= set(file.values) <= set(template.syntax.parameters), name


def test_they_assign_the_right_types(
    files: dict[str, ParameterFile], sources: dict[str, Source]
) -> None:
    for name, file in files.items():
        template = sources[file.using]
        types = Types(template, sources)
        for parameter, value in file.values.items():
            given = "string" if isinstance(value, Call) else types.of(value)
            assert given == template.parameter_types[parameter], (name, parameter)
            allowed = template.syntax.parameters[parameter].allowed
            if isinstance(allowed, ArrayOf):
                values = [literal(one) for one in allowed.elements]
                assert literal(value) in values, (name, parameter)


def value(file: ParameterFile, name: str, template: Source) -> object:
    given = file.values.get(name) or template.syntax.parameters[name].default
    return literal(given)


def test_what_is_left_out_is_strict(sources: dict[str, Source]) -> None:
    defaults = {n: p.default for n, p in sources["main.bicep"].syntax.parameters.items()}
    assert {name: literal(defaults[name]) for name in STRICT} == STRICT
    addresses = defaults["allowedAddresses"]
    assert isinstance(addresses, ArrayOf) and not addresses.elements


@pytest.mark.parametrize("environment", ["test", "prod"])
def test_test_and_production_are_closed(
    files: dict[str, ParameterFile], sources: dict[str, Source], environment: str
) -> None:
    file, template = files[f"{environment}.bicepparam"], sources["main.bicep"]
    assert {name: value(file, name, template) for name in STRICT} == STRICT
    assert "allowedAddresses" not in file.values


@pytest.mark.parametrize("name", DIFFERENT)
def test_environments_differ(
    files: dict[str, ParameterFile], sources: dict[str, Source], name: str
) -> None:
    found = [value(files[f"{e}.bicepparam"], name, sources["main.bicep"]) for e in ENVIRONMENTS]
    assert len(set(found)) == len(ENVIRONMENTS), found


def test_networks_do_not_overlap(files: dict[str, ParameterFile], repository: Path) -> None:
    if "network: vnet" in (repository / ".copier-answers.yml").read_text(encoding="utf-8"):
        given = [files[f"{e}.bicepparam"].values["endpointSubnetId"] for e in ENVIRONMENTS]
        assert len({literal(subnet) for subnet in given}) == len(ENVIRONMENTS)
        return
    ranges = []
    for environment in ENVIRONMENTS:
        values = files[f"{environment}.bicepparam"].values
        whole, endpoints, runners = (IPv4Network(str(literal(values[n]))) for n in PREFIXES)
        assert endpoints.subnet_of(whole) and runners.subnet_of(whole)
        assert not endpoints.overlaps(runners)
        ranges.append(whole)
    assert not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[i + 1 :])


def test_budgets_begin_on_the_first_of_a_month(files: dict[str, ParameterFile]) -> None:
    dated = [f.values["budgetStartDate"] for f in files.values() if "budgetStartDate" in f.values]
    assert len(dated) == 4
    for call in dated:
        assert isinstance(call, Call) and call.function == "readEnvironmentVariable"
        assert re.fullmatch(r"\d{4}-\d{2}-01", str(literal(call.arguments[1])))


def test_names_and_tags_are_written_once(infra: Path, repository: Path) -> None:
    names = json.loads((infra / "names.json").read_text(encoding="utf-8"))
    values = {v for group in names.values() for v in group.values()}
    assert len(values) == sum(len(group) for group in names.values())
    for path in infra.rglob("*.bicep*"):
        text = path.read_text(encoding="utf-8")
        assert not [v for v in values if v in text], path
    tags = json.loads((infra / "tags.json").read_text(encoding="utf-8"))
    assert set(tags) == {"owner", "cost-center", "project", "data-classification"}


def test_what_the_pipeline_makes_carries_the_same_tags(infra: Path, repository: Path) -> None:
    tags = json.loads((infra / "tags.json").read_text(encoding="utf-8"))
    specs = [*repository.glob("aml/endpoints/*.yml"), *repository.glob("aml/deployments/*.yml")]
    assert len(specs) > 3
    for spec in specs:
        assert yaml.safe_load(spec.read_text(encoding="utf-8"))["tags"] == tags, spec.name
    for spec in repository.glob("aml/*/*.yml"):
        given = yaml.safe_load(spec.read_text(encoding="utf-8")).get("tags", {})
        assert given.get("project", tags["project"]) == tags["project"], spec.name
