"""The whole said in another language: Terraform or ARM for Bicep. The files stand in ``twins``.

Each saying has mutants of its own, so that its silence is no praise.
"""

from __future__ import annotations

import re

from tests.mutants.items import ACTIONS, AZURE, CI, LIFECYCLE
from tests.mutants.items.dep import BY_HAND, DOCKERFILE, HEALTH, MIRRORED, SHIFTED, STEPS
from tests.mutants.mutation import (
    Add,
    Change,
    Delete,
    DeleteFolder,
    DeleteLike,
    Edit,
    Everywhere,
    Harmless,
    Mutant,
    Overlay,
    Place,
    Rewrite,
    comment_out,
)

BOOTSTRAP = f"{AZURE}/bootstrap.py"
ESTATE = (
    "INF1", "INF2", "INF3", "INF4", "INF5", "INF6", "INF7", "DEP2", "MON1", "MON3", "MON4", "MON5",
    "SEC1", "SEC2", "SEC3", "SEC4", "SEC5", "GOV2", "GOV3", "GOV4",
)  # fmt: skip
PIPELINES = (
    "DEV4", "DEV5", "INF1", "INF2", "CI1", "CI2", "CI3", "CI4", "CI5", "CI6",
    "SEC6", "SEC7", "GOV2", "GOV5",
)  # fmt: skip
AZURE_PIPELINES: tuple[Change, ...] = (DeleteFolder(".github"), Overlay("azure-pipelines"))
RELEASING = "pipelines/templates/release-to.yml"
TRAINING = "pipelines/train.yml"
CHECKS = "pipelines/ci.yml"
UNGATED = (
    "      - deployment: release\n        displayName: Release\n        environment: ${{ parameters.environment }}\n",
    "      - deployment: announce\n        environment: ${{ parameters.environment }}\n"
    "        strategy:\n          runOnce:\n            deploy:\n              steps:\n                - script: echo released\n"
    "      - deployment: release\n        displayName: Release\n",
)
STARTS = """\
trigger:
  branches:
    include: [main]
  paths:
    include: [src, aml, pyproject.toml, uv.lock]

pr: none

schedules:
  - cron: "23 3 1 * *"
    displayName: Every month
    branches:
      include: [main]
    always: "true"
"""
WITHOUT_BICEP = DeleteLike((".bicep", ".bicepparam", "bicepconfig.json"))
CHECKOV = "--directory infra --framework bicep"


def prepared_by_terraform(text: str) -> str:
    """Let the bootstrap's two deployments be two of Terraform's."""
    text = re.sub(
        r'az\(\n +"deployment", "sub", "create".*?changes=True,?\n +\)',
        "_applied({})",
        text,
        flags=re.S,
    )
    return (
        text.replace("_applied({})", "_applied(SHARED, wanted.location, subjects[SHARED])", 1)
        .replace("_applied({})", "_applied(environment, wanted.location, subjects[environment])", 1)
        .replace('SHARED_TEMPLATE = "infra/bootstrap-shared.bicep"\n', "", 1)
        .replace('TEMPLATE = "infra/bootstrap.bicep"\n', "", 1)
        .replace(
            "\n\ndef _outputs(answer: Any)",
            """

def _applied(environment: str, location: str, subject: str) -> Any:
    terraform(
        "infra/bootstrap", "apply", "-auto-approve", f"-var=environment={environment}",
        f"-var=location={location}", f"-var=deploy_subject={subject}",
    )
    return terraform("infra/bootstrap", "output", "-json")


def _outputs(answer: Any)""",
            1,
        )
        .replace("from .github import (", "from .serving import terraform\nfrom .github import (", 1)
    )  # fmt: skip


TERRAFORM: tuple[Change, ...] = (
    WITHOUT_BICEP,
    Overlay("terraform"),
    Edit(CI, "hashFiles('infra/*.bicep')", "hashFiles('infra/*.tf')"),
    Edit(CI, CHECKOV, CHECKOV.replace("bicep", "terraform")),
    Rewrite((BOOTSTRAP,), prepared_by_terraform),
)


def deployed_as_json(text: str) -> str:
    """Let a workflow check and deploy ARM's own JSON."""
    build = r' +az bicep lint --file "\$file"\n +az bicep build --file .*?\n'
    text = re.sub(build, '            jq empty "$file"\n', text)
    text = re.sub(r" +for file in infra/\*\.bicepparam; do\n.*?\n +done\n", "", text, flags=re.S)
    return text.replace(".bicepparam", ".parameters.json").replace(".bicep", ".json")


ARM: tuple[Change, ...] = (
    WITHOUT_BICEP,
    Overlay("arm"),
    Edit(CI, "hashFiles('infra/*.bicep')", "hashFiles('infra/*.json')"),
    Edit(CI, CHECKOV, CHECKOV.replace("bicep", "arm")),
    Rewrite((f"{ACTIONS}/infra.yml",), deployed_as_json),
    Everywhere(".bicepparam", ".parameters.json", "src/"),
    Everywhere(".bicep", ".json", "src/"),
)
ENDPOINT, DEPLOY, SUBMIT = (f"{AZURE}/{name}.py" for name in ("endpoint", "deploy", "submit"))
ENTITIES = f"{AZURE}/entities.py"
MADE_ENDPOINT = """\
    az(
        "ml", "online-endpoint", "create", "--name", name,
        "--file", spec("endpoints", "online.yml"),
        "--set", f"tags.environment={environment}", *_identity(), *workspace(), changes=True,
    )  # fmt: skip
"""
SET_TRAFFIC = """\
    az(
        "ml", "online-endpoint", "update", "--name", name,
        "--traffic", checked, *workspace(), changes=True,
    )  # fmt: skip
"""
SET_MIRROR = """\
    az(
        "ml", "online-endpoint", "update", "--name", name,
        "--mirror-traffic", f"{slot}={percent}", *workspace(), changes=True,
    )  # fmt: skip
"""
MADE_SLOT = """\
    az(
        "ml", "online-deployment", "create", "--name", name, "--endpoint-name", endpoint,
        "--file", spec("deployments", f"online-{name}.yml"),
        "--set", f"model={model}", f"environment={image}",
        *telemetry(), *(f"tags.{key}={value}" for key, value in tags.items()),
        *workspace(), changes=True,
    )  # fmt: skip
"""


SDK_PROBES = """\
        liveness_probe=ProbeSettings(initial_delay=30, period=10, timeout=2, failure_threshold=6),
        readiness_probe=ProbeSettings(initial_delay=10, period=10, timeout=2, failure_threshold=6),
"""


def submitted_by_sdk(text: str) -> str:
    """Let the SDK submit the training job and apply the schedules."""
    text = re.sub(
        r' +file = spec\("pipelines".*?changes=True,\n +\)  # fmt: skip\n',
        '        job = training_job(setting("AZURE_ML_COMPUTE"), commit())\n'
        "        job.name = name\n"
        "        client().jobs.create_or_update(job)\n",
        text, flags=re.S,
    )  # fmt: skip
    text = re.sub(
        r'    files = sorted\(\(SPECS.*?\n\n\ndef _filled_in.*?\n\n\ndef _registered',
        '    compute = setting("AZURE_ML_COMPUTE")\n'
        '    if only in ("", "training"):\n'
        "        client().schedules.begin_create_or_update(training_schedule(compute, commit())).result()\n"
        "    version = live_version()\n"
        '    if only in ("", "monitoring") and version:\n'
        "        watch = monitoring_schedule(compute, version, reference_address(version))\n"
        "        client().schedules.begin_create_or_update(watch).result()\n"
        "\n\ndef _registered",
        text, flags=re.S,
    )  # fmt: skip
    return text.replace(
        "from .data import asset_name, ensure_data\n",
        "from .data import asset_name, ensure_data\n"
        "from .entities import client, monitoring_schedule, training_job, training_schedule\n",
    )


SDK: tuple[Change, ...] = (
    *(DeleteFolder(f"aml/{name}") for name in ("components", "pipelines", "schedules", "monitors")),
    Delete("aml/endpoints/online.yml"),
    Delete("aml/deployments/online-blue.yml"),
    Delete("aml/deployments/online-green.yml"),
    Overlay("sdk"),
    Edit(ENDPOINT, MADE_ENDPOINT, """\
    client().online_endpoints.begin_create_or_update(online_endpoint(name, environment)).result()
"""),
    Edit(ENDPOINT, SET_TRAFFIC, """\
    endpoint = client().online_endpoints.get(name)
    endpoint.traffic = {slot: int(share) for slot, _, share in (p.partition("=") for p in checked.split())}
    client().online_endpoints.begin_create_or_update(endpoint).result()
"""),
    Edit(ENDPOINT, SET_MIRROR, """\
    endpoint = client().online_endpoints.get(name)
    endpoint.mirror_traffic = {slot: percent}
    client().online_endpoints.begin_create_or_update(endpoint).result()
"""),
    Edit(ENDPOINT, "from .settings import seconds,", "from .entities import client, online_endpoint\nfrom .settings import seconds,"),
    Edit(DEPLOY, MADE_SLOT, """\
    made = slot_deployment(endpoint, name, model, image, tags)
    client().online_deployments.begin_create_or_update(made).result()
"""),
    Edit(DEPLOY, "from .lease import LASTS_FILLING", "from .entities import client, slot_deployment\nfrom .lease import LASTS_FILLING"),
    Rewrite((SUBMIT,), submitted_by_sdk),
)  # fmt: skip
RELEASE, ROLLBACK, LIVE = (f"{ACTIONS}/{name}.yml" for name in ("release-to", "rollback", "live"))
SCRIPT = "scripts/release.sh"
SCRIPT_PROBES = """\
  liveness_probe.initial_delay=30 liveness_probe.period=10 \\
  readiness_probe.initial_delay=10 readiness_probe.period=10 \\
"""


def without_serving_commands(text: str) -> str:
    """Leave what releases, divides traffic and goes back out of the project's own command line."""
    return re.sub(
        r"@app\.command\(\)\ndef deploy\(.*?(?=@batch_app\.command)", "", text, flags=re.S
    )


def by_script(text: str) -> str:
    """Let a workflow release and go back by the scripts."""
    text = re.sub(
        r'uv run credit-risk azure deploy --version "\$VERSION" --environment (\S+)',
        r'./scripts/release.sh "$VERSION" \1',
        text,
    )
    text = text.replace("uv run credit-risk azure rollback --unfinished", "./scripts/rollback.sh")
    text = text.replace("uv run credit-risk azure rollback\n", "./scripts/rollback.sh\n")
    return text.replace(
        "uv run credit-risk azure traffic",
        'az ml online-endpoint show --name "$AZURE_ML_ONLINE_ENDPOINT" --query traffic',
    )


CLI: tuple[Change, ...] = (
    *(Delete(f"{AZURE}/{name}.py") for name in ("deploy", "rollback", "traffic")),
    Delete("aml/endpoints/online.yml"),
    Delete("aml/deployments/online-blue.yml"),
    Delete("aml/deployments/online-green.yml"),
    Overlay("cli"),
    Edit(ENDPOINT, MADE_ENDPOINT, ""),
    Edit(ENDPOINT, SET_TRAFFIC, ""),
    Edit(ENDPOINT, SET_MIRROR, ""),
    Rewrite((f"{AZURE}/cli.py",), without_serving_commands),
    Rewrite((RELEASE, ROLLBACK, LIVE), by_script),
)  # fmt: skip
MAIN_JSON = "infra/main.json"
ALL_LOGS = """\
            "categoryGroup": "allLogs",
            "enabled": true
"""
VAULT_ENDPOINT = """\
        "target": "[resourceId('Microsoft.KeyVault/vaults', variables('vault'))]",
        "group": "vault"
"""
TAGGED_STORAGE = """\
      "name": "[variables('storage')]",
      "location": "[parameters('location')]",
      "tags": "[variables('tags')]",
"""
OWN_ROLE = (
    "[resourceId('Microsoft.Authorization/roleDefinitions', guid(resourceGroup().id, 'deployer'))]"
)
CONTRIBUTOR = "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c')]"
SLOT = (
    "\"[resourceId('Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments', variables('workspace'),"
    " parameters('endpointName'), parameters('slots')[copyIndex()])]\",\n        \"targetResourceLocation"
)
TF = "infra/modules"
ASSOCIATION = 'resource "azurerm_subnet_network_security_group_association"'
PUBLIC_WORKSPACE = """\
    isolation_mode                = var.isolation_mode
"""
LOGS_OF_VAULT = """\
  enabled_log {
    category_group = "allLogs"
  }

"""
FIRST_GRANT = """\
    workspace-blobs    = { principal = var.workspace, role = "Storage Blob Data Contributor", scope = var.storage_id }
"""


def without_groups(text: str) -> str:
    """Leave out what attaches security groups to subnets in ARM's JSON."""
    return re.sub(r',\n +"networkSecurityGroup": \{\n.*\n +\}', "", text)


def without_logs(text: str) -> str:
    """Let the diagnostic settings send metrics alone."""
    return text.replace(LOGS_OF_VAULT, "")


def disabled(text: str) -> str:
    """Switch the alert rules off."""
    return re.sub(
        r'(resource "azurerm_monitor_\w*alert\w*" "\w+" \{\n)', r"\1  enabled = false\n", text
    )


MUTANTS = (
    Mutant(
        "DEP1", "disable", "the script's endpoint does without an identity",
        (*CLI, Edit(SCRIPT, "identity.type=system_assigned", "identity.type=none")),
        (Place(SCRIPT, "az ml online-endpoint create"), Place(SCRIPT, "  --set identity.type")),
    ),
    Mutant(
        "DEP3", "delete", "the script's slots have no probes, the image no check",
        (*CLI, Edit(SCRIPT, SCRIPT_PROBES, ""), Edit(DOCKERFILE, HEALTH, "")),
        (Place(SCRIPT, "az ml online-deployment create"),),
    ),
    Mutant(
        "DEP5", "constant", "in the script each step gives everything",
        (*CLI, Edit(SCRIPT, "give 10\nwatch\n", "give 100\nwatch\n"), Edit(SCRIPT, "give 50\n", "give 100\n"),
         Edit(SCRIPT, '--mirror-traffic "$slot=10"', '--mirror-traffic "$slot=0"')),
        (Place(SCRIPT, '  az ml online-endpoint update --name "$endpoint" --traffic'),),
    ),
    Mutant(
        "CI5", "retarget", "the release by script waits in another job",
        (*CLI, Edit(RELEASE, "    timeout-minutes: 350\n    environment: ${{ inputs.environment }}\n", "    timeout-minutes: 350\n")),
        (Place(RELEASE, "  release:"),),
    ),
    Mutant(
        "DEP1", "disable", "the SDK's endpoint does without an identity",
        (*SDK, Everywhere('type="system_assigned"', 'type="none"', ENTITIES), Everywhere('type="user_assigned"', 'type="none"', ENTITIES)),
        (Place(ENTITIES, 'type="none",\n            user_assigned'),),
    ),
    Mutant(
        "DEP3", "delete", "the SDK's slots have no probes, the image no check",
        (*SDK, Edit(ENTITIES, SDK_PROBES, ""), Edit(DOCKERFILE, HEALTH, "")),
        (Place(ENTITIES, "    return ManagedOnlineDeployment("),),
    ),
    Mutant(
        "DEP5", "constant", "by the SDK each step gives everything",
        (*SDK, BY_HAND, Edit(DEPLOY, MIRRORED, ""), Edit(DEPLOY, STEPS, STEPS.replace("10", "100").replace("50", "100"))),
        (SHIFTED,),
    ),
    Mutant(
        "MON6", "retarget", "the SDK's job reads the tests' own folder, its monitor watches quality",
        (*SDK, Edit(ENTITIES, 'path="azureml://datastores/workspaceblobstore/paths/modelDataCollector/"', 'path="tests/data/collected"'),
         Add("tests/data/collected/rows.jsonl", "{}\n"),
         Everywhere("DataDriftSignal(", "DataQualitySignal(", ENTITIES),
         Everywhere("PredictionDriftSignal(", "DataQualitySignal(", ENTITIES)),
        (Place(f"{LIFECYCLE}/drift.py", "    index = psi(expected, found)"),),
        {"MON7": "the same job tracks performance"},
    ),
    Mutant(
        "CI3", "delete", "the SDK submits and schedules no training",
        (*SDK, Edit(SUBMIT, '        job = training_job(setting("AZURE_ML_COMPUTE"), commit())\n', '        job = client().jobs.get("train")\n'),
         Edit(SUBMIT, "        client().jobs.create_or_update(job)\n", ""),
         Edit(SUBMIT, "begin_create_or_update(training_schedule(compute, commit()))", 'begin_delete("credit-risk-training")')),
        (),
        {"CI4": "registered by a step of a training job that a pipeline submits"},
    ),
    Mutant(
        "CI5", "delete", "the releasing job of Azure Pipelines names no environment",
        (*AZURE_PIPELINES, Edit(RELEASING, "        environment: ${{ parameters.environment }}\n", "")),
        (Place(RELEASING, "      - deployment: release"),),
    ),
    Mutant(
        "CI5", "forge", "another job of Azure Pipelines waits for the approval",
        (*AZURE_PIPELINES, Edit(RELEASING, UNGATED[0], UNGATED[1])),
        (Place(RELEASING, "      - deployment: release"),),
    ),
    Mutant(
        "CI3", "disable", "Azure Pipelines trains by hand alone",
        (*AZURE_PIPELINES, Edit(TRAINING, STARTS, "trigger: none\n"), Delete("aml/schedules/training.yml"),
         Delete("pipelines/monitor.yml")),
        (Place(TRAINING, "trigger: none"),),
    ),
    Mutant(
        "DEV4", "swallow", "Azure Pipelines goes on without coverage",
        (*AZURE_PIPELINES, Edit(CHECKS, "--junitxml=tests.xml\n", "--junitxml=tests.xml || true\n")),
        (Place(CHECKS, "      - script: uv run pytest"),),
    ),
    Mutant(
        "SEC6", "unreachable", "Azure Pipelines never looks for secrets",
        (*AZURE_PIPELINES, Edit("pipelines/security.yml", "    displayName: Secrets\n", "    displayName: Secrets\n    condition: false\n"),
         Edit("pipelines/security.yml", "image --severity", "image --scanners vuln --severity")),
        (Place(CHECKS, "      - script: uv run bandit"),),
    ),
    Mutant(
        "INF3", "delete", "ARM's storage lost its tags",
        (*ARM, Edit(MAIN_JSON, TAGGED_STORAGE, TAGGED_STORAGE.replace("      \"tags\": \"[variables('tags')]\",\n", ""))),
        (Place(MAIN_JSON, '"type": "Microsoft.Storage/storageAccounts",'),
         Place(MAIN_JSON, '{\n      "type": "Microsoft.Storage/storageAccounts",')),
    ),
    Mutant(
        "INF6", "constant", "ARM's subnets have no group",
        (*ARM, Rewrite((MAIN_JSON,), without_groups)),
        (Place(MAIN_JSON, '{\n      "type": "Microsoft.Network/networkSecurityGroups",\n      "apiVersion": "2025-09-01",\n      "name": "[variables(\'endpointGroup\')]"'),),
    ),
    Mutant(
        "INF7", "retarget", "ARM's private endpoint of the vault leads to the storage",
        (*ARM, Edit(MAIN_JSON, VAULT_ENDPOINT, VAULT_ENDPOINT.replace("KeyVault/vaults", "Storage/storageAccounts")
                    .replace("variables('vault')", "variables('storage')").replace('"vault"', '"dfs"'))),
        (Place(MAIN_JSON, '{\n      "type": "Microsoft.KeyVault/vaults",'),),
    ),
    Mutant(
        "SEC3", "widen", "ARM gives the deployer Contributor by its GUID",
        (*ARM, Edit("infra/bootstrap.json", OWN_ROLE, CONTRIBUTOR)),
        (Place("infra/bootstrap.json", '"roleDefinitionId"'),),
    ),
    Mutant(
        "SEC5", "delete", "ARM's storage says no version of TLS",
        (*ARM, Edit(MAIN_JSON, '        "minimumTlsVersion": "TLS1_2",\n', "")),
        (Place(MAIN_JSON, '{\n      "type": "Microsoft.Storage/storageAccounts",'),),
    ),
    Mutant(
        "GOV4", "disable", "ARM's diagnostic settings send no logs",
        (*ARM, Everywhere(ALL_LOGS, ALL_LOGS.replace("true", "false"), MAIN_JSON)),
        (Place(MAIN_JSON, '{\n      "type": "Microsoft.Insights/diagnosticSettings",\n      "apiVersion": "2021-05-01-preview",\n'
                          "      \"scope\": \"[resourceId('Microsoft.MachineLearningServices/workspaces'"),),
    ),
    Mutant(
        "DEP2", "retarget", "ARM scales the workspace",
        (*ARM, Edit("infra/serving.json", SLOT, SLOT.replace("/onlineEndpoints/deployments", "")
                    .replace(", parameters('endpointName'), parameters('slots')[copyIndex()]", "")
                    .replace(" parameters('endpointName'), parameters('slots')[copyIndex()]", ""))),
        (Place("aml/deployments/online-blue.yml", "instance_count: 2"),),
    ),
    Mutant(
        "INF3", "delete", "Terraform's storage lost its tags",
        (*TERRAFORM, Edit(f"{TF}/storage/main.tf", "  tags                     = var.tags\n", "")),
        (Place(f"{TF}/storage/main.tf", 'resource "azurerm_storage_account"'),),
    ),
    Mutant(
        "INF6", "retarget", "Terraform attaches its groups to network interfaces",
        (*TERRAFORM,
         Everywhere(ASSOCIATION, ASSOCIATION.replace("subnet_", "network_interface_"), f"{TF}/network/"),
         Everywhere("  subnet_id                 =", "  network_interface_id      =", f"{TF}/network/")),
        (Place(f"{TF}/network/main.tf", 'resource "azurerm_network_security_group" "endpoints"'),),
    ),
    Mutant(
        "INF7", "comment", "Terraform's vault has no private endpoint",
        (*TERRAFORM, comment_out("infra/main.tf", """\
      vault     = { target = module.key_vault.id, group = "vault", zone = "privatelink.vaultcore.azure.net" }
""")),
        (Place(f"{TF}/key-vault/main.tf", 'resource "azurerm_key_vault"'),),
    ),
    Mutant(
        "SEC3", "widen", "Terraform makes the workspace Contributor of the group",
        (*TERRAFORM, Edit(f"{TF}/access/main.tf", FIRST_GRANT,
                          FIRST_GRANT + FIRST_GRANT.replace("-blobs   ", "-all     ")
                          .replace("Storage Blob Data Contributor", "Contributor")
                          .replace("var.storage_id", "var.group_id"))),
        (Place(f"{TF}/access/main.tf", "  role_definition_name"),),
    ),
    Mutant(
        "SEC4", "disable", "Terraform's workspace is public and unmanaged",
        (*TERRAFORM, Edit(f"{TF}/workspace/main.tf", PUBLIC_WORKSPACE, PUBLIC_WORKSPACE.replace("var.isolation_mode", '"Disabled"')),
         Edit(f"{TF}/workspace/main.tf", "= var.public_access\n", "= true\n"),
         comment_out("infra/main.tf", """\
      workspace = { target = module.workspace.id, group = "amlworkspace", zone = "privatelink.api.azureml.ms" }
""")),
        (Place(f"{TF}/workspace/main.tf", "  public_network_access_enabled"),),
        {"INF7": "each declared workspace has a private endpoint"},
    ),
    Mutant(
        "SEC5", "lower", "Terraform's storage takes TLS 1.0",
        (*TERRAFORM, Edit(f"{TF}/storage/main.tf", '"TLS1_2"', '"TLS1_0"')),
        (Place(f"{TF}/storage/main.tf", "  min_tls_version"),),
    ),
    Mutant(
        "GOV3", "retarget", "Terraform looks at a budget that somebody else made",
        (*TERRAFORM, Edit(f"{TF}/budget/main.tf", 'resource "azurerm_consumption', 'data "azurerm_consumption')),
    ),
    Mutant(
        "GOV4", "hollow", "Terraform sends metrics alone",
        (*TERRAFORM, Rewrite((f"{TF}/key-vault/main.tf", f"{TF}/workspace/main.tf"), without_logs)),
        (Place(f"{TF}/workspace/main.tf", 'resource "azurerm_monitor_diagnostic_setting"'),),
    ),
    Mutant(
        "DEP2", "disable", "Terraform's autoscale settings are off",
        (*TERRAFORM, Edit("infra/serving/main.tf", "  enabled             = true\n", "  enabled             = false\n")),
        (Place("aml/deployments/online-blue.yml", "instance_count: 2"),),
    ),
    Mutant(
        "INF1", "unreachable", "no pipeline applies Terraform",
        (*TERRAFORM, Everywhere("apply -input=false -auto-approve", "plan -input=false", ".github/")),
        (Place(f"{TF}/workspace/main.tf", 'resource "azurerm_machine_learning_workspace"'),),
    ),
)  # fmt: skip
HARMLESS = (
    Harmless(
        ("CI3", "MOD4", "MOD5", "DEP1", "DEP3", "DEP4", "DEP5", "DEP6", "MON1", "MON2", "MON6", "MON7"),
        "endpoint, slots, pipelines and monitor are said by the SDK", SDK, (AZURE,),
    ),
    Harmless(
        ("MOD4", "MOD5", "DEP1", "DEP3", "DEP4", "DEP5", "DEP6", "MON1", "MON2", "CI5", "CI6"),
        "endpoint, slots and traffic are said by the command line, in a script", CLI, ("scripts/", RELEASE, ROLLBACK),
    ),
    Harmless(PIPELINES, "the pipelines are said in Azure Pipelines", AZURE_PIPELINES, ("pipelines/",)),
    Harmless(ESTATE, "the infrastructure is said in ARM's JSON", ARM, ("infra/", ".github/workflows/infra.yml")),
    Harmless(ESTATE, "the infrastructure is said in Terraform", TERRAFORM, ("infra/", ".github/workflows/infra.yml")),
)  # fmt: skip
