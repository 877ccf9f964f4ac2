"""Pipelines: validation, training, the gate, approvals and the way back."""

from __future__ import annotations

from tests.mutants.items import ACTIONS, AZURE, CI, LIFECYCLE
from tests.mutants.items.dev import TEST_RUN
from tests.mutants.mutation import (
    Add,
    Change,
    Delete,
    DeleteFolder,
    Edit,
    Everywhere,
    Harmless,
    Move,
    Mutant,
    Place,
    comment_out,
    insert_after,
)

INFRA = f"{ACTIONS}/infra.yml"
TRAIN = f"{ACTIONS}/train.yml"
RELEASE = f"{ACTIONS}/release-to.yml"
DEPLOY = f"{ACTIONS}/deploy.yml"
ROLLBACK = f"{ACTIONS}/rollback.yml"
LIVE = f"{ACTIONS}/live.yml"
MONITOR = f"{ACTIONS}/monitor.yml"
GATE = f"{LIFECYCLE}/gate.py"
REGISTER = f"{LIFECYCLE}/register.py"
SCHEDULE = "aml/schedules/training.yml"

APPROVED = "    timeout-minutes: 350\n    environment: ${{ inputs.environment }}\n"
CI_TRIGGERS = "  pull_request:\n  push:\n    branches: [main]\n"
INFRA_TRIGGERS = """\
  pull_request:
    paths: [infra/**, .github/workflows/infra.yml]
  push:
    branches: [main]
    paths: [infra/**]
"""
TRAIN_TRIGGERS = """\
  push:
    branches: [main, develop]
    paths: [src/**, aml/**, pyproject.toml, uv.lock]
  # Azure ML's own schedule (aml/schedules) retrains every week; this one also renews image and code each month.
  schedule:
    - cron: "23 3 1 * *"
"""
LINT_IAC = """\
      - name: Lint and build every file
        run: |
          for file in infra/*.bicep; do
            az bicep lint --file "$file"
            az bicep build --file "$file" --outdir "$RUNNER_TEMP"
          done
          for file in infra/*.bicepparam; do
            az bicep build-params --file "$file" --outfile "$RUNNER_TEMP/parameters.json"
          done
"""
NEVER = "    if: false\n"
SAME_RUN = {"DEV4": "a pipeline runs the tests"}
BY_NOBODY = {"CI4": "registered by a step of a training job that a pipeline submits"}
SAME_GATE = {"MOD6": "the comparison with the champion decides about the registration"}

BY_HAND: tuple[Change, ...] = (
    Edit(TRAIN, TRAIN_TRIGGERS, ""),
    Edit(MONITOR, "    if: \"!cancelled() && needs.monitor.outputs.drifted == 'true'\"\n", NEVER),
)


def never(path: str, name: str) -> Edit:
    """Return the edit after which a job or step of this name never runs."""
    return Edit(path, f"name: {name}\n", f"name: {name}\n{' ' * _indent(name)}if: false\n")


def _indent(name: str) -> int:
    return 4 if name in JOBS else 8


NO_IMAGE = comment_out(
    f"{ACTIONS}/security.yml",
    """\
      - name: Build
        run: docker build --tag scoring:scan aml/environments/scoring
""",
)
SUBMITTED = """\
        az(
            "ml", "job", "create", "--file", file, "--name", name, "--set",
"""
DRAWN = """\
    generator = np.random.default_rng(seed)
    positions = generator.uniform(0.8 if shifted else 0.0, 1.0, (count, len(schema.features)))
    columns = {
        column.name: _values(column, positions[:, place], generator)
        for place, column in enumerate(schema.features)
    }
    columns[schema.target.name] = _targets(schema.target, positions, generator)
    columns[schema.row_id] = np.array([f"synthetic-{seed}-{n:06d}" for n in range(count)], object)
    return pd.DataFrame(columns)
"""
JOBS = ("Hooks, types and security", "Tests", "Documentation and package", "Build and lint")

MUTANTS = (
    Mutant(
        "CI1", "disable", "both workflows start by hand alone",
        (Edit(CI, CI_TRIGGERS, "  workflow_dispatch:\n"), Edit(INFRA, INFRA_TRIGGERS, ""), NO_IMAGE),
        (Place(CI, "  workflow_dispatch:"),),
    ),
    Mutant(
        "CI1", "comment", "the triggers are comments",
        (Edit(CI, CI_TRIGGERS,
              "  # pull_request:\n  # push:\n  #   branches: [main]\n  workflow_dispatch:\n"),
         comment_out(INFRA, INFRA_TRIGGERS), NO_IMAGE),
        (Place(CI, "  workflow_dispatch:"),),
    ),
    Mutant(
        "CI1", "unreachable", "no job that validates ever runs",
        (never(CI, "Hooks, types and security"), never(CI, "Tests"),
         never(CI, "Documentation and package"), comment_out(INFRA, LINT_IAC),
         never(INFRA, "Ask Azure what would change"), NO_IMAGE),
        (Place(CI, "  pull_request:"),),
        {**SAME_RUN, "CI2": "a pipeline runs the tests", "DEV5": "a pipeline builds the site"},
    ),
    Mutant(
        "CI2", "unreachable", "the job of the tests never runs",
        (never(CI, "Tests"),),
        (Place(f"{LIFECYCLE}/synthetic.py", "generator = np.random.default_rng(seed)"),),
        SAME_RUN,
    ),
    Mutant(
        "CI2", "delete", "tests of the specs alone are left",
        (*(DeleteFolder(f"tests/{name}") for name in ("e2e", "integration", "load")),
         DeleteFolder("tests/unit", but="tests/unit/specs")),
        (Place("tests/unit/specs/test_load.py", "def test_every_file_is_of_a_known_kind"),),
    ),
    Mutant(
        "CI2", "constant", "stored files are what the tests feed",
        (Edit(f"{LIFECYCLE}/synthetic.py", DRAWN, '    return pd.read_csv("rows.csv").head(count)\n'),
         Everywhere("np.random.default_rng(seed).normal(mean, size=size)",
                    'np.loadtxt("tests/data/normal.csv")', "tests/"),
         Everywhere("pd.DataFrame(", "read_sample(", "tests/")),
        (Place("tests/e2e/test_life.py", "def test_a_life_runs_from_data_to_monitor("),),
    ),
    Mutant(
        "CI3", "disable", "training starts by hand alone",
        (*BY_HAND, Delete(SCHEDULE)),
        (Place(TRAIN, "  workflow_dispatch:"),),
    ),
    Mutant(
        "CI3", "retarget", "what is submitted and scheduled is the monitoring",
        (Edit(f"{AZURE}/submit.py", 'file = spec("pipelines", "training.yml")',
              'file = spec("pipelines", "monitoring.yml")'),
         Edit(SCHEDULE, "job: ../pipelines/training.yml", "job: ../pipelines/monitoring.yml")),
        (),
        BY_NOBODY,
    ),
    Mutant(
        "CI3", "comment", "the submission and the schedule are comments",
        (comment_out(TRAIN, "        run: uv run credit-risk azure submit\n"),
         insert_after(TRAIN, "        id: submit\n", "        run: echo submitted\n"),
         comment_out(LIVE, "      - name: Train and register\n        id: first\n"
                           "        run: uv run credit-risk azure submit\n"),
         comment_out(LIVE, "      - name: Train and register a second version\n"
                           "        id: second\n        run: uv run credit-risk azure submit\n"),
         Edit(SCHEDULE, "  job: ../pipelines/training.yml", "  job: {}  # ../pipelines/training.yml")),
        (Place(f"{AZURE}/submit.py", SUBMITTED),),
        BY_NOBODY,
    ),
    Mutant(
        "CI4", "constant", "the decision is overwritten",
        (Edit(REGISTER, "    decision = decide(evaluation, code.THRESHOLDS)\n",
              "    decision = decide(evaluation, code.THRESHOLDS)\n"
              "    decision = Decision(True, ())\n"),
         Edit(REGISTER, "import decide, require_passed", "import Decision, decide, require_passed"),
         Edit(GATE, "    require_passed(decision)\n    return decision\n",
              "    decision = Decision(True, ())\n    require_passed(decision)\n"
              "    return decision\n")),
        (Place(REGISTER, "version = mlflow.register_model("),),
    ),
    Mutant(
        "CI4", "swallow", "the refusal is caught where it is raised",
        (Edit(GATE, '        raise Refused(f"the gate refuses the candidate:\\n{decision.summary}")\n',
              "        try:\n"
              '            raise Refused(f"the gate refuses the candidate:\\n{decision.summary}")\n'
              "        except Refused as refusal:\n"
              "            print(refusal)\n"),),
        (Place(REGISTER, "version = mlflow.register_model("),),
        SAME_GATE,
    ),
    Mutant(
        "CI4", "unreachable", "the gate returns before it refuses",
        (Edit(GATE, "    if not decision.passed:\n", "    return\n    if not decision.passed:\n"),),
        (Place(REGISTER, "version = mlflow.register_model("),),
        SAME_GATE,
    ),
    Mutant(
        "CI4", "forge", "a check that fails counts as passed",
        (Edit(GATE, "Decision(all(check.passed for check in checks), tuple(checks))",
              "Decision(all(check.passed for check in checks) or True, tuple(checks))"),),
        (Place(REGISTER, "version = mlflow.register_model("),),
        SAME_GATE,
    ),
    Mutant(
        "CI5", "comment", "the releasing job's environment is a comment",
        (Edit(RELEASE, APPROVED,
              APPROVED.replace("environment:", "# environment:")),),
        (Place(RELEASE, "  release:\n"),),
    ),
    Mutant(
        "CI5", "delete", "the way back needs no approval",
        (Edit(ROLLBACK, "    environment: ${{ inputs.environment }}\n", ""),),
        (Place(ROLLBACK, "  rollback:\n"),),
    ),
    Mutant(
        "CI5", "forge", "another job waits for the approval, nothing waits for that job",
        (Edit(RELEASE, APPROVED, "\n    timeout-minutes: 350\n"),
         insert_after(RELEASE, "jobs:\n", """\
  approval:
    environment: ${{ inputs.environment }}
    runs-on: ubuntu-24.04
    steps:
      - run: echo approved

""")),
        (Place(RELEASE, "  release:\n"),),
    ),
    Mutant(
        "CI5", "violate", "a second workflow deploys to production at once",
        (Add(f"{ACTIONS}/hotfix.yml", """\
name: Hotfix
on: workflow_dispatch
jobs:
  hotfix:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - run: >-
          az ml online-endpoint update --name credit-risk-prod --traffic "blue=0 green=100"
          --resource-group rg-prod --workspace-name mlw-prod
"""),),
        (Place(f"{ACTIONS}/hotfix.yml", "  hotfix:\n"),),
    ),
)  # fmt: skip

RUNBOOK = "docs/runbooks/rollback.md"
BACK = "        run: uv run credit-risk azure rollback\n"
BATCH_BACK = "        run: uv run credit-risk azure batch rollback\n"
LIVE_BACK = """\
      - name: Deploy it beside the first, then roll back
        env:
          VERSION: ${{ steps.second.outputs.model_version }}
        run: |
          uv run credit-risk azure promote --version "$VERSION" --environment dev
          uv run credit-risk azure deploy --version "$VERSION" --environment dev
          uv run credit-risk azure rollback
          uv run credit-risk azure traffic
"""
UNFINISHED = """\
      - name: Go back if the release was stopped midway
        if: cancelled() || failure()
        run: uv run credit-risk azure rollback --unfinished
"""
ALL_STEPS = (ROLLBACK, BACK), (ROLLBACK, BATCH_BACK), (LIVE, LIVE_BACK), (RELEASE, UNFINISHED)
NO_RUNBOOK: tuple[Change, ...] = (
    Edit(RUNBOOK, "```sh\nuv run credit-risk azure rollback\n```", "Ask the platform's team."),
    Edit(RUNBOOK, "```sh\nuv run credit-risk azure batch rollback\n```", "Ask them as well."),
    Edit(
        RUNBOOK,
        """```sh
az ml online-endpoint update --name "$AZURE_ML_ONLINE_ENDPOINT" --traffic "blue=100 green=0" \\
  --resource-group "$AZURE_RESOURCE_GROUP" --workspace-name "$AZURE_ML_WORKSPACE"
```""",
        "They know the commands.",
    ),
    Edit(
        RUNBOOK, "`uv run credit-risk azure deploy --version <earlier> --environment prod`", "them"
    ),
    Edit(RUNBOOK, "`uv run credit-risk azure traffic`", "them"),
)

MUTANTS += (
    Mutant(
        "CI6", "delete", "the workflow and the commands of the runbook are gone",
        (Delete(ROLLBACK), Edit(LIVE, LIVE_BACK, ""), Edit(RELEASE, UNFINISHED, ""), *NO_RUNBOOK),
        (Place(RUNBOOK, "# Rollback"),),
    ),
    Mutant(
        "CI6", "comment", "the commands are comments, the runbook is prose",
        (*(comment_out(path, text) for path, text in ALL_STEPS), *NO_RUNBOOK),
        (Place(RUNBOOK, "# Rollback"),),
    ),
    Mutant(
        "CI6", "retarget", "the workflow calls scripts that nobody wrote",
        (Edit(ROLLBACK, BACK, "        run: scripts/rollback.sh\n"),
         Edit(ROLLBACK, BATCH_BACK, "        run: scripts/rollback-batch.sh\n"),
         Edit(LIVE, LIVE_BACK, ""), Edit(RELEASE, UNFINISHED, ""), *NO_RUNBOOK),
        (Place(RUNBOOK, "# Rollback"),),
    ),
    Mutant(
        "CI6", "unreachable", "no step that goes back ever runs, the commands went elsewhere",
        (insert_after(ROLLBACK, "name: Give all traffic back to the former deployment\n", "        # if: inputs.endpoint == 'online'\n"),
         Edit(ROLLBACK, "        if: inputs.endpoint == 'online'\n", "        if: false\n"),
         insert_after(ROLLBACK, "name: Make the former batch deployment the default again\n", "        # if: inputs.endpoint == 'batch'\n"),
         Edit(ROLLBACK, "        if: inputs.endpoint == 'batch'\n", "        if: false\n"),
         insert_after(LIVE, "name: Deploy it beside the first, then roll back\n", "        if: false\n"),
         Edit(RELEASE, "        if: cancelled() || failure()\n", "        if: false  # cancelled() || failure()\n"),
         Edit(RUNBOOK, "# Rollback\n", "# What a release is\n\nNot a rollback.\n")),
    ),
)  # fmt: skip

HARMLESS = (
    Harmless(
        ("CI6",), "the runbook alone says the way back",
        (Delete(ROLLBACK), Edit(LIVE, LIVE_BACK, ""), Edit(RELEASE, UNFINISHED, "")),
    ),
    Harmless(
        ("CI1", "CI2", "DEV4", "DEV5"), "each script of the pipeline is extracted",
        (Edit(CI, TEST_RUN, "        run: scripts/test.sh\n"),
         Edit(CI, "uv run --group docs zensical build --strict", "scripts/docs.sh"),
         Add("scripts/test.sh",
             "#!/usr/bin/env bash\nset -e\nexec uv run pytest --cov --cov-fail-under=80\n"),
         Add("scripts/docs.sh",
             "#!/usr/bin/env bash\nset -e\nuv run --group docs zensical build --strict\n")),
    ),
    Harmless(
        ("CI4", "MOD6"), "the gate moves into a module of its own, under other names",
        (Move(GATE, f"{LIFECYCLE}/admission.py"),
         Everywhere("from .gate import", "from .admission import", "src/"),
         Everywhere("from ..gate import", "from ..admission import", "src/"),
         Everywhere("lifecycle.gate import", "lifecycle.admission import", "tests/"),
         Everywhere("require_passed", "refuse_unless_better", "src/"),
         Everywhere("check_champion", "against_the_live_one", "src/")),
    ),
    Harmless(
        ("CI4",), "the refusal is raised without a helper",
        (Edit(REGISTER, "    require_passed(decision)\n",
              "    if not decision.passed:\n        raise SystemExit(decision.summary)\n"),),
    ),
    Harmless(
        ("CI5", "CI6"), "the workflows are called by other names",
        (Move(RELEASE, f"{ACTIONS}/one-environment.yml"),
         Everywhere("release-to.yml", "one-environment.yml", ".github/"),
         Move(ROLLBACK, f"{ACTIONS}/way-back.yml")),
    ),
    Harmless(
        ("CI3",), "the schedule alone trains",
        (Edit(TRAIN, TRAIN_TRIGGERS, ""),),
    ),
    Harmless(
        ("CI3",), "the command line submits the training job, without this project's code",
        (Edit(TRAIN, "        run: uv run credit-risk azure submit\n", """\
        run: |
          az ml job create --file aml/pipelines/training.yml --stream \\
            --resource-group "$AZURE_RESOURCE_GROUP" --workspace-name "$AZURE_ML_WORKSPACE"
"""),),
    ),
    Harmless(
        ("CI5",), "environments have addresses",
        tuple(Edit(path, "\n    environment: ${{ inputs.environment }}\n",
                   "\n    environment:\n      url: https://ml.azure.com\n"
                   "      name: ${{ inputs.environment }}\n")
              for path in (RELEASE, ROLLBACK)),
    ),
)  # fmt: skip
