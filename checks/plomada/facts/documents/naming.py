"""Naming patterns that documents state for Azure resources and assets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plomada.facts.documents.documents import Block, Documents, Section
from plomada.patterns import regex
from plomada.records import dataclass
from plomada.spans import Span

LONGEST_LINE = 2000  # nobody states a pattern in a longer one

# A part of a name that is filled in: {env}, {{env}}, ${env}, <env>, [env], $(env), %env%. What
# stands inside may be words or an enumeration: {dev|test|prod}.
_PLACEHOLDER = (
    r"(?:\$?\{\{?\s*[^\W\d][^{}\n]{0,40}?\s*\}?\}|<[^\W\d][^<>\n]{0,40}>|\$\([^\W\d][\w.]{0,40}\)|"
    r"\[[^\W\d][^\[\]\n]{1,40}\](?!\()|%[^\W\d]\w{0,40}%)"
)
_JOINT = r"(?:\s[-_]\s|[\w.-]{0,40})"
_PATTERN = regex(rf"[\w.-]{{0,40}}{_PLACEHOLDER}(?:{_JOINT}{_PLACEHOLDER}){{1,8}}[\w-]*")
_FILLED = regex(_PLACEHOLDER)
_OPENING = regex(r"[{<\[%]|\$\(")
# What makes it an address, path, version or file instead of a name.
_NOT_BEFORE = tuple("/\\=@$")
_NOT_AFTER = ("/", "\\", "@", "=", "(", "://")
_FILE_END = regex(
    r"\.(?:ya?ml|json|py|md|tf|tfvars|bicep(?:param)?|sh|ps1|txt|csv|parquet|pkl|log|ipynb|html|"
    r"zip|png|onnx|joblib|net|com|io|org|ms|toml|whl|tar|gz)\b",
    re.IGNORECASE,
)
_VERSION_PARTS = regex(r"major|minor|patch|semver", re.IGNORECASE)

# Abbreviations of the Cloud Adoption Framework and others in common use, at the start of a name.
_ABBREVIATION = regex(
    r"(?:rg|st|stg?|sa|kv|akv|mlw|mlws|aml|amlws|acr|cr|appi|ain?|appins|log|law|la|vnet|snet|"
    r"subnet|nsg|pe|pep|aks|id|mi|uami|umi|vm|pip|dbw|dbx|adb|adf|func|asp|ca|cae|sb|evhns|evh|"
    r"cosmos|sql|rsv|ag|ala|alert|bas|ep|endpoint|dep|cc|ci|cpu|gpu|dash|wb|hub|ais|srch|apim)"
    r"(?=[-_{<$\[%])",
    re.IGNORECASE,
)
_AZURE = regex(
    r"azure|resource|storage|key ?vault|\bvaults?\b|workspace|container registr|\bacr\b|"
    r"app(?:lication)? insights|log analytics|endpoint|deployment|compute|cluster|\bmodels?\b|"
    r"data ?sets?|data assets?|datastore|\bassets?\b|experiment|component|virtual network|\bvnet|"
    r"subnet|\bnsg\b|identit|alert|dashboard|\baks\b|registr|databricks|recursos?\b|"
    r"almacenamiento|grupos?",
    re.IGNORECASE,
)
_NAMING = regex(
    r"nam(?:ing|es?|ed)\b|convention|nomenclat|pattern|format|nombr|nomes?\b|convenci|conven[çc]|"
    r"patr[oó]n|padr[aã]o",
    re.IGNORECASE,
)
_STRONG_NAMING = regex(
    r"naming|convention|nomenclat|"
    r"names? (?:follow|consist|pattern|format|is|are|must|should)|named|"
    r"convenci|conven[çc]|pattern|nombrad",
    re.IGNORECASE,
)
_OTHER_NAMES = regex(
    r"service principals?|\bspn?\b|app(?:lication)? registration|entra|active directory|\baad\b|"
    r"security groups?|\bgroups? in\b|branch|commit|pull request|python|packages?\b|modules?\b|"
    r"env(?:ironment)? variables?|variables?\b|\w+ configs?\b|files?\b|filenames?|"
    r"config(?:uration)? (?:keys?|sections?|entr(?:y|ies)|nodes?|blocks?)|"
    r"folders?|director|columns?|tables?\b|schema names?|secret names?|github secret|workflow|"
    r"\btickets?\b|\bissues?\b|principal(?:es)? de servicio",
    re.IGNORECASE,
)
_COMMAND = regex(r"\s*(?:[$>#]\s*)?(?:az|terraform|kubectl|docker|python3?|pip|git|helm|gh)\s")

_PART = (
    r"(?:abbreviation|resource[- ]?types?|resource|type|prefix|workload(?: identifier| name)?|"
    r"projects?(?: name| code)?|applications?(?: name)?|app(?: name)?|environments?(?: name"
    r"| reference| code| suffix)?|env|regions?|locations?|instances?(?: number| count)?|suffix|"
    r"unique (?:string|suffix|hash|id)|hash|random (?:string|suffix)|business[- ]?unit|bu|team|"
    r"department|organi[sz]ation|company|purpose|stage|sequence|number|tipo(?: de recurso)?|"
    r"proyecto|entorno|ambiente|regi[oó]n|projeto)"
)
_JOINED = regex(rf"\b{_PART}(?:[-_]{_PART})+\b", re.IGNORECASE)
_THEN = r"(?:\s*\W{0,4}\s*(?:,|-|\+|/|and|then|followed by|y|luego|seguido de(?:l)?)\W{0,4}\s*)+"
_FILLER = r"(?:(?:an?|the|its|our|el|la|los|of|de|del|azure|name|short|ml)\W{1,4}){0,5}"
_IN_WORDS = regex(rf"\b{_PART}\b[^.;:|\n]{{0,30}}?{_THEN}{_FILLER}{_PART}\b", re.IGNORECASE)
_ORDER = regex(
    r"consist|compos|made (?:up )?of|followed by|\bthen\b|concatenat|combin|build?t? from|formed|"
    r"pattern|format|convention|compuest|formad|seguid|luego",
    re.IGNORECASE,
)
_NEARLY = regex(
    rf"(?<![\w/.])(?:rg|st|kv|mlw|aml|acr|vnet|sp|azureml)-[\w-]{{0,40}}{_PLACEHOLDER}[\w-]*"
    r"|naming (?:convention|standard)s?\b|[^.|]{0,60}prefix[^.|]{0,60}resources?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NamingPattern:
    """A pattern that a document states.

    Attributes:
        text: the pattern as written.
        span: its line.
    """

    text: str
    span: Span


def naming_patterns(documents: Documents) -> tuple[NamingPattern, ...]:
    """Return the patterns of two or more parts that documents state for Azure names, in order."""
    found: list[NamingPattern] = []
    for document in documents.all:
        for section in document.sections:
            found.extend(_of_section(section))
    return tuple(found)


def near_misses(documents: Documents) -> tuple[NamingPattern, ...]:
    """Return lines that name by one part alone, or name something that is no Azure resource."""
    found: list[NamingPattern] = []
    for document in documents.all:
        for section in document.sections:
            for block in section.blocks:
                if block.kind != "code":
                    found.extend(_misses(block))
    return tuple(found)


def _misses(block: Block) -> Iterator[NamingPattern]:
    for number, line in enumerate(block.text.split("\n")):
        found = _NEARLY.search(line) if len(line) <= LONGEST_LINE else None
        if found:
            first = block.span.line + number
            column = block.span.column if number == 0 else 1
            place = Span(block.span.path, first, column, first, column + len(line))
            yield NamingPattern(found[0], place)


def _of_section(section: Section) -> Iterator[NamingPattern]:
    titles = " / ".join((*section.parents, section.title))
    yield from _of_lines(section.title, section.span, titles, in_code=False)
    before = ""
    for block in section.blocks:
        context = f"{titles} / {before} / {' '.join(block.header)}"
        if block.kind != "code":
            row = block.kind == "row"
            yield from _of_lines(block.text, block.span, context, in_code=False, row=row)
        elif block.language in ("", "text", "plaintext", "txt", "none", "markdown"):
            yield from _of_lines(block.text, block.span, context, in_code=True)
        before = _last_line(before, block)


def _last_line(before: str, block: Block) -> str:
    """Return what introduces the next block: the last paragraph, kept through list items."""
    return block.text[-300:] if block.kind == "paragraph" else before


def _of_lines(
    text: str, span: Span, context: str, *, in_code: bool, row: bool = False
) -> Iterator[NamingPattern]:
    for number, line in enumerate(text.split("\n")):
        if len(line) > LONGEST_LINE or _COMMAND.match(line):
            continue
        found = _filled(line, context, row) or ("" if in_code else _in_words(line, context))
        if found:
            first = span.line + number
            column = span.column if number == 0 else 1
            yield NamingPattern(found, Span(span.path, first, column, first, column + len(line)))


def _filled(line: str, context: str, row: bool) -> str:
    """Return a pattern with two or more placeholders that names an Azure thing, or ""."""
    for found in _PATTERN.finditer(line) if _OPENING.search(line) else ():
        text = found[0].strip()
        # The first cell says what a row names; the others may mention anything.
        about = line.partition(" | ")[0] if row else line
        if _is_name(line, found) and _names_azure(text, about, context):
            return text
    return ""


def _is_name(line: str, found: re.Match[str]) -> bool:
    before, after = line[: found.start()], line[found.end() :]
    distinct = {part.lower() for part in _FILLED.findall(found[0])}
    return not (
        before.endswith(_NOT_BEFORE)
        or (before.endswith(":") and not before.endswith("::"))
        or after.startswith(_NOT_AFTER)
        or (after.startswith(":") and after[1:2].strip() != "")
        or _FILE_END.search(found[0] + after[:10].split(" ")[0])
        or _VERSION_PARTS.search(found[0])
        or len(distinct) < 2
    )


def _names_azure(text: str, line: str, context: str) -> bool:
    if _OTHER_NAMES.search(line) and not _AZURE.search(line.replace(text, "")):
        return False
    if _ABBREVIATION.match(text):
        return True
    if _OTHER_NAMES.search(line):
        return False
    around = f"{context} {line.replace(text, '')}"
    return bool(_NAMING.search(around) and _AZURE.search(around))


def _in_words(line: str, context: str) -> str:
    """Return a pattern whose parts are named in words, in their order, or ""."""
    for sentence in re.split(r"(?<=[.!?])\s+", line):
        told = _ORDER.search(sentence) and _STRONG_NAMING.search(sentence)
        if not told and "-" not in sentence and "_" not in sentence:
            continue  # neither form below can stand here
        around = f"{context} {sentence}"
        if not _STRONG_NAMING.search(around) or not _AZURE.search(around):
            continue
        if _OTHER_NAMES.search(sentence):
            continue
        joined = _JOINED.search(sentence)
        if joined:
            return joined[0]
        words = _IN_WORDS.search(sentence)
        if words and told:
            return words[0]
    return ""
