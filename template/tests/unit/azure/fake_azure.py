"""A stateful Azure: what the delivery needs of it, with the rules that Azure itself enforces.

It remembers registries, jobs, endpoints, deployments and traffic; it refuses what Azure refuses
(traffic that does not add up, traffic or mirroring to a slot that cannot serve, deleting a slot
that serves, a second deployment of one name); it can fail before or after an act, let the login
run out and stop a client in the middle of a command. After each command it looks whether callers
would still be answered and notes every moment in which they would not.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .answers import made_up
from .commands import Command, Rejected, parse
from .fake_infra import FakeInfrastructure
from .monitor import Behaviour, application_insights, platform_metrics
from .programs import Answer
from .specs_check import checked

MISSING = "(UserError) The resource {} was not found."
GROUP = "/subscriptions/sub/resourceGroups/rg-test"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw-test"
REGISTRY = "mlrtest"


@dataclass
class Trouble:
    """Something that goes wrong at a command.

    Attributes:
        command: The command's words.
        holds: A word that the command line must contain; empty for any.
        after: Whether the act is done before its answer is lost.
        times: How often.
        then: Called when it happens, for example to stop the client.
        fails: Whether the command fails; if not, it is only a moment to do something in.
        says: What a failing command answers; empty for an error that no waiting mends.
    """

    command: str
    holds: str = ""
    after: bool = False
    times: int = 1
    then: Callable[[], None] | None = None
    fails: bool = True
    says: str = ""

    def hits(self, command: str, words: list[str]) -> bool:
        """Tell whether it happens now."""
        return (
            self.times > 0
            and command == self.command
            and (not self.holds or self.holds in " ".join(words))
        )


@dataclass
class FakeAzure(FakeInfrastructure):
    """The state.

    Attributes:
        trained: Models of the workspace: tags by version.
        shared: Models of the registry: tags by version.
        environments: Versions of environments with their tags, by scope and name.
        endpoints: Online endpoints by name.
        batch: Batch endpoints by name.
        data: Newest versions of the workspace's data assets, by name.
        references: Versions of the training reference in the registry.
        jobs: Jobs by name; each has the states that it will still go through.
        failing_step: The step at which every job fails; empty for none.
        alarm: Whether the failing step has raised alarm, as a monitor does.
        behaviours: How each model version serves.
        outages: Moments in which callers were not answered.
        states: What a new job goes through before it ends.
        shows_late: How many looks at an endpoint still show the traffic before the last change.
        log: Every command that was accepted.
    """

    trained: dict[str, dict[str, str]] = field(default_factory=dict)
    shared: dict[str, dict[str, str]] = field(default_factory=dict)
    environments: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    data: dict[str, int] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    batch: dict[str, dict[str, Any]] = field(default_factory=dict)
    schedules: dict[str, Any] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    failing_step: str = ""
    alarm: bool = False
    finished: list[dict[str, Any]] = field(default_factory=list)
    evaluation: dict[str, Any] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    logged_in: bool = True
    calls_until_expiry: int = -1
    shows_late: int = 0
    states: list[str] = field(default_factory=lambda: ["Queued", "Running"])
    outages: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, call: dict[str, Any]) -> Answer:
        """Answer one command line of `az`."""
        given = call["words"]
        form = given.index("--output") if "--output" in given else len(given)
        words = [*given[:form], *given[form + 2 :]]
        try:
            with self.lock:
                command = parse(words)
                self._require_login(command)
                self.log.append(" ".join(words))
                result = self._act(command, words, Path(call["cwd"]))
        except Rejected as error:
            return error.code, "", f"ERROR: {error}"
        return 0, "" if result is None else json.dumps(result), ""

    def _act(self, command: Command, words: list[str], folder: Path) -> Any:
        trouble = next((t for t in self.troubles if t.hits(command.name, words)), None)
        if trouble is not None and trouble.fails and not trouble.after:
            trouble.times -= 1
            self._half_made(command)
            raise Rejected(trouble.says or "(InternalServerError) Azure has a bad day")
        handler = getattr(self, command.name.replace(" ", "_").replace("-", "_"))
        result = handler(command, folder)
        invented = made_up(command.name, result)
        assert not invented, f"az {command.name} has no {invented}"
        self._note_outage(words)
        if trouble is not None:
            trouble.times -= not (trouble.fails and not trouble.after)
        if trouble is not None and trouble.then is not None:
            trouble.then()
        if trouble is not None and trouble.fails:
            raise Rejected(trouble.says or "(OperationFailed) the answer was lost")
        return result

    def _half_made(self, command: Command) -> None:
        """A deployment that fails stays there, in state Failed."""
        if command.name == "ml online-deployment create":
            endpoint = self.endpoints[command.one("--endpoint-name")]
            name = command.one("--name")
            endpoint["slots"].setdefault(
                name, {"name": name, "provisioning_state": "Failed", "tags": {}}
            )
        if command.name == "ml batch-deployment create":
            endpoint = self.batch[command.one("--endpoint-name")]
            name = command.one("--name")
            endpoint["slots"].setdefault(
                name, {"name": name, "provisioning_state": "Failed", "tags": {}}
            )

    def _require_login(self, command: Command) -> None:
        if command.name == "login":
            return
        self.calls_until_expiry -= 1
        if self.calls_until_expiry == 0:
            self.logged_in = False
        if not self.logged_in:
            raise Rejected("AADSTS700024: Client assertion is not within its valid time range.")

    def _note_outage(self, words: list[str]) -> None:
        for endpoint in self.endpoints.values():
            served = sum(
                share
                for name, share in endpoint["traffic"].items()
                if endpoint["slots"].get(name, {}).get("provisioning_state") == "Succeeded"
            )
            if endpoint["was_live"] and served != 100:
                self.outages.append(f"{served} % answered after: {' '.join(words)}")
            endpoint["was_live"] = endpoint["was_live"] or served == 100

    # Account and infrastructure ------------------------------------------------------------

    def login(self, command: Command, folder: Path) -> Any:
        if command.one("--federated-token") != "fresh-token":
            raise Rejected("AADSTS70021: No matching federated identity record found.")
        self.logged_in = True

    def account_show(self, command: Command, folder: Path) -> Any:
        return {"id": "sub", "name": "test", "tenantId": "tenant"}

    def deployment_sub_create(self, command: Command, folder: Path) -> Any:
        given = dict(pair.split("=", 1) for pair in command.options["--parameters"])
        template = command.one("--template-file")
        if not (folder / template).is_file():
            raise Rejected(f"{template} does not exist")
        which = given.get("environmentName", "shared")
        return {
            "properties": {
                "outputs": {
                    "deployerClientId": {"value": f"client-{which}"},
                    "planClientId": {"value": "client-plan"},
                }
            }
        }

    def monitor_app_insights_component_show(self, command: Command, folder: Path) -> Any:
        raise Rejected("(ResourceNotFound) not deployed yet", 3)

    def ml_workspace_show(self, command: Command, folder: Path) -> Any:
        return {
            "name": "mlw-test",
            "discovery_url": "https://guid.workspace.westeurope.api.azureml.ms/discovery",
            "storage_account": f"{GROUP}/providers/x/storageAccounts/sttest",
        }

    # Models, environments, data ------------------------------------------------------------

    def _models(self, command: Command) -> dict[str, dict[str, str]]:
        return self.shared if "--registry-name" in command.options else self.trained

    def ml_model_show(self, command: Command, folder: Path) -> Any:
        models = self._models(command)
        version = command.one("--version") or max(models, key=int, default="")
        if version not in models:
            raise Rejected(MISSING.format(f"model {version}"))
        shown = {"version": version, "tags": models[version]}
        return shown if models is self.shared else {**shown, "job_name": f"run-{version}"}

    def ml_model_list(self, command: Command, folder: Path) -> Any:
        return [{"version": v, "tags": tags} for v, tags in self._models(command).items()]

    def ml_model_update(self, command: Command, folder: Path) -> Any:
        models = self._models(command)
        if command.one("--version") not in models:
            raise Rejected(MISSING.format("model"))
        self._set_tags(models[command.one("--version")], command)

    def ml_model_share(self, command: Command, folder: Path) -> Any:
        version, target = command.one("--version"), command.one("--share-with-version")
        if version not in self.trained:
            raise Rejected(MISSING.format("model"))
        if target in self.shared:
            raise Rejected(f"(UserError) version {target} exists already")
        self.shared[target] = {}

    def _scope(self, command: Command) -> str:
        return "registry" if "--registry-name" in command.options else "workspace"

    def ml_environment_show(self, command: Command, folder: Path) -> Any:
        versions = self.environments.get((self._scope(command), command.one("--name")))
        if not versions:
            raise Rejected(MISSING.format("environment"))
        return versions[-1]

    def ml_environment_create(self, command: Command, folder: Path) -> Any:
        entity = self._checked(command, folder)
        versions = self.environments.setdefault((self._scope(command), entity.name), [])
        versions.append({"version": str(len(versions) + 1), "tags": dict(entity.tags)})
        return versions[-1]

    def ml_data_show(self, command: Command, folder: Path) -> Any:
        if "--registry-name" in command.options:
            if command.one("--version") not in self.references:
                raise Rejected(MISSING.format("data"))
            return {"name": command.one("--name"), "version": command.one("--version")}
        if command.one("--name") not in self.data:
            raise Rejected(MISSING.format("data"))
        return {"name": command.one("--name"), "version": str(self.data[command.one("--name")])}

    def ml_data_create(self, command: Command, folder: Path) -> Any:
        if "--registry-name" in command.options:
            files = sorted(file.name for file in Path(command.one("--path")).iterdir())
            if files != ["features.csv", "predictions.csv"]:
                raise Rejected(f"(UserError) {files}")
            self.references.add(command.one("--version"))
            return None
        entity = self._checked(command, folder)
        path = folder / Path(command.one("--file")).parent / entity.path
        if not str(entity.path).startswith("azureml:") and not (
            path.is_dir() if entity.type == "uri_folder" else path.is_file()
        ):
            raise Rejected(f"File path does not match asset type {entity.type}: {entity.path}")
        self.data[entity.name] = self.data.get(entity.name, 0) + 1
        return {"name": entity.name, "version": str(self.data[entity.name])}

    def _require_inputs(self, addresses: list[str]) -> None:
        """Refuse a job whose inputs are nowhere to be found, as Azure does."""
        for address in addresses:
            rest = address.removeprefix("azureml:")
            name, _, version = rest.replace("@", ":").partition(":")
            newest = self.data.get(name, 0)
            if rest.startswith(f"//registries/{REGISTRY}/models/"):
                found = rest.rpartition("/")[2] in self.shared
            elif rest.startswith(f"//registries/{REGISTRY}/data/"):
                found = rest.rpartition("/")[2] in self.references
            elif rest.startswith("//"):
                found = True
            else:
                found = newest > 0 and (version == "latest" or int(version) <= newest)
            if not found:
                raise Rejected(MISSING.format(address))

    def ml_schedule_create(self, command: Command, folder: Path) -> Any:
        entity = self._checked(command, folder)
        given = [getattr(one, "_data", one) for one in entity.create_job.inputs.values()]
        self._require_inputs([str(one.path) for one in given if hasattr(one, "path")])
        self.schedules[entity.name] = command.overrides()

    # Jobs ----------------------------------------------------------------------------------

    def ml_job_create(self, command: Command, folder: Path) -> Any:
        name = command.one("--name")
        if name in self.jobs:
            raise Rejected(f"(UserError) A job with the name {name} exists already.")
        entity = self._checked(command, folder)
        given = [getattr(one, "_data", one) for one in entity.inputs.values()]
        self._require_inputs([str(one.path) for one in given if hasattr(one, "path")])
        self.jobs[name] = {
            "file": command.one("--file"),
            "ahead": list(self.states),
            "set": command.overrides(),
            "tags": dict(entity.tags),
        }
        return {"name": name, "status": "NotStarted"}

    def ml_job_show(self, command: Command, folder: Path) -> Any:
        name = command.one("--name")
        if name not in self.jobs:
            raise Rejected(MISSING.format(name))
        job = self.jobs[name]
        job["status"] = job["ahead"].pop(0) if job["ahead"] else self._end(name, job)
        return {
            "name": name,
            "status": job["status"],
            "services": {"Studio": {"endpoint": "https://studio"}},
            "tags": job.get("tags", {}),
        }

    def _end(self, name: str, job: dict[str, Any]) -> str:
        if self.failing_step:
            return "Failed"
        if "training" in job["file"] and "registered" not in job:
            job["registered"] = str(max(map(int, self.trained), default=0) + 1)
            given = {key: value for pair in job["set"] for key, value in pair.items()}
            self.trained[job["registered"]] = {
                "commit": given.get("inputs.commit", "unknown"),
                "data_digest": "abc",
                "test_roc_auc": "0.91",
            }
        return "Completed"

    def ml_job_list(self, command: Command, folder: Path) -> Any:
        if "--parent-job-name" not in command.options:
            return self.finished[: int(command.one("--max-results", "50"))]
        tags = {"alarm": str(self.alarm)}
        failed = {"name": self.failing_step, "status": "Failed", "tags": tags}
        return [failed] if self.failing_step else []

    def ml_job_download(self, command: Command, folder: Path) -> Any:
        output = command.one("--output-name")
        if not output:
            artifacts = Path(command.one("--download-path")) / "artifacts" / "reference"
            artifacts.mkdir(parents=True)
            for name in ("features.csv", "predictions.csv"):
                (artifacts / name).write_text("")
            return
        job = self.jobs[command.one("--name")]
        target = Path(command.one("--download-path")) / "named-outputs" / output
        target.mkdir(parents=True)
        if output == "registration":
            record = {"name": "model", "version": job["registered"], "run_id": "run"}
            (target / "registration.json").write_text(json.dumps(record))
        else:
            (target / "evaluation.json").write_text(json.dumps(self.evaluation))

    # Online endpoints ----------------------------------------------------------------------

    def _online(self, command: Command, option: str = "--name") -> dict[str, Any]:
        name = command.one(option)
        if name not in self.endpoints:
            raise Rejected(MISSING.format(f"endpoint {name}"))
        return self.endpoints[name]

    def ml_online_endpoint_create(self, command: Command, folder: Path) -> Any:
        entity = self._checked(command, folder)
        name = command.one("--name")
        if name in self.endpoints:
            raise Rejected(f"(UserError) endpoint {name} exists already")
        self.endpoints[name] = {
            "name": name, "traffic": {}, "mirror_traffic": {}, "tags": dict(entity.tags),
            "slots": {}, "was_live": False,
        }  # fmt: skip

    def ml_online_endpoint_show(self, command: Command, folder: Path) -> Any:
        endpoint = self._online(command)
        shown = {key: endpoint[key] for key in ("name", "traffic", "mirror_traffic", "tags")}
        if self.shows_late:
            self.shows_late -= 1
            shown["traffic"] = endpoint.get("before", endpoint["traffic"])
        return shown

    def ml_online_endpoint_delete(self, command: Command, folder: Path) -> Any:
        self._online(command)
        del self.endpoints[command.one("--name")]

    def ml_online_endpoint_update(self, command: Command, folder: Path) -> Any:
        endpoint = self._online(command)
        self._set_tags(endpoint["tags"], command)
        traffic = self._shares(endpoint, command.one("--traffic")) or endpoint["traffic"]
        mirrored = (
            self._shares(endpoint, command.one("--mirror-traffic")) or endpoint["mirror_traffic"]
        )
        if sum(traffic.values()) not in (0, 100):
            raise Rejected(f"(BadArgument) traffic adds up to {sum(traffic.values())}")
        for slot, share in mirrored.items():
            if share and (share > 50 or traffic.get(slot)):
                raise Rejected(f"(BadArgument) {share} % cannot be mirrored to {slot}")
        if traffic != endpoint["traffic"]:
            endpoint["before"] = endpoint["traffic"]
        # A share of nothing is not kept (azure-ai-ml strips it before it asks Azure).
        endpoint["traffic"] = {slot: share for slot, share in traffic.items() if share}
        endpoint["mirror_traffic"] = {slot: share for slot, share in mirrored.items() if share}

    def _shares(self, endpoint: dict[str, Any], text: str) -> dict[str, int]:
        shares = {slot: int(share) for slot, share in (pair.split("=") for pair in text.split())}
        for slot, share in shares.items():
            if share and endpoint["slots"].get(slot, {}).get("provisioning_state") != "Succeeded":
                raise Rejected(f"(BadArgument) deployment {slot} cannot take traffic")
        return shares

    def ml_online_endpoint_invoke(self, command: Command, folder: Path) -> Any:
        endpoint = self._online(command)
        name = command.one("--deployment-name")
        slot = endpoint["slots"].get(name)
        if slot is None or slot["provisioning_state"] != "Succeeded":
            raise Rejected(MISSING.format(f"deployment {name}"))
        rows = json.loads(Path(command.one("--request-file")).read_text(encoding="utf-8"))[
            "input_data"
        ]
        behaviour = self.behaviours.setdefault(slot["version"], Behaviour())
        slot["requests"].append((time.time(), 1))
        predictions = [{"prediction": 0} for _ in rows[: behaviour.answered_rows]]
        return json.dumps(
            {"predictions": predictions, "model_version": behaviour.says or slot["version"]}
        )

    def ml_online_deployment_create(self, command: Command, folder: Path) -> Any:
        endpoint, name = self._online(command, "--endpoint-name"), command.one("--name")
        if name in endpoint["slots"]:
            raise Rejected(f"(UserError) deployment {name} exists already")
        entity = self._checked(command, folder)
        endpoint["slots"][name] = {
            "name": name,
            "provisioning_state": "Succeeded",
            "tags": dict(entity.tags),
            "version": self._registered(str(entity.model), str(entity.environment)),
            "requests": [],
        }

    def ml_online_deployment_delete(self, command: Command, folder: Path) -> Any:
        endpoint, name = self._online(command, "--endpoint-name"), command.one("--name")
        if name not in endpoint["slots"]:
            raise Rejected(MISSING.format(name))
        if endpoint["traffic"].get(name) or endpoint["mirror_traffic"].get(name):
            raise Rejected(f"(BadRequest) {name} has traffic")
        del endpoint["slots"][name]

    def ml_online_deployment_list(self, command: Command, folder: Path) -> Any:
        slots = self._online(command, "--endpoint-name")["slots"].values()
        return [
            {key: slot[key] for key in ("name", "provisioning_state", "tags")} for slot in slots
        ]

    def _registered(self, model: str, environment: str) -> str:
        """Return a model's version, if the registry has it and the environment."""
        version, name = model.rpartition("/")[2], environment.split("/")[-3]
        if (
            not model.startswith(f"azureml://registries/{REGISTRY}/models/")
            or version not in self.shared
        ):
            raise Rejected(MISSING.format(model))
        versions = [item["version"] for item in self.environments.get(("registry", name), [])]
        if environment.rpartition("/")[2] not in versions:
            raise Rejected(MISSING.format(environment))
        return version

    # Batch endpoints -----------------------------------------------------------------------

    def _batch(self, command: Command, option: str = "--name") -> dict[str, Any]:
        name = command.one(option)
        if name not in self.batch:
            raise Rejected(MISSING.format(f"endpoint {name}"))
        return self.batch[name]

    def ml_batch_endpoint_create(self, command: Command, folder: Path) -> Any:
        self._checked(command, folder)
        self.batch[command.one("--name")] = {"defaults": {}, "tags": {}, "slots": {}}

    def ml_batch_endpoint_show(self, command: Command, folder: Path) -> Any:
        endpoint = self._batch(command)
        return {
            "name": command.one("--name"),
            "defaults": endpoint["defaults"],
            "tags": endpoint["tags"],
        }

    def ml_batch_endpoint_update(self, command: Command, folder: Path) -> Any:
        endpoint = self._batch(command)
        self._set_tags(endpoint["tags"], command)
        for pair in command.overrides():
            wanted = pair.get("defaults.deployment_name")
            if wanted is not None and wanted not in endpoint["slots"]:
                raise Rejected(MISSING.format(wanted))
            if wanted is not None:
                endpoint["defaults"] = {"deployment_name": wanted}

    def ml_batch_endpoint_invoke(self, command: Command, folder: Path) -> Any:
        endpoint = self._batch(command)
        self._require_inputs([command.one("--input")])
        name = command.one("--deployment-name") or endpoint["defaults"].get("deployment_name", "")
        if endpoint["slots"].get(name, {}).get("provisioning_state") != "Succeeded":
            raise Rejected(MISSING.format(f"deployment {name}"))
        job = command.one("--job-name")
        if job in self.jobs:
            raise Rejected(f"(UserError) A job with the name {job} exists already.")
        self.jobs[job] = {"file": f"batch {name}", "ahead": ["Running"]}
        return {"name": job}

    def ml_batch_endpoint_delete(self, command: Command, folder: Path) -> Any:
        self._batch(command)
        del self.batch[command.one("--name")]

    def ml_batch_deployment_create(self, command: Command, folder: Path) -> Any:
        endpoint, name = self._batch(command, "--endpoint-name"), command.one("--name")
        if name in endpoint["slots"]:
            raise Rejected(f"(UserError) deployment {name} exists already")
        entity = self._checked(command, folder)
        self._registered(str(entity.model), str(entity.environment))
        endpoint["slots"][name] = {
            "name": name,
            "provisioning_state": "Succeeded",
            "tags": dict(entity.tags),
        }

    def ml_batch_deployment_show(self, command: Command, folder: Path) -> Any:
        slots = self._batch(command, "--endpoint-name")["slots"]
        if command.one("--name") not in slots:
            raise Rejected(MISSING.format("deployment"))
        return slots[command.one("--name")]

    def ml_batch_deployment_list(self, command: Command, folder: Path) -> Any:
        return list(self._batch(command, "--endpoint-name")["slots"].values())

    def ml_batch_deployment_delete(self, command: Command, folder: Path) -> Any:
        endpoint, name = self._batch(command, "--endpoint-name"), command.one("--name")
        if endpoint["defaults"].get("deployment_name") == name:
            raise Rejected("(BadRequest) the default deployment cannot be deleted")
        del endpoint["slots"][name]

    # Measurements --------------------------------------------------------------------------

    def monitor_metrics_list(self, command: Command, folder: Path) -> Any:
        name = command.one("--resource").removeprefix(f"{WORKSPACE}/onlineEndpoints/")
        if name not in self.endpoints:
            raise Rejected(MISSING.format(command.one("--resource")))
        return platform_metrics(self.endpoints[name], self.behaviours, command)

    def monitor_app_insights_query(self, command: Command, folder: Path) -> Any:
        return application_insights(self.behaviours, command)

    # ---------------------------------------------------------------------------------------

    def _checked(self, command: Command, folder: Path) -> Any:
        return checked(command.name, folder / command.one("--file"), command.overrides())

    @staticmethod
    def _set_tags(tags: dict[str, str], command: Command) -> None:
        """As `az ... update --set`: digits become numbers, which no tag may be."""
        for pair in command.overrides():
            for key, value in pair.items():
                if not key.startswith("tags."):
                    continue
                if "--force-string" not in command.options and value.replace(".", "").isdigit():
                    raise Rejected(f"(ValidationError) {key}: Not a valid string.")
                tags[key.removeprefix("tags.")] = value
