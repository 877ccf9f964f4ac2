"""Model management: versions, registry, tracking, lineage, traffic, the champion."""

from __future__ import annotations

import re

from tests.mutants.items import AZURE, LIFECYCLE
from tests.mutants.items.ci import GATE, REGISTER
from tests.mutants.mutation import (
    Add,
    Change,
    Edit,
    Everywhere,
    Harmless,
    Mutant,
    Place,
    Rewrite,
    comment_out,
)

TRAIN = f"{LIFECYCLE}/train.py"
EVALUATE = f"{LIFECYCLE}/evaluate.py"
MONITOR = f"{LIFECYCLE}/monitor.py"
MODELS = f"{AZURE}/models.py"
ENDPOINT = f"{AZURE}/endpoint.py"
DEPLOY = f"{AZURE}/deploy.py"
REGISTERED = (
    "    version = mlflow.register_model(candidate.model_uri, registry.model, tags=tags).version\n"
)
BY_SDK = """\
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Model
    from azure.identity import DefaultAzureCredential

    client = MLClient.from_config(DefaultAzureCredential())
"""
SHARED = '"ml", "model", "share"'
UNREGISTERED = {
    "CI4": "registration depends on a gate",
    "MOD1": "models are registered",
    "MOD2": "models are registered",
    "MOD4": "the model is registered from its run",
}
SHARED_ONLY = {name: UNREGISTERED[name] for name in ("CI4", "MOD4")}
UNDIVIDED = {
    "MOD5": "traffic that can divide among two deployments",
    "DEP4": "a traffic switch between two deployments",
    "DEP5": "a part of the traffic first",
    "DEP6": "a traffic setting that names two deployments",
}


def others(ties: dict[str, str], item: str) -> dict[str, str]:
    """Return the ties without the item itself."""
    return {name: reason for name, reason in ties.items() if name != item}


def unlogged(text: str) -> str:
    """Make comments of the lines that log to MLflow, whole calls and one line at least."""
    return re.sub(r"(?m)^( *)(?:mlflow|client)\.log_.*$", r"\1pass  # \g<0>", text)


# What the clients give to the traffic, said by one slot alone.
ONE_SLOT: tuple[Change, ...] = (
    Edit(
        ENDPOINT,
        '        "--traffic", checked, *workspace(), changes=True,\n',
        '        "--traffic", "blue=100", *workspace(), changes=True,\n',
    ),
    Edit(
        ENDPOINT,
        '        "--mirror-traffic", f"{slot}={percent}", *workspace(), changes=True,\n',
        "        *workspace(), changes=True,\n",
    ),
)

MUTANTS = (
    Mutant(
        "MOD1", "constant", "the version is a literal, by the SDK",
        (Edit(REGISTER, REGISTERED, BY_SDK + """\
    entity = Model(name=registry.model, path=candidate.model_uri, version="1", tags=tags)
    version = client.models.create_or_update(entity).version  # mlflow.register_model
"""),),
        (Place(REGISTER, "    entity = Model("),),
    ),
    Mutant(
        "MOD1", "delete", "nothing is registered",
        (Edit(REGISTER, REGISTERED, "    version = tags['data_digest']\n"),),
        (Place(TRAIN, "        pipeline = fit(code, prepared.train)"),), SHARED_ONLY,
    ),
    Mutant(
        "MOD1", "comment", "the registration is a comment",
        (Edit(REGISTER, REGISTERED, "    version = 1\n    #" + REGISTERED[3:]),),
        (Place(TRAIN, "        pipeline = fit(code, prepared.train)"),), SHARED_ONLY,
    ),
    Mutant(
        "MOD2", "delete", "nothing is registered or shared",
        (Edit(REGISTER, REGISTERED, "    version = tags['data_digest']\n"),
         Edit(MODELS, SHARED, '"ml", "model", "show"')),
        (Place(TRAIN, "        pipeline = fit(code, prepared.train)"),), others(UNREGISTERED, "MOD2"),
    ),
    Mutant(
        "MOD2", "unreachable", "the registration stands behind an early return",
        (Edit(REGISTER, REGISTERED, "    return tags['data_digest']\n" + REGISTERED),
         Edit(MODELS, SHARED, '"ml", "model", "show"  # "ml", "model", "share"\n        ')),
        (Place(TRAIN, "        pipeline = fit(code, prepared.train)"),), others(UNREGISTERED, "MOD2"),
    ),
    Mutant(
        "MOD2", "retarget", "the model is written to a folder",
        (Edit(REGISTER, REGISTERED, "    mlflow.sklearn.save_model(candidate, registry.model)\n    version = 1\n"),
         Edit(MODELS, SHARED, '"ml", "model", "download"')),
        (Place(TRAIN, "        pipeline = fit(code, prepared.train)"),), others(UNREGISTERED, "MOD2"),
    ),
    Mutant(
        "MOD3", "forge", "a module of that name swallows what is logged",
        (Everywhere("    import mlflow\n", "    from .silence import mlflow\n", TRAIN),
         Everywhere("    import mlflow\n", "    from .silence import mlflow\n", MONITOR),
         Everywhere("    import mlflow\n", "    from .silence import mlflow\n", EVALUATE),
         Everywhere("client.log_", "journal.log_", EVALUATE),
         Everywhere("client.log_", "journal.log_", REGISTER),
         Add(f"{LIFECYCLE}/silence.py", "from unittest.mock import MagicMock\n\nmlflow = MagicMock()\n")),
        (Place(TRAIN, "def fit("), Place(TRAIN, "    return Pipeline(steps)")),
    ),
    Mutant(
        "MOD3", "comment", "what is logged is a comment",
        (Rewrite((TRAIN, EVALUATE, MONITOR, REGISTER), unlogged),
         Edit(TRAIN, "    mlflow.sklearn.log_model(\n        pipeline,\n", "    dict(\n        model=pipeline,  # mlflow.sklearn.log_model(\n")),
        (Place(TRAIN, "def fit("), Place(TRAIN, "    return Pipeline(steps)")),
    ),
    Mutant(
        "MOD3", "retarget", "another tracker gets everything",
        (Everywhere("mlflow.log_", "wandb.log_", "src/"), Everywhere("client.log_", "wandb.log_", "src/"),
         Everywhere("mlflow.sklearn.log_model(", "wandb.log_model(", "src/")),
        (Place(TRAIN, "def fit("), Place(TRAIN, "    return Pipeline(steps)")),
    ),
    Mutant(
        "MOD4", "retarget", "the model is registered from a folder",
        (Edit(TRAIN, 'return f"runs:/{self.run_id}/{MODEL_PATH}"',
              'return f"./candidates/{self.run_id}/{MODEL_PATH}"  # runs:/'),),
        (Place(REGISTER, "version = mlflow.register_model("),),
    ),
    Mutant(
        "MOD4", "forge", "the model is registered from what was downloaded",
        (Edit(REGISTER, REGISTERED, REGISTERED.replace("candidate.model_uri", 'f"downloads/{candidate.run_id}"')
              .replace("tags).version", "tags).version  # candidate.model_uri")),),
        (Place(REGISTER, "version = mlflow.register_model("),),
    ),
    Mutant(
        "MOD4", "constant", "the deployment gets a local folder",
        (Edit(MODELS, 'return f"azureml://registries/{registry_name}/models/{model_name()}/versions/{self.version}"',
              'return "./models/credit-risk"  # azureml://registries/models/versions'),),
        (Place("aml/deployments/online-blue.yml", "$schema:"),),
    ),
    Mutant(
        "MOD4", "forge", "the deployment names another model",
        (Edit(MODELS, 'return f"azureml://registries/{registry_name}/models/{model_name()}/versions/{self.version}"',
              'return f"azureml:fraud:{self.version}"'),
         Edit(REGISTER, REGISTERED, REGISTERED.replace("registry.model,", '"credit-risk",'))),
        (Place("aml/deployments/online-blue.yml", "$schema:"),),
    ),
    Mutant(
        "MOD4", "retarget", "the registry's address is another model's",
        (Edit(MODELS, "/models/{model_name()}/versions/", "/models/fraud/versions/"),),
        (Place("aml/deployments/online-blue.yml", "$schema:"),),
    ),
    Mutant(
        "MOD6", "constant", "the champion never wins",
        (Edit(GATE, "    passed = gain >= -thresholds.tolerance\n",
              "    passed = gain >= -thresholds.tolerance\n    passed = True\n"),),
        (Place(GATE, "    passed = gain >= -thresholds.tolerance"),),
    ),
    Mutant(
        "MOD6", "delete", "the champion is not asked",
        (Edit(GATE, "    checks.append(check_champion(evaluation, thresholds))\n", ""),),
        (Place(GATE, "    passed = value >= bound.limit"),),
    ),
    Mutant(
        "MOD6", "swallow", "the outcome is told and forgotten",
        (Edit(GATE, "    checks.append(check_champion(evaluation, thresholds))\n",
              "    print(check_champion(evaluation, thresholds).sentence)\n"),),
        (Place(GATE, "    passed = gain >= -thresholds.tolerance"),),
    ),
    Mutant(
        "MOD6", "comment", "the comparison is a comment",
        (comment_out(GATE, "    checks.append(check_champion(evaluation, thresholds))\n"),),
        (Place(GATE, "    passed = value >= bound.limit"),),
    ),
)  # fmt: skip

HARMLESS = (
    Harmless(
        ("MOD1", "MOD2", "MOD4", "CI4"), "the client registers the version",
        (Edit(REGISTER, REGISTERED, """\
    version = registry.client.create_model_version(
        registry.model, candidate.model_uri, run_id=candidate.run_id, tags=tags
    ).version
"""),),
    ),
    Harmless(
        ("MOD1", "MOD2"), "the SDK registers, without a version",
        (Edit(REGISTER, REGISTERED, BY_SDK + """\
    entity = Model(name=registry.model, path=candidate.model_uri, type="mlflow_model", tags=tags)
    version = client.models.create_or_update(entity).version
"""),),
    ),
    Harmless(
        ("MOD3",), "MLflow is called by another name",
        (Everywhere("    import mlflow\n", "    import mlflow as ml\n", TRAIN),
         Everywhere("mlflow.log_", "ml.log_", TRAIN), Everywhere("mlflow.set_", "ml.set_", TRAIN),
         Everywhere("mlflow.sklearn.log_model", "ml.sklearn.log_model", TRAIN)),
    ),
    Harmless(
        ("MOD3",), "autolog does it",
        (Edit(TRAIN, "    mlflow.log_params(_parameters(pipeline))\n", "    mlflow.sklearn.autolog()\n"),),
    ),
    Harmless(
        ("MOD4",), "the data are named by their version",
        (Edit("aml/pipelines/training.yml", "azureml:credit-risk-training@latest", "azureml:credit-risk-training:3"),),
    ),
    Harmless(
        ("MOD5", "DEP5", "DEP6"), "the map is passed on under another name",
        (Edit(ENDPOINT, '    checked = parsed_split(split)\n', '    whole_map = parsed_split(split)\n'),
         Edit(ENDPOINT, '"--traffic", checked,', '"--traffic", whole_map,')),
    ),
    Harmless(
        ("MOD6",), "the tolerance is none",
        (Edit(GATE, "    passed = gain >= -thresholds.tolerance\n", "    passed = gain >= 0\n"),),
    ),
    Harmless(
        ("MOD6",), "the metrics are compared without their difference",
        (Edit(GATE, "    gain = candidate - champion if METRICS[metric].greater_is_better else champion - candidate\n"
              "    passed = gain >= -thresholds.tolerance\n",
              "    passed = candidate >= champion if METRICS[metric].greater_is_better else candidate <= champion\n"),),
    ),
)  # fmt: skip
