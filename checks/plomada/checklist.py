"""The catalogue of the 50 items: what each is called, what to do about a fail, where it is decided.

Names only, so that ``plomada list`` imports nothing else. A rule stands in any module of
``plomada.items`` whose name begins with the section's key (``inf``, ``inf_pipelines`` ...).
"""

from __future__ import annotations

from plomada.records import dataclass

SECTIONS = {
    "DEV": ("Development environment", "Entorno de desarrollo"),
    "INF": ("Infrastructure", "Infraestructura"),
    "CI": ("CI/CD pipelines", "Pipelines de CI/CD"),
    "MOD": ("Model management", "Gestión de modelos"),
    "DEP": ("Deployment", "Despliegue"),
    "MON": ("Monitoring", "Monitorización"),
    "SEC": ("Security", "Seguridad"),
    "GOV": ("Governance", "Gobernanza"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist.

    Attributes:
        identifier: ``DEV1``.
        title: its English title, the same on its page.
        spanish: its Spanish title.
        remedy: one line that says what to do about a fail.
        dialects: the dialects in which its page has to show a passing and a failing example.
    """

    identifier: str
    title: str
    spanish: str
    remedy: str
    dialects: tuple[str, ...]

    @property
    def section(self) -> str:
        """The section's key: ``DEV``."""
        return self.identifier.rstrip("0123456789")


_HOOKS = ("hook", "pipeline")
_PIPELINES = ("github", "azure-pipelines")
_HOOKS_AND_PIPELINES = (*_HOOKS, *_PIPELINES)
_RESOURCES = ("bicep", "arm", "terraform")
_ASSETS = ("yaml", "sdk", "cli")

ITEMS: tuple[Item, ...] = (
    Item(
        "DEV1",
        "Pre-commit hooks configured",
        "Hooks de pre-commit configurados",
        "Add .pre-commit-config.yaml with a hook that lints or formats, such as ruff.",
        ("hook",),
    ),
    Item(
        "DEV2",
        "Linters and formatters",
        "Linters y formateadores",
        "Run a linter and a formatter (ruff check, ruff format) in a hook or a pipeline.",
        _HOOKS_AND_PIPELINES,
    ),
    Item(
        "DEV3",
        "Type checking",
        "Comprobación de tipos",
        "Run mypy or pyright in a hook or a pipeline.",
        _HOOKS_AND_PIPELINES,
    ),
    Item(
        "DEV4",
        "Unit tests with coverage over 80 %",
        "Pruebas unitarias con cobertura superior al 80 %",
        "Run the tests in a pipeline with fail_under = 80 or --cov-fail-under=80.",
        _PIPELINES,
    ),
    Item(
        "DEV5",
        "Automatic documentation",
        "Documentación automática",
        "Configure a documentation generator and build it in a pipeline.",
        _PIPELINES,
    ),
    Item(
        "INF1",
        "Everything in IaC",
        "Toda la infraestructura como código",
        "Declare the workspace in IaC, deploy it by pipeline and drop the az ... create commands.",
        (*_RESOURCES, *_PIPELINES),
    ),
    Item(
        "INF2",
        "Separate environments",
        "Entornos separados",
        "Keep one parameter file per environment and let the deploying pipeline choose it.",
        (*_RESOURCES, *_PIPELINES),
    ),
    Item(
        "INF3",
        "Tagging strategy",
        "Estrategia de etiquetado",
        "Pass one tags object to every taggable resource.",
        _RESOURCES,
    ),
    Item(
        "INF4",
        "Cost management tags",
        "Etiquetas de gestión de costes",
        "Add a cost key such as cost-center to the tags.",
        _RESOURCES,
    ),
    Item(
        "INF5",
        "RBAC roles defined",
        "Roles RBAC definidos",
        "Declare the role assignments that the workloads need in IaC.",
        (*_RESOURCES, "cli"),
    ),
    Item(
        "INF6",
        "Network security groups",
        "Grupos de seguridad de red",
        "Attach a network security group to each subnet.",
        _RESOURCES,
    ),
    Item(
        "INF7",
        "Private endpoints where they apply",
        "Puntos de conexión privados donde corresponda",
        "Declare a private endpoint for each workspace, storage, key vault and registry.",
        _RESOURCES,
    ),
    Item(
        "CI1",
        "Build pipeline for validation",
        "Pipeline de compilación y validación",
        "Run lint, types, tests or IaC validation on pull requests.",
        _PIPELINES,
    ),
    Item(
        "CI2",
        "Test pipeline with synthetic data",
        "Pipeline de pruebas con datos sintéticos",
        "Let tests generate the data that they feed to the model code, and run them in a pipeline.",
        _PIPELINES,
    ),
    Item(
        "CI3",
        "Automated training pipeline",
        "Pipeline de entrenamiento automatizado",
        "Submit the training job from a pipeline that a push or a schedule starts.",
        (*_PIPELINES, *_ASSETS),
    ),
    Item(
        "CI4",
        "Model registration with gates",
        "Registro de modelos con controles de calidad",
        "Compare a metric with a threshold and register only if it holds.",
        _PIPELINES,
    ),
    Item(
        "CI5",
        "Deployment pipeline with approvals",
        "Pipeline de despliegue con aprobaciones",
        "Name an environment with reviewers on each job that deploys to production.",
        _PIPELINES,
    ),
    Item(
        "CI6",
        "Rollback strategy defined",
        "Estrategia de rollback definida",
        "Add a job that puts the previous deployment back, or a runbook section with its commands.",
        (*_PIPELINES, "document"),
    ),
    Item(
        "MOD1",
        "Automatic model versioning",
        "Versionado automático de modelos",
        "Register without a literal version, so that it increments.",
        _ASSETS,
    ),
    Item(
        "MOD2",
        "Central model registry",
        "Registro central de modelos",
        "Register models in the workspace, an Azure ML registry or an MLflow registry.",
        _ASSETS,
    ),
    Item(
        "MOD3",
        "Metadata tracking (MLflow)",
        "Seguimiento de metadatos (MLflow)",
        "Log parameters, metrics and the model with MLflow in the training code.",
        ("code",),
    ),
    Item(
        "MOD4",
        "Lineage, data to model to deployment",
        "Linaje de los datos al modelo y al despliegue",
        "Take data as a job input, register from the run, and deploy a registered model by name.",
        _ASSETS,
    ),
    Item(
        "MOD5",
        "A/B testing capability",
        "Capacidad de pruebas A/B",
        "Give the endpoint two deployments and a traffic setting that divides among them.",
        (*_ASSETS, "kubernetes"),
    ),
    Item(
        "MOD6",
        "Champion/challenger",
        "Champion/challenger",
        "Compare the candidate with the model in production before promoting it.",
        ("code",),
    ),
    Item(
        "DEP1",
        "Endpoints with managed identity",
        "Endpoints con identidad administrada",
        "Give each endpoint, or the workload that serves, a managed identity.",
        (*_ASSETS, "bicep", "kubernetes"),
    ),
    Item(
        "DEP2",
        "Autoscaling",
        "Autoescalado",
        "Declare autoscale settings for the deployment.",
        (*_ASSETS, *_RESOURCES, "kubernetes"),
    ),
    Item(
        "DEP3",
        "Health checks",
        "Comprobaciones de estado",
        "Declare liveness and readiness probes on the deployment.",
        ("yaml", "sdk", "kubernetes"),
    ),
    Item(
        "DEP4",
        "Blue/green deployment",
        "Despliegue blue/green",
        "Keep two deployments side by side and switch the traffic between them.",
        _ASSETS,
    ),
    Item(
        "DEP5",
        "Canary releases",
        "Versiones canary",
        "Give a new deployment a part of the traffic before all of it.",
        ("sdk", "cli", "kubernetes"),
    ),
    Item(
        "DEP6",
        "Traffic splitting",
        "División del tráfico",
        "Set a traffic map that names two deployments or takes the percentage as a parameter.",
        (*_ASSETS, "kubernetes"),
    ),
    Item(
        "MON1",
        "Application Insights integrated",
        "Application Insights integrado",
        "Link Application Insights to the workspace and enable it on the deployments.",
        (*_RESOURCES, "code", "yaml"),
    ),
    Item(
        "MON2",
        "Custom metrics",
        "Métricas personalizadas",
        "Emit metrics of your own from the scoring code, for instance with OpenTelemetry.",
        ("code", "yaml"),
    ),
    Item(
        "MON3",
        "Alert rules",
        "Reglas de alerta",
        "Declare metric or log alerts with an action group.",
        (*_RESOURCES, "yaml", "cli", "kubernetes"),
    ),
    Item(
        "MON4",
        "Dashboards in Azure Monitor",
        "Paneles en Azure Monitor",
        "Declare a workbook, portal dashboard or Grafana dashboard.",
        _RESOURCES,
    ),
    Item(
        "MON5",
        "Saved Log Analytics queries",
        "Consultas de Log Analytics guardadas",
        "Keep the queries as saved searches, a query pack or .kql files.",
        (*_RESOURCES, "document"),
    ),
    Item(
        "MON6",
        "Data drift monitoring",
        "Monitorización de la deriva de datos",
        "Declare a monitor with a data drift signal, or schedule a job that computes drift.",
        ("yaml", "sdk", "code"),
    ),
    Item(
        "MON7",
        "Model performance tracking",
        "Seguimiento del rendimiento del modelo",
        "Score production predictions against ground truth on a schedule.",
        ("yaml", "sdk", "code"),
    ),
    Item(
        "SEC1",
        "Secrets in Key Vault, never in code",
        "Secretos en Key Vault, nunca en el código",
        "Revoke the secret, keep it in Key Vault and read it at run time.",
        ("bicep", "code", "document"),
    ),
    Item(
        "SEC2",
        "Managed identities used",
        "Identidades administradas en uso",
        "Declare a managed identity, and authenticate with DefaultAzureCredential.",
        (*_RESOURCES, "code"),
    ),
    Item(
        "SEC3",
        "Least privilege",
        "Mínimo privilegio",
        "Assign narrow roles at resource scope instead of Owner or Contributor on the group.",
        _RESOURCES,
    ),
    Item(
        "SEC4",
        "Network isolation",
        "Aislamiento de red",
        "Disable public network access of the workspace or use a managed virtual network.",
        _RESOURCES,
    ),
    Item(
        "SEC5",
        "Encryption at rest and in transit",
        "Cifrado en reposo y en tránsito",
        "Require TLS 1.2 and HTTPS on every storage account, and TLS on every ingress.",
        (*_RESOURCES, "kubernetes"),
    ),
    Item(
        "SEC6",
        "Secret scanning in CI/CD",
        "Detección de secretos en CI/CD",
        "Run gitleaks or another secret scanner in a pipeline.",
        _PIPELINES,
    ),
    Item(
        "SEC7",
        "Dependency scanning",
        "Análisis de dependencias",
        "Configure Dependabot or run pip-audit in a pipeline.",
        _PIPELINES,
    ),
    Item(
        "GOV1",
        "Naming conventions documented",
        "Convenciones de nombres documentadas",
        "Write down the pattern of resource names, such as rg-<project>-<environment>.",
        ("document",),
    ),
    Item(
        "GOV2",
        "Tagging policy enforced",
        "Política de etiquetado aplicada",
        "Assign an Azure Policy about tags, or refuse untagged resources in a pipeline.",
        (*_RESOURCES, "github"),
    ),
    Item(
        "GOV3",
        "Cost allocation",
        "Asignación de costes",
        "Declare a budget or a cost export.",
        (*_RESOURCES, "cli"),
    ),
    Item(
        "GOV4",
        "Audit logging",
        "Registro de auditoría",
        "Send the logs of the workspace and its key vault to Log Analytics.",
        (*_RESOURCES, "cli"),
    ),
    Item(
        "GOV5",
        "Automated compliance checks",
        "Comprobaciones de cumplimiento automatizadas",
        "Run checkov or another policy-as-code tool in a pipeline.",
        _PIPELINES,
    ),
    Item(
        "GOV6",
        "Documentation up to date",
        "Documentación actualizada",
        "Explain set-up and use in the README with commands, and mend the broken links.",
        ("document",),
    ),
)

BY_ID = {item.identifier: item for item in ITEMS}
DIALECTS = {item.identifier: item.dialects for item in ITEMS}
