"""What a compiler would say of names, modules, outputs and scopes, since none is here."""

import json
from pathlib import Path

import pytest
from plomada.readers.expressions import Call, Member, Name

from tests.infra.sources import (
    Source,
    Types,
    bound,
    calls_in,
    literal,
    member_path,
    module_path,
    names_in,
    passed,
    walk,
)

IDS = {"guid", "resourceId", "subscriptionResourceId", "tenantResourceId"}
PLACES = {"environment", "resourceGroup", "subscription", "tenant"}
VALUES = {"concat", "empty", "items", "join", "string", "union"}
FUNCTIONS = IDS | PLACES | VALUES | {"loadJsonContent", "loadTextContent"}
ENVIRONMENTS = ("dev", "test", "prod")


def declared(source: Source) -> set[str]:
    syntax = source.syntax
    return {*syntax.parameters, *syntax.variables, *(d.symbol for d in syntax.declarations)}


def loop_names(source: Source) -> set[str]:
    loops = [d.loop for d in source.syntax.declarations if d.loop]
    return {name for loop in loops for name in (loop.item, loop.index)}


def used(source: Source) -> set[str]:
    return {name for e in source.expressions for name in names_in(e)}


def test_every_name_is_declared(sources: dict[str, Source]) -> None:
    unknown = {s.path: used(s) - declared(s) - loop_names(s) for s in sources.values()}
    assert not {path: names for path, names in unknown.items() if names}


def test_every_function_is_one_of_bicep(sources: dict[str, Source]) -> None:
    for source in sources.values():
        assert not calls_in(source) - FUNCTIONS, source.path


def test_every_parameter_and_variable_is_used(sources: dict[str, Source]) -> None:
    for source in sources.values():
        names = {*source.syntax.parameters, *source.syntax.variables}
        assert not names - used(source), source.path


def test_every_existing_resource_is_used(sources: dict[str, Source]) -> None:
    for source in sources.values():
        symbols = {d.symbol for d in source.resources if d.existing}
        nested = {p.name for e in source.expressions for p in walk(e) if isinstance(p, Member)}
        assert not symbols - used(source) - nested, source.path


def test_every_parameter_is_described(sources: dict[str, Source]) -> None:
    for source in sources.values():
        assert set(source.syntax.parameters) == source.described, source.path


def test_modules_are_given_what_they_declare(sources: dict[str, Source]) -> None:
    calls = 0
    for source in sources.values():
        for module in source.modules:
            called = sources[module_path(source, module)]
            given, where = set(passed(module)), (source.path, module.symbol)
            assert called.required <= given <= set(called.syntax.parameters), where
            calls += 1
    assert calls > 20


def test_modules_are_given_the_right_types(sources: dict[str, Source]) -> None:
    compared = 0
    for source in sources.values():
        types = Types(source, sources)
        for module in source.modules:
            called = sources[module_path(source, module)]
            for name, value in passed(module).items():
                given, wanted = types.of(value), called.parameter_types[name]
                assert given in ("", wanted), (source.path, module.symbol, name, given, wanted)
                compared += bool(given)
    assert compared > 100


def test_every_output_that_is_asked_for_exists(sources: dict[str, Source]) -> None:
    asked = 0
    for source in sources.values():
        modules = {m.symbol: m for m in source.modules}
        for part in (p for e in source.expressions for p in walk(e) if isinstance(p, Member)):
            match member_path(part):
                case [symbol, "outputs", output]:
                    called = sources[module_path(source, modules[symbol])]
                    assert output in called.syntax.outputs, (source.path, symbol, output)
                    asked += 1
    assert asked > 20


def test_every_module_is_called_and_every_output_of_one_is_read(sources: dict[str, Source]) -> None:
    called = {module_path(s, m) for s in sources.values() for m in s.modules}
    assert called == {path for path in sources if path.startswith("modules/")}
    read = {
        (module_path(s, m), p.name)
        for s in sources.values()
        for m in s.modules
        for e in s.expressions
        for p in walk(e)
        if isinstance(p, Member) and member_path(p)[:-1] == [m.symbol, "outputs"]
    }
    there = {(path, o) for path in called for o in sources[path].syntax.outputs}
    assert not there - read


def test_a_module_of_another_scope_is_given_one(sources: dict[str, Source]) -> None:
    for source in sources.values():
        for module in source.modules:
            here, there = source.syntax.scope, sources[module_path(source, module)].syntax.scope
            has_scope = module.body.get("scope") is not None
            assert has_scope == (here != there), (source.path, module.symbol)


def test_nothing_waits_for_itself(sources: dict[str, Source]) -> None:
    for source in sources.values():
        waits = {d.symbol: names_in(d.body) & declared(source) for d in source.syntax.declarations}
        through = {name: names_in(e) for name, e in source.syntax.variables.items()}
        for start in waits:
            seen: set[str] = set()
            todo = list(waits[start])
            while todo:
                name = todo.pop()
                assert name != start, (source.path, start)
                if name not in seen:
                    seen.add(name)
                    todo += waits.get(name, set()) | through.get(name, set())


def test_no_name_of_a_module_s_deployment_is_used_twice(sources: dict[str, Source]) -> None:
    for source in sources.values():
        names = [literal(m.body.get("name")) for m in source.modules]
        literals = [name for name in names if name is not None]
        assert len(literals) == len(set(literals)), source.path


def test_every_name_is_in_names_json(infra: Path, sources: dict[str, Source]) -> None:
    names = json.loads((infra / "names.json").read_text(encoding="utf-8"))
    asked = 0
    for source in sources.values():
        environments = ("shared",) if "shared" in source.path.name else ENVIRONMENTS
        for part in (p for e in source.expressions for p in walk(e) if isinstance(p, Member)):
            match member_path(part):
                case ["names", key]:
                    assert all(key in names[environment] for environment in environments), key
                    asked += 1
                case ["allNames", environment, key]:
                    assert key in names[environment]
                    asked += 1
    assert asked > 25


def test_every_role_is_known_and_needed(infra: Path, sources: dict[str, Source]) -> None:
    roles = json.loads((infra / "roles.json").read_text(encoding="utf-8"))
    known = {name for group in roles.values() for name in group}
    parts = [p for s in sources.values() for e in s.expressions for p in walk(e)]
    asked = {p.name for p in parts if isinstance(p, Member) and p.name in known}
    assert asked == known
    assert not roles["assigned"].keys() & roles["bootstrap"].keys()


def test_the_pipeline_assigns_what_its_condition_lists(
    sources: dict[str, Source], infra: Path
) -> None:
    roles = json.loads((infra / "roles.json").read_text(encoding="utf-8"))
    bootstrap = {"deployer", "plan-access", "registry-users", "tagger"}
    pipeline = [s for s in sources.values() if s.path.stem not in bootstrap]
    parts = [p for s in pipeline for e in s.expressions for p in walk(e) if isinstance(p, Member)]
    asked = {p.name for p in parts if isinstance(p.base, Name) and p.base.name == "roles"}
    assert asked == set(roles["assigned"])


@pytest.mark.parametrize("forbidden", ["resourceGroup().location", "'westeurope'", "listKeys("])
def test_modules_are_told_all(sources: dict[str, Source], forbidden: str) -> None:
    modules = {path: s for path, s in sources.items() if path.startswith("modules/")}
    assert not [path for path, source in modules.items() if forbidden in source.text]


def test_every_file_that_is_loaded_exists(sources: dict[str, Source], infra: Path) -> None:
    loaded = 0
    for source in sources.values():
        for call in (p for e in source.expressions for p in walk(e) if isinstance(p, Call)):
            if call.function.startswith("load"):
                path = infra / source.path.parent / str(literal(call.arguments[0]))
                assert path.is_file(), (source.path, path.name)
                loaded += 1
    assert loaded > 25


def test_a_loop_s_names_do_not_hide_others(sources: dict[str, Source]) -> None:
    for source in sources.values():
        inner = {name for e in source.expressions for name in bound(e)} | loop_names(source)
        assert not (inner - {""}) & declared(source), source.path
