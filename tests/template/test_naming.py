"""No name that the template can generate breaks a limit of Azure.

The patterns are Azure's, from "Naming rules and restrictions for Azure resources" and, for
what Azure Machine Learning owns, from its REST reference; they are written here a second time,
independently of the rules that generate.
"""

import json
import keyword
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extensions.azure_naming import (
    PACKAGE_NAME_LENGTH,
    RULES,
    as_package_name,
    azure_name,
    azure_slug,
    azure_suffix,
    package_name_problem,
)
from tests.rendering import Renderer

NETWORK = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?"
AZURE_ACCEPTS = {
    "action_group": (1, 260, r"[^:<>+/&%\\?|]*[^:<>+/&%\\?|. ]"),
    "alert": (1, 260, r"[^*#&+:<>?@%{}\\/|]*[^*#&+:<>?@%{}\\/|. ]"),
    "application_insights": (1, 260, r"[^%&\\?/]*[^%&\\?/. ]"),
    "autoscale": (1, 260, r"[^:<>+/&%\\?|]*[^:<>+/&%\\?|. ]"),
    "batch_endpoint": (3, 32, r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"),
    "budget": (1, 63, r"[A-Za-z0-9_-]+"),
    "compute_cluster": (3, 32, r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"),
    "container_registry": (5, 50, r"[A-Za-z0-9]+"),
    "identity": (3, 128, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "key_vault": (3, 24, r"[A-Za-z](?!.*--)[A-Za-z0-9-]*[A-Za-z0-9]"),
    "log_analytics": (4, 63, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]"),
    "network_security_group": (1, 80, NETWORK),
    "online_endpoint": (3, 32, r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"),
    "private_endpoint": (2, 64, NETWORK),
    "query_pack": (1, 63, r"[A-Za-z0-9-]+"),
    "registry": (3, 33, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "resource_group": (1, 90, r"[A-Za-z0-9_().-]*[A-Za-z0-9_()-]"),
    "storage_account": (3, 24, r"[a-z0-9]+"),
    "subnet": (1, 80, NETWORK),
    "virtual_network": (2, 64, NETWORK),
    "workbook": (1, 260, r"[A-Za-z0-9-]+"),
    "workspace": (3, 33, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
}

LETTERS = "abcxyz"
package_names = (
    st.lists(st.text(LETTERS + "019", min_size=1, max_size=14), min_size=1, max_size=4)
    .map("_".join)
    .map(lambda name: ("a" + name)[:PACKAGE_NAME_LENGTH].rstrip("_"))
    .filter(lambda name: not package_name_problem(name))
)
suffixes = st.text(min_size=1).map(azure_suffix)
environments = st.sampled_from(["dev", "test", "prod", "shared"])
purposes = st.text(LETTERS + "019", min_size=1, max_size=8)


def assert_azure_accepts(kind: str, name: str) -> None:
    shortest, longest, pattern = AZURE_ACCEPTS[kind]
    assert shortest <= len(name) <= longest, (kind, name)
    assert re.fullmatch(pattern, name), (kind, name)


def test_every_kind_is_held_against_azures_own_rule() -> None:
    assert AZURE_ACCEPTS.keys() == RULES.keys()


@given(package=package_names, environment=environments, suffix=suffixes)
def test_azure_accepts_every_name(package: str, environment: str, suffix: str) -> None:
    for kind in RULES:
        assert_azure_accepts(kind, azure_name(azure_slug(package), kind, environment, suffix))


@given(package=package_names, environment=environments, suffix=suffixes, purpose=purposes)
def test_azure_accepts_every_name_with_a_purpose(
    package: str, environment: str, suffix: str, purpose: str
) -> None:
    for kind in RULES.keys() - {"key_vault", "storage_account"}:
        name = azure_name(azure_slug(package), kind, environment, suffix, purpose)
        assert_azure_accepts(kind, name)


@given(package=package_names, suffix=suffixes)
def test_names_of_environments_stay_apart_and_keep_the_suffix(package: str, suffix: str) -> None:
    for kind in RULES:
        names = [azure_name(azure_slug(package), kind, e, suffix) for e in ("dev", "test", "prod")]
        assert len(set(names)) == 3
        assert all(name.endswith(suffix) for name in names)


def test_the_longest_project_shortens_only_the_projects_part() -> None:
    name = azure_name("abcdefghij", "key_vault", "shared", "12345")
    assert name == "kv-abcdefgh-shared-12345"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("slug", "palace", "dev", "12345"), "no naming rule for 'palace'"),
        (("sl-ug", "workspace", "dev", "12345"), "'sl-ug' is not made of"),
        (("slug", "key_vault", "dev", "12345", "averylongpurpose"), "leaves no room"),
    ],
)
def test_what_cannot_be_named_is_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        azure_name(*arguments)


@given(title=st.text())
def test_any_title_gives_an_importable_package_name(title: str) -> None:
    name = as_package_name(title)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert name not in sys.stdlib_module_names
    assert package_name_problem(name) == ""


@pytest.mark.parametrize(
    ("title", "package"),
    [
        ("Credit risk", "credit_risk"),
        ("Crédito 2: ¿riesgo?", "credito_2_riesgo"),
        ("JSON", "ml_project"),
        ("信用", "ml_project"),
        ("2 fast", "ml_project"),
    ],
)
def test_titles_and_their_packages(title: str, package: str) -> None:
    assert as_package_name(title) == package


def test_the_suffix_tells_repositories_apart_and_ignores_case() -> None:
    assert azure_suffix("contoso/risk") != azure_suffix("fabrikam/risk")
    assert azure_suffix("Contoso/Risk") == azure_suffix("contoso/risk")


def test_names_json_holds_every_name_of_a_repository_once(render: Renderer) -> None:
    environments = json.loads((render() / "infra/names.json").read_text())
    names = [name for names in environments.values() for name in names.values()]
    assert set(environments) == {"dev", "test", "prod", "shared"}
    assert len(names) == len(set(names))
