"""What stands inside infrastructure and images does what it says: the same shell, the same acts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.model import Act

sys.path.insert(0, str(Path(__file__).parents[1]))
from corpus import Made, judged

WORKFLOW = "on: push\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: {}\n"
PROVISIONER = """resource "null_resource" "workspace" {
  provisioner "local-exec" {
    command = "az ml workspace create --name ${var.name}"
  }
}
variable "name" {
  default = "mlw-credit"
}
"""
HEREDOC = """resource "terraform_data" "workspace" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]
    command     = <<-EOT
      set -eu
      az ml workspace create \\
        --name ${local.name}
    EOT
  }
}
locals {
  name = "mlw-credit"
}
"""
BICEP = """param name string = 'mlw-credit'
resource script 'Microsoft.Resources/deploymentScripts@2023-08-01' = {
  name: 'script'
  location: 'westeurope'
  kind: 'AzureCLI'
  properties: {
    azCliVersion: '2.60.0'
    retentionInterval: 'P1D'
    scriptContent: '''
      az account show
      az ml workspace create --name mlw-credit
    '''
  }
}
"""
INTERPOLATED = BICEP.split("    scriptContent")[0] + (
    "    scriptContent: 'az ml workspace create --name ${name}'\n  }\n}\n"
)
ARM = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"name": {"type": "string", "defaultValue": "mlw-credit"}},
  "resources": [
    {
      "type": "Microsoft.Resources/deploymentScripts",
      "apiVersion": "2023-08-01",
      "name": "script",
      "kind": "AzureCLI",
      "properties": {
        "azCliVersion": "2.60.0",
        "scriptContent": "[concat('az ml workspace create --name ', parameters('name'))]"
      }
    }
  ]
}
"""
VERIFIED = """module script 'br/public:avm/res/resources/deployment-script:0.5.1' = {
  name: 'script'
  params: {
    name: 'script'
    kind: 'AzureCLI'
    scriptContent: 'az ml workspace create --name mlw-credit'
  }
}
"""
AZAPI = """resource "azapi_resource" "script" {
  type = "Microsoft.Resources/deploymentScripts@2023-08-01"
  name = "script"
  body = {
    kind = "AzureCLI"
    properties = {
      scriptContent = "az ml workspace create --name mlw-credit"
    }
  }
}
"""
AZURERM = """resource "azurerm_resource_deployment_script_azure_cli" "script" {
  name           = "script"
  version        = "2.60.0"
  script_content = "az ml workspace create --name mlw-credit"
}
"""
DOCKERFILE = """FROM python:3.12-slim AS base
WORKDIR /app
COPY . .
FROM base AS test
RUN pip install -r requirements.txt && \\
    # the tests of the image
    pytest -q
FROM base
RUN --mount=type=cache,target=/root/.cache pip install .
HEALTHCHECK CMD ["curl", "-f", "http://localhost:8000/health"]
ENTRYPOINT ["python"]
CMD ["train.py", "--epochs", "3"]
"""


def acts(files: dict[str, str], *verbs: str) -> list[Act]:
    return [act for act in Facts(Made(files)).acts if act.verb in verbs]


CREATES = {
    "a provisioner": ({"infra/main.tf": PROVISIONER}, "az ml workspace"),
    "a provisioner's here-document": ({"infra/main.tf": HEREDOC}, "az ml workspace"),
    "a deployment script": ({"main.bicep": BICEP}, "az ml workspace"),
    "a deployment script with a parameter": ({"main.bicep": INTERPOLATED}, "az ml workspace"),
    "a deployment script of a template": ({"main.json": ARM}, "[concat('az ml"),
    "a deployment script of a verified module": ({"main.bicep": VERIFIED}, "az ml workspace"),
    "a deployment script by azapi": ({"main.tf": AZAPI}, "az ml workspace"),
    "a deployment script by azurerm": ({"main.tf": AZURERM}, "az ml workspace"),
}


@pytest.mark.parametrize("case", CREATES)
def test_scripts_in_infrastructure_are_read_where_they_stand(case: str) -> None:
    files, at = CREATES[case]
    (act,) = acts(files, "create")
    assert (act.target, act.source, act.job) == ("workspace", "iac", None)
    line = files[act.span.path].split("\n")[act.span.line - 1]
    assert at in line
    assert line[act.span.column - 1 :].lstrip('"').startswith(("az ml", "[concat"))
    assert act.arguments["--name"].text == "mlw-credit"


@pytest.mark.parametrize("case", CREATES)
def test_a_workspace_made_by_such_a_script_is_made_by_hand(case: str) -> None:
    files, _ = CREATES[case]
    verdict = judged("INF1", files).verdict
    assert verdict.state == "failed"
    assert any(f.span is not None and f.span.path in files for f in verdict.findings)


DEPLOYS = {
    "terraform apply": ("terraform -chdir=infra apply -auto-approve", PROVISIONER, "infra/main.tf"),
    "az deployment": (
        "az deployment group create -g rg --template-file infra/main.bicep",
        BICEP,
        "infra/main.bicep",
    ),
    "PowerShell": (
        "New-AzResourceGroupDeployment -ResourceGroupName rg -TemplateFile infra/main.json",
        ARM,
        "infra/main.json",
    ),
    "azd": ("azd provision --no-prompt", BICEP, "infra/main.bicep"),
}


@pytest.mark.parametrize("case", DEPLOYS)
def test_a_pipeline_that_deploys_runs_the_scripts_inside(case: str) -> None:
    command, text, path = DEPLOYS[case]
    (act,) = acts({path: text, ".github/workflows/cd.yml": WORKFLOW.format(command)}, "create")
    assert act.job is not None
    assert [edge.how for edge in act.route][-2:] == ["iac", "iac"]


@pytest.mark.parametrize(
    "command",
    ["terraform -chdir=infra plan", "terraform -chdir=infra apply -destroy", "terraform fmt"],
)
def test_what_does_not_apply_runs_no_provisioner(command: str) -> None:
    files = {"infra/main.tf": PROVISIONER, ".github/workflows/cd.yml": WORKFLOW.format(command)}
    assert [act.job for act in acts(files, "create")] == [None]


def test_a_task_and_an_action_deploy_as_well() -> None:
    action = (
        "on: push\njobs:\n  d:\n    runs-on: x\n    steps:\n      - uses: azure/arm-deploy@v2\n"
        "        with:\n          template: infra/main.bicep\n"
    )
    task = (
        "trigger: [main]\nsteps:\n  - task: TerraformTaskV4@4\n    inputs:\n"
        "      command: apply\n      workingDirectory: $(Build.SourcesDirectory)/infra\n"
    )
    (first,) = acts({"infra/main.bicep": BICEP, ".github/workflows/cd.yml": action}, "create")
    (second,) = acts({"infra/main.tf": PROVISIONER, "azure-pipelines.yml": task}, "create")
    assert first.job is not None and second.job is not None


def test_modules_are_deployed_with_what_calls_them() -> None:
    files = {
        "main.bicep": "module m 'modules/script.bicep' = { name: 'm' }\n",
        "modules/script.bicep": BICEP,
        "other/script.bicep": BICEP,
        ".github/workflows/cd.yml": WORKFLOW.format("az deployment sub create -f main.bicep"),
    }
    reached = {act.span.path: act.job is not None for act in acts(files, "create")}
    assert reached == {"modules/script.bicep": True, "other/script.bicep": False}


def test_a_tracked_script_that_is_taken_in_is_followed() -> None:
    files = {
        "main.tf": 'resource "null_resource" "r" {\n  provisioner "local-exec" {\n'
        '    command = "bash ${path.module}/scripts/make.sh"\n  }\n}\n',
        "scripts/make.sh": "az ml workspace create --name w\n",
        ".github/workflows/cd.yml": WORKFLOW.format("terraform apply"),
    }
    (act,) = acts(files, "create")
    assert act.span.path == "scripts/make.sh" and act.job is not None
    taken = BICEP.split("    scriptContent")[0] + (
        "    scriptContent: loadTextContent('scripts/make.sh')\n  }\n}\n"
    )
    files = {
        "main.bicep": taken,
        "scripts/make.sh": "az ml workspace create --name w\n",
        ".github/workflows/cd.yml": WORKFLOW.format("az deployment group create -f main.bicep"),
    }
    (act,) = acts(files, "create")
    assert act.span.path == "scripts/make.sh" and act.job is not None


def test_provisioners_that_run_on_destroy_or_stand_in_comments_create_nothing() -> None:
    gone = PROVISIONER.replace("    command", "    when = destroy\n    command")
    files = {"main.tf": gone, ".github/workflows/cd.yml": WORKFLOW.format("terraform apply")}
    assert [act.job for act in acts(files, "create")] == [None]
    assert acts({"main.tf": "\n".join("# " + x for x in PROVISIONER.split("\n"))}, "create") == []
    echoed = PROVISIONER.replace('"az ml', '"echo az ml')
    assert acts({"main.tf": echoed}, "create") == []


def test_a_provisioner_in_powershell_or_python() -> None:
    power = PROVISIONER.replace(
        '    command = "az ml workspace create --name ${var.name}"',
        '    interpreter = ["pwsh", "-Command"]\n'
        '    command = "New-AzMLWorkspace -Name ${var.name}; az ml workspace create -n w"',
    )
    assert [act.tool for act in acts({"main.tf": power}, "create")] == [
        "New-AzMLWorkspace",
        "az ml workspace create",
    ]
    python = PROVISIONER.replace(
        '    command = "az ml workspace create --name ${var.name}"',
        '    interpreter = ["python3", "-c"]\n    command = "import mlflow; '
        "mlflow.register_model('runs:/1/m', 'credit')\"",
    )
    assert len(acts({"main.tf": python}, "register-model")) == 1


BUILDS = {
    "docker": WORKFLOW.format("docker build --target test -t credit ."),
    "buildx": WORKFLOW.format("docker buildx build . --file Dockerfile --target test"),
    "compose": WORKFLOW.format("docker compose build"),
    "an action": "on: push\njobs:\n  d:\n    runs-on: x\n    steps:\n"
    "      - uses: docker/build-push-action@v6\n        with:\n          target: test\n",
}
COMPOSE = "services:\n  test:\n    build:\n      context: .\n      target: test\n"


@pytest.mark.parametrize("case", BUILDS)
def test_the_build_of_an_image_runs_its_commands(case: str) -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "compose.yaml": COMPOSE,
        ".github/workflows/ci.yml": BUILDS[case],
    }
    (act,) = acts(files, "test")
    assert act.job is not None
    assert (act.span.path, act.span.line, act.span.column) == ("Dockerfile", 7, 5)
    assert act.source == "dockerfile"


def test_a_stage_that_no_build_needs_runs_nothing() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        ".github/workflows/ci.yml": WORKFLOW.format("docker build -t credit ."),
    }
    assert acts(files, "test") == []


def test_an_image_that_nothing_builds_is_read_on_its_own() -> None:
    (act,) = acts({"Dockerfile": DOCKERFILE}, "test")
    assert (act.job, act.route) == (None, ())


def test_a_container_runs_its_entry_point() -> None:
    files = {
        "Dockerfile": DOCKERFILE,
        "train.py": "import mlflow\n\nmlflow.register_model('runs:/1/m', 'credit')\n",
        ".github/workflows/ci.yml": WORKFLOW.format(
            "docker build -t acr.azurecr.io/credit:1 . && docker run --rm acr.azurecr.io/credit:1"
        ),
    }
    (act,) = [a for a in acts(files, "register-model") if a.job is not None]
    assert act.span.path == "train.py"


def test_a_container_runs_what_it_is_given_instead() -> None:
    command = "docker build -t credit . && docker run --rm credit pytest tests"
    files = {"Dockerfile": DOCKERFILE, ".github/workflows/ci.yml": WORKFLOW.format(command)}
    assert [act.job is not None for act in acts(files, "test")] == [True]


def test_a_here_document_of_a_dockerfile_is_a_script() -> None:
    text = 'FROM python:3.12\nRUN <<EOF\nset -e\npytest -q\nEOF\nRUN echo "pytest"\n'
    files = {"Dockerfile": text, ".github/workflows/ci.yml": WORKFLOW.format("docker build .")}
    (act,) = acts(files, "test")
    assert (act.span.line, act.span.column) == (4, 1)


@pytest.mark.parametrize(
    ("item", "command"),
    [
        (
            "GOV4",
            "az monitor diagnostic-settings create --name audit --workspace log --resource "
            "/subscriptions/0/providers/Microsoft.KeyVault/vaults/kv --logs @logs.json",
        ),
        ("GOV3", "az consumption budget create --budget-name credit --amount 500"),
        ("MON3", "az monitor metrics alert create --name errors --condition 'total Errors > 5'"),
        (
            "INF5",
            "az role assignment create --role 'AzureML Data Scientist' --assignee 0 --scope 1",
        ),
    ],
)
def test_targets_and_provisioners_declare_what_they_do(item: str, command: str) -> None:
    makefile = {"Makefile": f"estate:\n\t{command}\n"}
    provisioner = {"main.tf": PROVISIONER.replace("az ml workspace create", command, 1)}
    for files in (makefile, provisioner):
        assert judged(item, files).verdict.state == "passed"
    assert judged(item, {"Dockerfile": f"FROM x\nRUN {command}\n"}).verdict.state == "failed"
