"""Deployment: identity, scaling, health, blue and green, canary, traffic."""

from __future__ import annotations

from tests.mutants.items import LIFECYCLE, MODULES
from tests.mutants.items.mod import DEPLOY, ENDPOINT, ONE_SLOT, UNDIVIDED, others
from tests.mutants.items.sec import ONLINE
from tests.mutants.mutation import (
    Add,
    Change,
    Edit,
    Everywhere,
    Harmless,
    Move,
    Mutant,
    Place,
    comment_out,
)

BLUE, GREEN = (f"aml/deployments/online-{slot}.yml" for slot in ("blue", "green"))
SLOT = f"{MODULES}/slot.bicep"
DOCKERFILE = "aml/environments/scoring/Dockerfile"
HEALTH = """\
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s --retries=3 \\
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5001/', timeout=2)"]
"""
PROBES = """\
liveness_probe:
  initial_delay: 30
  period: 10
  timeout: 2
  failure_threshold: 6
readiness_probe:
  initial_delay: 10
  period: 10
  timeout: 2
  success_threshold: 1
  failure_threshold: 6
"""
AUTOSCALE = "resource autoscale 'Microsoft.Insights/autoscalesettings@2022-10-01' = {\n"
TARGET = "    targetResourceUri: deployment.id\n"
MIRRORED = "    _mirror(endpoint.name, slot, live, policy, lease)\n"
STEPS = """\
    _shift(endpoint.name, slot, live, 10, lease)
    watch(endpoint.name, slot, live, policy, lease)
    _shift(endpoint.name, slot, live, 50, lease)
    usual = watch(endpoint.name, slot, live, policy, lease)
"""
MIRROR = '        "--mirror-traffic", f"{slot}={percent}", *workspace(), changes=True,\n'
SPLIT = '        "--traffic", checked, *workspace(), changes=True,\n'
KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: credit-risk-scoring
spec:
  replicas: 2
  selector: {matchLabels: {app: credit-risk-scoring}}
  template:
    metadata: {labels: {app: credit-risk-scoring}}
    spec:
      containers:
        - name: scoring
          image: crcreditrisk.azurecr.io/credit-risk-scoring:1
          command: [azmlinfsrv, --entry_script, credit_risk/lifecycle/scoring.py]
          livenessProbe: {httpGet: {path: /, port: 5001}}
"""


NO_TRAFFIC: tuple[Change, ...] = (
    Edit(ENDPOINT, SPLIT, "        *workspace(), changes=True,\n"),
    Edit(ENDPOINT, MIRROR, "        *workspace(), changes=True,\n"),
)
COMMENTED: tuple[Change, ...] = (
    Edit(ENDPOINT, SPLIT, '        *workspace(), changes=True,  # "--traffic", checked\n'),
    Edit(ENDPOINT, MIRROR,
         '        *workspace(), changes=True,  # "--mirror-traffic", f"{slot}={percent}"\n'),
)  # fmt: skip


def traffic(item: str) -> tuple[Mutant, ...]:
    """Return the mutants of a release that divides no traffic, as those of one of four items."""
    ties = others(UNDIVIDED, item)
    one = {name: reason for name, reason in ties.items() if name != "DEP4"}
    place = (Place(DEPLOY, "    az(\n"),)
    found = (
        Mutant(item, "constant", "one slot alone is ever named", ONE_SLOT, place, one),
        Mutant(item, "delete", "no command sets traffic", NO_TRAFFIC, place, ties),
        Mutant(item, "comment", "traffic and mirror are comments", COMMENTED, place, ties),
    )
    return tuple(m for m in found if (item, m.operator) != ("DEP4", "constant"))


ONE_DEPLOYMENT: tuple[Change, ...] = (
    Edit(
        DEPLOY,
        "    name, others = endpoint.other, endpoint.slots.keys() - {endpoint.other}\n",
        '    name, others = "blue", set()  # endpoint.other\n',
    ),
)
SHIFTED = Place(DEPLOY, 'set_traffic(endpoint, f"{live.name}={100 - percent}')
BY_HAND = Edit(
    f"{LIFECYCLE}/azure/cli.py",
    "        divide_traffic(split)\n",
    "        show_traffic()  # divide_traffic(split)\n",
)


MUTANTS = (
    *traffic("MOD5"),
    Mutant(
        "DEP1", "disable", "the endpoint does without",
        (Edit(ONLINE, "  type: system_assigned\n", "  type: none  # system_assigned\n"),),
        (Place(ONLINE, "  type: none"),),
    ),
    Mutant(
        "DEP1", "violate", "a second serving on Kubernetes names no identity",
        (Add("k8s/scoring.yml", KUBERNETES),
         Add("scripts/serve.sh", "#!/bin/sh\nkubectl apply --filename k8s/scoring.yml\n")),
        (Place("k8s/scoring.yml", "apiVersion: apps/v1"), Place("k8s/scoring.yml", "    spec:")),
    ),
    Mutant(
        "DEP1", "constant", "a release sets the identity to none",
        (Edit(ENDPOINT, "*_identity(), *workspace()", '"identity.type=none", *workspace()'),),
        (Place(ENDPOINT, '"--set", f"tags.environment={environment}"'),),
    ),
    Mutant(
        "DEP2", "delete", "the autoscale settings are gone",
        (Edit(SLOT, AUTOSCALE, AUTOSCALE.replace("= {", "existing = {")),),
        (Place(BLUE, "instance_count: 2"),),
    ),
    Mutant(
        "DEP2", "retarget", "what scales is the workspace",
        (Edit(SLOT, TARGET, "    targetResourceUri: workspace.id // deployment.id\n"),),
        (Place(BLUE, "instance_count: 2"),),
    ),
    Mutant(
        "DEP2", "disable", "the settings are switched off",
        (Edit(SLOT, "    enabled: true\n    targetResourceUri: deployment.id\n",
              "    enabled: false // true\n    targetResourceUri: deployment.id\n"),),
        (Place(BLUE, "instance_count: 2"),),
    ),
    Mutant(
        "DEP3", "delete", "probes and health check are gone",
        (Edit(BLUE, PROBES, ""), Edit(GREEN, PROBES, ""), Edit(DOCKERFILE, HEALTH, "")),
        (Place(BLUE, "$schema:"),),
    ),
    Mutant(
        "DEP3", "comment", "probes and health check are comments",
        (comment_out(BLUE, PROBES), comment_out(GREEN, PROBES), comment_out(DOCKERFILE, HEALTH)),
        (Place(BLUE, "$schema:"),),
    ),
    Mutant(
        "DEP3", "disable", "the image's check is switched off, the probes are gone",
        (Edit(BLUE, PROBES, ""), Edit(GREEN, PROBES, ""), Edit(DOCKERFILE, HEALTH, "HEALTHCHECK NONE\n")),
        (Place(BLUE, "$schema:"),),
    ),
    *traffic("DEP4"),
    Mutant(
        "DEP4", "constant", "each release goes into the same slot", ONE_DEPLOYMENT,
        (Place(DEPLOY, "    az("),),
        {"MOD5": "an endpoint with two or more deployments"},
    ),
    *traffic("DEP5"),
    Mutant(
        "DEP5", "delete", "all traffic moves at once",
        (BY_HAND, Edit(DEPLOY, MIRRORED, ""), Edit(DEPLOY, STEPS, "")),
        (SHIFTED,),
    ),
    Mutant(
        "DEP5", "comment", "the steps before are comments",
        (BY_HAND, comment_out(DEPLOY, MIRRORED), comment_out(DEPLOY, STEPS)),
        (SHIFTED,),
    ),
    Mutant(
        "DEP5", "constant", "each step gives everything",
        (BY_HAND, Edit(DEPLOY, MIRRORED, MIRRORED.replace("    _mirror", "    # _mirror")),
         Edit(DEPLOY, "slot, live, 10, lease)", "slot, live, 100, lease)"),
         Edit(DEPLOY, "slot, live, 50, lease)", "slot, live, 100, lease)")),
        (SHIFTED,),
    ),
    *traffic("DEP6"),
)  # fmt: skip

HARMLESS = (
    Harmless(
        ("DEP1", "DEP3", "MON1", "MON2"), "keys of the specs stand in another order, quoted",
        (Edit(ONLINE, "identity:\n  type: system_assigned\n", ""),
         Edit(ONLINE, "name: credit-risk-online\n", "\"identity\": {\"type\": \"system_assigned\"}\nname: credit-risk-online\n"),
         Edit(BLUE, PROBES, ""), Edit(BLUE, "tags:\n", f"{PROBES}tags:\n"),
         Edit(GREEN, "app_insights_enabled: true\n", ""),
         Edit(GREEN, "name: green\n", "app_insights_enabled: yes\nname: green\n")),
    ),
    Harmless(
        ("DEP1",), "the default identity is not written",
        (Edit(ONLINE, "identity:\n  type: system_assigned\n", ""),),
    ),
    Harmless(
        ("DEP2",), "the module that scales has another name and place",
        (Move(SLOT, "infra/serving/scaling.bicep"),
         Everywhere("modules/slot.bicep", "serving/scaling.bicep", "infra/")),
    ),
    Harmless(
        ("DEP2",), "target and rules come through variables",
        (Edit(SLOT, TARGET, "    targetResourceUri: scaled\n"),
         Edit(SLOT, AUTOSCALE, "var scaled = deployment.id\n\n" + AUTOSCALE)),
    ),
    Harmless(
        ("DEP3",), "probes by an anchor",
        (Edit(BLUE, PROBES, "liveness_probe: &probe\n  initial_delay: 30\n  period: 10\nreadiness_probe: *probe\n"),),
    ),
    Harmless(
        ("DEP4", "MOD5"), "the steps stand in a loop",
        (Edit(DEPLOY, STEPS, """\
    for percent in (10, 50):
        _shift(endpoint.name, slot, live, percent, lease)
        usual = watch(endpoint.name, slot, live, policy, lease)
"""),),
    ),
    Harmless(
        ("DEP4", "DEP6"), "the module is called rollout",
        (Move(DEPLOY, f"{LIFECYCLE}/azure/rollout.py"),
         Everywhere("from .deploy import", "from .rollout import", "src/"),
         Everywhere("azure.deploy", "azure.rollout", "tests/")),
    ),
    Harmless(
        ("DEP4", "DEP5", "DEP6", "MOD5"), "the endpoint's module is called slots",
        (Move(ENDPOINT, f"{LIFECYCLE}/azure/slots.py"),
         Everywhere("from .endpoint import", "from .slots import", "src/")),
    ),
)  # fmt: skip
