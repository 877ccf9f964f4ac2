"""Jinja filters that name things so that Azure, Python and the code host accept them.

Every filter is pure: the same answers give the same names for ever, which is what lets
`copier update` regenerate an old version of a repository. Names follow the pattern of the
Cloud Adoption Framework, `<abbreviation>-<project>-<environment>-<suffix>`; the suffix keeps
apart what Azure wants unique in a region or in the world.

Sources, both of Microsoft Learn: "Naming rules and restrictions for Azure resources"
(azure-resource-manager/management/resource-name-rules) and "Abbreviation recommendations for
Azure resources" (cloud-adoption-framework/ready/azure-best-practices/resource-abbreviations).
"""

import hashlib
import keyword
import re
import sys
import unicodedata
from dataclasses import dataclass

from jinja2 import Environment
from jinja2.ext import Extension

SLUG_LENGTH = 10
SUFFIX_LENGTH = 5
PACKAGE_NAME_LENGTH = 30
FALLBACK_PACKAGE_NAME = "ml_project"
IMPORTED_BY_THE_TEMPLATE = {
    "azure",
    "azureml",
    "locust",
    "mlflow",
    "numpy",
    "opentelemetry",
    "pandas",
    "pytest",
    "scipy",
    "sklearn",
    "tests",
    "typer",
}


@dataclass(frozen=True)
class Rule:
    """What Azure accepts as the name of one resource type.

    Attributes:
        abbreviation: Prefix of the Cloud Adoption Framework.
        longest: Greatest length in characters.
        hyphens: Whether hyphens are allowed; if not, the parts are joined without them.
    """

    abbreviation: str
    longest: int
    hyphens: bool = True


RULES = {
    "action_group": Rule("ag", 260),
    "alert": Rule("alert", 200),
    "application_insights": Rule("appi", 260),
    "autoscale": Rule("as", 200),
    "batch_endpoint": Rule("mlb", 32),
    "budget": Rule("budget", 63),
    "compute_cluster": Rule("cpu", 32),
    "container_registry": Rule("cr", 50, hyphens=False),
    "identity": Rule("id", 128),
    "key_vault": Rule("kv", 24),
    "log_analytics": Rule("log", 63),
    "network_security_group": Rule("nsg", 80),
    "online_endpoint": Rule("mlo", 32),
    "private_endpoint": Rule("pep", 64),
    "query_pack": Rule("pack", 63),
    "registry": Rule("mlr", 32),
    "resource_group": Rule("rg", 90),
    "storage_account": Rule("st", 24, hyphens=False),
    "subnet": Rule("snet", 80),
    "virtual_network": Rule("vnet", 64),
    "workbook": Rule("wb", 160),
    "workspace": Rule("mlw", 33),
}


def azure_name(
    slug: str, kind: str, environment: str, suffix: str, purpose: str | None = None
) -> str:
    """Name one Azure resource.

    Args:
        slug: Short token of the project; the only part that is shortened where a name would
            grow too long, because environment, purpose and suffix are what tells names apart.
        kind: A key of RULES.
        environment: `dev`, `test`, `prod` or `shared`.
        suffix: Token that makes the name unique.
        purpose: What the resource is for, where an environment has several of its kind.

    Returns:
        A name that meets the type's length and alphabet.

    Raises:
        ValueError: If the kind is unknown, a part is no token of lower-case letters and
            digits, or the name cannot be made to fit.
    """
    if kind not in RULES:
        raise ValueError(f"no naming rule for {kind!r}; known: {', '.join(sorted(RULES))}")
    for part in (slug, environment, suffix, purpose or "none"):
        if not re.fullmatch("[a-z0-9]+", part):
            raise ValueError(f"{part!r} is not made of lower-case letters and digits alone")
    rule = RULES[kind]
    separator = "-" if rule.hyphens else ""
    fixed = [rule.abbreviation, *([purpose] if purpose else []), environment, suffix]
    room = rule.longest - sum(map(len, fixed)) - len(separator) * len(fixed)
    if room < 1:
        raise ValueError(f"{kind}: {purpose!r} leaves no room for the project's name")
    return separator.join([fixed[0], slug[:room], *fixed[1:]])


def azure_slug(package_name: str) -> str:
    """Shorten a package name to a token of lower-case letters and digits."""
    return package_name.replace("_", "")[:SLUG_LENGTH]


def azure_suffix(identity: str) -> str:
    """Derive the token that keeps names of different repositories apart.

    Args:
        identity: What tells this repository from all others (its address on the code host).

    Returns:
        Five hexadecimal digits of the SHA-256 digest; stable for the same input.
    """
    return hashlib.sha256(identity.lower().encode()).hexdigest()[:SUFFIX_LENGTH]


def as_package_name(project_name: str) -> str:
    """Derive a Python package name from a title: "Crédit risk 2" gives "credit_risk_2"."""
    plain = unicodedata.normalize("NFKD", project_name).encode("ascii", "ignore").decode()
    words = re.findall("[a-z0-9]+", plain.lower())
    name = "_".join(words)[:PACKAGE_NAME_LENGTH].strip("_")
    return FALLBACK_PACKAGE_NAME if package_name_problem(name) else name


def package_name_problem(name: str) -> str:
    """Say why a name cannot be the generated package's, or return an empty string.

    The alphabet is that of PEP 8 module names; doubled or trailing underscores are refused
    because the distribution name of PEP 503 could not be turned back into the package.
    """
    if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        return (
            "Use lower-case letters, digits and single underscores, beginning with a letter "
            "(for example credit_risk)."
        )
    if not 3 <= len(name) <= PACKAGE_NAME_LENGTH:
        return f"Use 3 to {PACKAGE_NAME_LENGTH} characters."
    if keyword.iskeyword(name) or name in sys.stdlib_module_names:
        return f"Python itself uses the name {name}."
    if name in IMPORTED_BY_THE_TEMPLATE:
        return f"The generated code imports another package called {name}."
    return ""


class AzureNaming(Extension):
    """Registers the filters in Copier's Jinja environment."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters.update(
            azure_name=azure_name,
            azure_slug=azure_slug,
            azure_suffix=azure_suffix,
            as_package_name=as_package_name,
            package_name_problem=package_name_problem,
        )
