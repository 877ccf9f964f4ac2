"""What Azure ML is told, by its SDK: endpoint, slots, pipelines, schedules, monitor."""

import os
from typing import TYPE_CHECKING

from azure.ai.ml import Input, MLClient, Output, command
from azure.ai.ml.constants import TimeZone
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import (
    AlertNotification,
    CategoricalDriftMetrics,
    CodeConfiguration,
    CronTrigger,
    DataCollector,
    DataDriftMetricThreshold,
    DataDriftSignal,
    DeploymentCollection,
    IdentityConfiguration,
    JobSchedule,
    ManagedIdentityConfiguration,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    MonitorDefinition,
    MonitoringTarget,
    MonitorSchedule,
    NumericalDriftMetrics,
    OnlineRequestSettings,
    PredictionDriftMetricThreshold,
    PredictionDriftSignal,
    ProbeSettings,
    RecurrencePattern,
    RecurrenceTrigger,
    ReferenceData,
    ServerlessSparkCompute,
)
from azure.identity import DefaultAzureCredential

from .settings import setting

if TYPE_CHECKING:
    from azure.ai.ml.entities import PipelineJob

    from .settings import Environment

TAGS = {"project": "creditrisk", "owner": "ml-team", "cost-center": "CC-0000"}
TRAINING_IMAGE = "azureml:credit-risk-training@latest"
MARK = {"LIFECYCLE_MARK": "tag"}


def client() -> MLClient:
    """Return the client of the environment's workspace."""
    return MLClient(
        DefaultAzureCredential(),
        setting("AZURE_SUBSCRIPTION_ID"),
        setting("AZURE_RESOURCE_GROUP"),
        setting("AZURE_ML_WORKSPACE"),
    )


def online_endpoint(name: str, environment: "Environment") -> ManagedOnlineEndpoint:
    """Return the endpoint; releases move its traffic."""
    own = os.environ.get("AZURE_ML_SCORING_IDENTITY")
    identity = (
        IdentityConfiguration(
            type="user_assigned",
            user_assigned_identities=[ManagedIdentityConfiguration(resource_id=own)],
        )
        if own
        else IdentityConfiguration(type="system_assigned")
    )
    return ManagedOnlineEndpoint(
        name=name,
        auth_mode="aad_token",
        public_network_access="disabled",
        identity=identity,
        tags={**TAGS, "environment": environment},
    )


def slot_deployment(
    endpoint: str, slot: str, model: str, image: str, tags: dict[str, str]
) -> ManagedOnlineDeployment:
    """Return what stands in a slot."""
    return ManagedOnlineDeployment(
        name=slot,
        endpoint_name=endpoint,
        model=model,
        environment=image,
        code_configuration=CodeConfiguration(
            code="src", scoring_script="credit_risk/lifecycle/scoring.py"
        ),
        instance_type="Standard_D2as_v4",
        instance_count=2,
        app_insights_enabled=True,
        request_settings=OnlineRequestSettings(
            request_timeout_ms=5000, max_concurrent_requests_per_instance=4
        ),
        liveness_probe=ProbeSettings(initial_delay=30, period=10, timeout=2, failure_threshold=6),
        readiness_probe=ProbeSettings(initial_delay=10, period=10, timeout=2, failure_threshold=6),
        data_collector=DataCollector(
            collections={
                "model_inputs": DeploymentCollection(enabled="True"),
                "model_outputs": DeploymentCollection(enabled="True"),
            }
        ),
        tags={**TAGS, **tags},
    )


# --- training

prepare = command(
    name="prepare",
    code="src",
    command="python -m credit_risk.lifecycle.cli prepare --data ${{inputs.data}} --output ${{outputs.prepared}}",
    environment=TRAINING_IMAGE,
    environment_variables=MARK,
    inputs={"data": Input(type="uri_file")},
    outputs={"prepared": Output(type="uri_folder")},
)
train = command(
    name="train",
    code="src",
    command="python -m credit_risk.lifecycle.cli train --data ${{inputs.prepared}} --commit ${{inputs.commit}} "
    "--output ${{outputs.candidate}}",
    environment=TRAINING_IMAGE,
    environment_variables=MARK,
    inputs={"prepared": Input(type="uri_folder"), "commit": Input(type="string")},
    outputs={"candidate": Output(type="uri_folder")},
)
evaluate = command(
    name="evaluate",
    code="src",
    command="python -m credit_risk.lifecycle.cli evaluate --data ${{inputs.prepared}} "
    "--candidate ${{inputs.candidate}} --output ${{outputs.evaluation}}",
    environment=TRAINING_IMAGE,
    environment_variables=MARK,
    inputs={"prepared": Input(type="uri_folder"), "candidate": Input(type="uri_folder")},
    outputs={"evaluation": Output(type="uri_folder")},
)
gate = command(
    name="gate",
    code="src",
    command="python -m credit_risk.lifecycle.cli gate --evaluation ${{inputs.evaluation}} --output ${{outputs.decision}}",
    environment=TRAINING_IMAGE,
    environment_variables=MARK,
    inputs={"evaluation": Input(type="uri_folder")},
    outputs={"decision": Output(type="uri_folder")},
)
register = command(
    name="register",
    code="src",
    command="python -m credit_risk.lifecycle.cli register --candidate ${{inputs.candidate}} "
    "--evaluation ${{inputs.evaluation}} --output ${{outputs.registration}}",
    environment=TRAINING_IMAGE,
    environment_variables=MARK,
    inputs={
        "candidate": Input(type="uri_folder"),
        "evaluation": Input(type="uri_folder"),
        "decision": Input(type="uri_folder"),
    },
    outputs={"registration": Output(type="uri_folder")},
)


@pipeline(name="training", experiment_name="credit-risk")
def training_pipeline(data: Input(type="uri_file"), commit: str):
    """Prepare, train, evaluate, gate, register; nothing is registered that the gate refuses."""
    prepared = prepare(data=data)
    trained = train(prepared=prepared.outputs.prepared, commit=commit)
    evaluated = evaluate(
        prepared=prepared.outputs.prepared, candidate=trained.outputs.candidate
    )
    decided = gate(evaluation=evaluated.outputs.evaluation)
    registered = register(
        candidate=trained.outputs.candidate,
        evaluation=evaluated.outputs.evaluation,
        decision=decided.outputs.decision,
    )
    return {"registration": registered.outputs.registration}


def training_job(compute: str, commit: str) -> "PipelineJob":
    """Return the job that trains on the newest data."""
    job = training_pipeline(
        data=Input(type="uri_file", path="azureml:credit-risk-training@latest"), commit=commit
    )
    job.settings.default_compute = compute
    return job


def training_schedule(compute: str, commit: str) -> JobSchedule:
    """Return the schedule that retrains every Monday."""
    return JobSchedule(
        name="credit-risk-training",
        trigger=CronTrigger(expression="0 3 * * 1", time_zone=TimeZone.UTC),
        create_job=training_job(compute, commit),
        tags={"project": "creditrisk"},
    )


# --- monitoring

monitor = command(
    name="monitor",
    code="src",
    command="python -m credit_risk.lifecycle.cli monitor --collected ${{inputs.collected}} "
    "--version ${{inputs.version}} --reference ${{inputs.reference}} --output ${{outputs.report}}",
    environment=TRAINING_IMAGE,
    environment_variables=MARK,
    inputs={
        "collected": Input(type="uri_folder"),
        "version": Input(type="string"),
        "reference": Input(type="uri_folder"),
    },
    outputs={"report": Output(type="uri_folder")},
)


@pipeline(name="monitoring", experiment_name="credit-risk-monitoring")
def monitoring_pipeline(
    collected: Input(type="uri_folder"), reference: Input(type="uri_folder"), version: str
):
    """Drift of inputs and predictions, and performance against ground truth."""
    looked = monitor(collected=collected, version=version, reference=reference)
    return {"report": looked.outputs.report}


def monitoring_schedule(compute: str, version: str, reference: str) -> JobSchedule:
    """Return the schedule that looks every day."""
    job = monitoring_pipeline(
        collected=Input(
            type="uri_folder",
            path="azureml://datastores/workspaceblobstore/paths/modelDataCollector/",
        ),
        reference=Input(type="uri_folder", path=reference),
        version=version,
    )
    job.settings.default_compute = compute
    return JobSchedule(
        name="credit-risk-monitoring",
        trigger=RecurrenceTrigger(
            frequency="day",
            interval=1,
            schedule=RecurrencePattern(hours=4, minutes=15),
            time_zone=TimeZone.UTC,
        ),
        create_job=job,
        tags={"project": "creditrisk"},
    )


def model_monitor(endpoint: str, slot: str) -> MonitorSchedule:
    """Return Azure ML's own monitor of a slot."""
    reference = ReferenceData(
        input_data=Input(type="mltable", path="azureml:credit-risk-training-table@latest"),
        data_context="training",
        data_column_names={"target_column": "target"},
    )
    return MonitorSchedule(
        name="credit-risk-model-monitor",
        trigger=RecurrenceTrigger(
            frequency="day", interval=1, schedule=RecurrencePattern(hours=5, minutes=15)
        ),
        create_monitor=MonitorDefinition(
            compute=ServerlessSparkCompute(instance_type="standard_e4s_v3", runtime_version="3.4"),
            monitoring_target=MonitoringTarget(
                ml_task="classification", endpoint_deployment_id=f"azureml:{endpoint}:{slot}"
            ),
            monitoring_signals={
                "data_drift": DataDriftSignal(
                    reference_data=reference,
                    metric_thresholds=DataDriftMetricThreshold(
                        numerical=NumericalDriftMetrics(population_stability_index=0.2),
                        categorical=CategoricalDriftMetrics(population_stability_index=0.2),
                    ),
                ),
                "prediction_drift": PredictionDriftSignal(
                    reference_data=reference,
                    metric_thresholds=PredictionDriftMetricThreshold(
                        categorical=CategoricalDriftMetrics(population_stability_index=0.2)
                    ),
                ),
            },
            alert_notification=AlertNotification(emails=["ml-team@example.com"]),
        ),
    )
