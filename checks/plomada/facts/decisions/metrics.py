"""What counts as a measured metric, and what as the model in production, in Python values.

A value is a metric by the calls that it comes through; where its origin is out of sight (an
option, a
file that something else writes, an unknown call) a well-known metric name stands for it.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from plomada.facts.code.slices import Context, Slice, Slicer, Source
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts.code.flow import Scope

# Names by which people know metrics; the tokens of a snake or camel case name are compared.
METRIC_NAMES = frozenset({
    "accuracy", "acc", "auc", "roc", "auroc", "auprc", "prauc", "f1", "fbeta", "precision",
    "recall", "rmse", "mse", "mae", "mape", "smape", "rmsle", "msle", "r2", "logloss", "loss",
    "gini", "kappa", "mcc", "sensitivity", "specificity", "bleu", "rouge", "perplexity", "iou",
    "map", "ndcg", "error", "score", "metric", "metrics", "scores", "silhouette", "brier", "lift",
    "wape", "pearson", "spearman", "rsquared", "auc_score", "f1_score",
})  # fmt: skip
# Too common to stand alone where nothing else says that something is measured.
_WEAK = frozenset({"error", "map", "lift", "acc", "loss"})

_METRIC_CALLS = regex(
    r"^sklearn\.metrics\.|^torchmetrics\.|\.metrics\.(?!get_metrics_exporter)"
    r"|(accuracy|precision|recall|f1|fbeta|roc_auc|auc|r2|log_loss|rmse|mse|mae|mape)_?(score|error)?$"
    r"|mean_(squared|absolute)_|cross_val_score$|cross_validate$|classification_report$"
    r"|confusion_matrix$|\.get_metrics?$|\.get_metric_history$|\.data\.metrics|\.score$"
    r"|\.evaluate$|\.best_score_?$|\.get_metrics_by"
)
# Calls that fetch what is registered, staged or deployed: the champion.
_CHAMPION_CALLS = regex(
    r"(get_latest_versions|search_model_versions|search_registered_models|get_registered_model"
    r"|get_model_version|get_model_version_by_alias|get_model_version_by_stage|get_model_version_download_uri)$"
    r"|^azureml\.core(\.model)?\.Model(\.list|\.get_model_path)?$|MLClient\.models\.(get|list|download)$"
    r"|MLClient\.online_(deployments|endpoints)\.(get|list|invoke)$"
    r"|azureml\.core(\.workspace)?\.Workspace.*\.models$"
)
# Calls that load or score with the model that a URI names.
_LOADERS = regex(
    r"^mlflow\.((\w+\.)?(load_model|spark_udf)|(models\.)?evaluate|artifacts\.download_artifacts)$"
    r"|^databricks\.feature_(store|engineering)\..*\.score_batch$"
)
_COUNTS = frozenset({"len", "count", "size", "sum_rows", "time", "shape"})


def is_metric_name(name: str) -> bool:
    """Tell whether a name is one that people know a metric by."""
    tokens = [t for t in re.split(r"[^a-z0-9]+", _snake(name)) if t]
    if not tokens:
        return False
    joined = "".join(tokens)
    hits = [t for t in tokens if t in METRIC_NAMES]
    strong = [t for t in hits if t not in _WEAK]
    if (
        strong
        or joined in METRIC_NAMES - _WEAK
        or joined in {"logloss", "r2score", "meansquarederror"}
    ):
        return True
    return bool(hits) and len(tokens) > 1 and not {"handler", "message", "code"} & set(tokens)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def side(slicer: Slicer, node: ast.expr, scope: Scope, context: Context | None) -> str:
    """Return what one side of a comparison is.

    ``metric``, ``production-metric``, ``constant``, ``unknown``.
    """
    if _is_count(node):
        return "unknown"
    found = slicer.of(node, scope, context=context)
    measured = is_metric(found, node) and not (_is_limit(node) and not _is_measured(found))
    if measured and is_champion(slicer, found):
        return "production-metric"
    if measured:
        return "metric"
    return "constant" if is_constant(found) else "unknown"


_LIMITS = frozenset({
    "min", "max", "minimum", "maximum", "threshold", "limit", "tolerance", "cutoff", "required",
    "bar", "allowed", "acceptable", "thresholds", "tol",
})  # fmt: skip


def _is_limit(node: ast.expr) -> bool:
    """Tell whether an operand is named as what a metric is compared with: ``min_accuracy``."""
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    names += [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    names += [str(p.value) for p in ast.walk(node) if isinstance(p, ast.Constant)]
    called = {id(p.func) for p in ast.walk(node) if isinstance(p, ast.Call)}
    if any(
        isinstance(p, ast.Name) and id(p) in called and p.id in {"min", "max"}
        for p in ast.walk(node)
    ):
        return False
    return any(_LIMITS & set(re.split(r"[^a-z0-9]+", _snake(name))) for name in names)


def _is_measured(found: Slice) -> bool:
    """Tell whether a value comes through a call that measures."""
    return any(_METRIC_CALLS.search(s.name) for s in found.sources if s.kind == "call")


def _is_count(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return name in _COUNTS
    if isinstance(node, ast.Attribute):
        return node.attr in {"shape", "size", "version", "status", "returncode", "status_code"}
    return isinstance(node, ast.Subscript) and _is_count(node.value)


def is_constant(found: Slice) -> bool:
    """Tell whether a value rests on nothing but literals."""
    kinds = {source.kind for source in found.sources}
    plain = all(
        source.name.startswith("builtins.") or source.name.rpartition(".")[2] in _SHAPING
        for source in found.sources
        if source.kind == "call"
    )
    return bool(kinds) and kinds <= {"constant", "key", "call"} and plain


_SHAPING = frozenset({"get", "items", "values", "keys", "lower", "strip", "copy", "pop"})


def is_metric(found: Slice, node: ast.expr) -> bool:
    """Tell whether a value is measured.

    By its calls, or by name where its origin is out of sight.
    """
    if _is_measured(found):
        return True
    if is_constant(found):
        return False
    if not any(_out_of_sight(source) for source in found.sources):
        return False
    names = [source.name for source in found.sources if source.kind in _NAMED]
    names += [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    names += [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return any(is_metric_name(name) for name in names)


_NAMED = frozenset({"key", "option", "environment", "parameter", "file", "name"})


def _out_of_sight(source: Source) -> bool:
    """Tell whether a source's own origin cannot be seen."""
    if source.kind in {"option", "environment", "parameter", "file", "name"}:
        return True
    return source.kind == "call" and not source.name.startswith("builtins.")


def is_champion(slicer: Slicer, found: Slice) -> bool:
    """Tell whether a value rests on the model that is registered, staged or deployed."""
    for source in found.sources:
        if source.kind == "call" and _CHAMPION_CALLS.search(source.name):
            return True
        if (
            source.kind == "key"
            and source.name == "models"
            and isinstance(source.node, ast.Attribute)
        ):
            owner = slicer.code.names.resolve(source.node.value, source.scope)
            if owner.startswith("azureml.") and owner.endswith("Workspace"):
                return True
        if source.kind == "call" and _LOADERS.search(source.name) and _registered(slicer, source):
            return True
    return False


def _registered(slicer: Slicer, source: Source) -> bool:
    """Tell whether a call that loads a model is given a registry's URI."""
    call = source.node
    if not isinstance(call, ast.Call):
        return False
    nodes = [*call.args, *(keyword.value for keyword in call.keywords)]
    for node in nodes:
        rests = slicer.of(node, source.scope)
        if any(s.kind == "constant" and s.name.startswith("models:/") for s in rests.sources):
            return True
    return False
