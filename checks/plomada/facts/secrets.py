"""Secrets that stand in files: known token shapes, and literals given to names of secrets.

No value leaves this module: a finding knows the kind, the name and the place, whose span covers
the name alone. Every text of the repository passes through here, so a literal scan decides first
which of them are looked at line by line.
"""

from __future__ import annotations

import hashlib
import math
import re
import string
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.patterns import regex
from plomada.readers.text import Places
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.repository import Repository


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that stands in a file; its value is not kept.

    Attributes:
        kind: what it is, in words: ``GitHub token``, ``password``.
        name: the name that it is given to, "" for a bare token.
        span: the place of the name, or of the token's first character.
        local: a default of a local compose or dev-container file, or a published emulator key.
    """

    kind: str
    name: str
    span: Span
    local: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """A token that is known by its shape.

    Attributes:
        kind: what it is.
        needle: lower-case literal without which it cannot occur.
        pattern: group 1, or all of it, is the token.
    """

    kind: str
    needle: str
    pattern: re.Pattern[str]


def _shape(kind: str, needle: str, pattern: str) -> _Shape:
    return _Shape(kind, needle, regex(pattern))


_SHAPES = (
    _shape("Azure storage or Cosmos DB key", "accountkey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _shape("Azure shared access key", "sharedaccesskey=", r"SharedAccessKey=([A-Za-z0-9+/]{43}=)"),
    _shape(
        "Microsoft Entra client secret",
        "q~",
        r"(?<![\w~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![\w~-])",
    ),
    _shape(
        "shared access signature",
        "sig=",
        r"(?:sv|se|sp|sr|st|ss)=[^&\s\"'<>]+&(?:[^\s\"'<>]*&)?"
        r"sig=([A-Za-z0-9%+/]{40,}(?:%3[dD]|=))",
    ),
    _shape(
        "Application Insights connection string",
        "instrumentationkey=",
        r"(?i:InstrumentationKey)=([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})",
    ),
    _shape("Azure DevOps token", "azdo", r"(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    _shape(
        "Azure Functions key",
        "code=",
        r"azurewebsites\.net/api/[^\s\"']*[?&]code=([A-Za-z0-9_/+%=-]{40,})",
    ),
    _shape(
        "password in plain text",
        "convertto-securestring",
        r"""(?i:ConvertTo-SecureString)\s+(?:-String\s+)?["']([^"'$\s]{8,})["']""",
    ),
    _shape("Databricks token", "dapi", r"(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?:-\d)?(?![0-9a-f])"),
    *(
        _shape("GitHub token", f"gh{kind}_", rf"(?<![A-Za-z0-9])gh{kind}_[A-Za-z0-9]{{36,}}")
        for kind in "posur"
    ),
    _shape("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{60,}"),
    _shape("GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
    _shape("AWS access key", "akia", r"(?<![A-Z0-9])AKIA[0-9A-Z]{16}(?![A-Z0-9])"),
    _shape("Google API key", "aiza", r"(?<![A-Za-z0-9])AIza[0-9A-Za-z_-]{35}(?![A-Za-z0-9])"),
    _shape("Slack token", "xox", r"(?<![A-Za-z0-9])xox[abprs]-[0-9A-Za-z-]{20,}"),
    _shape("OpenAI key", "sk-", r"(?<![A-Za-z0-9_-])sk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}"),
    _shape("Stripe key", "sk_live_", r"sk_live_[0-9A-Za-z]{20,}"),
    _shape("Hugging Face token", "hf_", r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{34,}"),
    _shape("npm token", "npm_", r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    _shape("PyPI token", "pypi-agei", r"pypi-AgEI[A-Za-z0-9_-]{50,}"),
    _shape(
        "private key",
        "private key",
        r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:\s|\\n|[\"',+])*([A-Za-z0-9+/]{40,})",
    ),
    _shape(
        "signed token",
        "eyj",
        r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{17,}\.eyJ[A-Za-z0-9_-]{17,}\.[A-Za-z0-9_-]{20,}",
    ),
)
_KEY_SHAPES = tuple(shape for shape in _SHAPES if "key" in shape.needle)
_OTHER_SHAPES = tuple(shape for shape in _SHAPES if "key" not in shape.needle)
_BEFORE, _AFTER = 300, 1000  # how far a shape reaches around its needle

# SHA-256 of keys that vendors publish for their emulators (Azurite, Cosmos DB).
_PUBLISHED = frozenset({
    "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",
    "aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615",
})  # fmt: skip

_STORAGE_KEY = regex(r"[A-Za-z0-9+/]{86}==")

_WORDS = ("password", "pwd", "secret", "token", "apikey", "accountkey", "connectionstring")
# "connection" stands for the three spellings of connection string.
_PLAIN_NEEDLES = ("password", "pwd", "secret", "token", "connection")
_KEY_NEEDLES = (*_PLAIN_NEEDLES, "apikey", "api_key", "api-key", "accountkey", "account_key",
                "account-key")  # fmt: skip
_NEEDLE = regex(r"password|pwd|secret|token|api[-_]?key|account[-_]?key|connection[-_]?string")
# Tables of data: only their head is looked at.
_DATA = (".csv", ".tsv", ".jsonl", ".ndjson")
_DATA_HEAD = 1 << 16
# Files whose very long lines are images or minified code.
_EMBEDDING = (".ipynb", ".svg", ".html", ".js", ".css", ".map")
_LONGEST_LINE = 4096
_LONGEST_NAME = 120
_SHORTEST, _LONGEST = 8, 2000  # CHECKLIST: a literal of eight or more characters
_NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_-.")
_NO_VALUE = regex(
    r"(?:_?(?:name|id|ids|uri|url|urls|endpoint|file|path|dir|type|kind|scope|scopes|length|size|"
    r"count|limit|ref|reference|version|policy|expiry|expires?|expiration|ttl|hash|regex|pattern|"
    r"field|key_?vault|label|placeholder|hint|text|message|header|prefix|suffix|provider|rotation|"
    r"permissions?|audience|format|env|var|variable|index|budget|encoding|class|cache|client|"
    r"issuer|title|description|option|options|enabled|required|s))$",
    re.IGNORECASE,
)
# Who a role is for: what such a name is given is the role's id (Key Vault Secrets User).
_ROLE = regex(r"(?:user|officer|reader|contributor|administrator|role)s?$", re.IGNORECASE)
_NOT_NAMES = regex(
    r"tokeni[sz]|(?:max|min|num|n|total|pad|eos|bos|new|mask|sep|unk|cls|prompt|completion)_?token",
    re.IGNORECASE,
)
_QUOTED = r"[rbfuRBFU@$]{0,2}(?P<quote>[\"'`])(?P<quoted>[^\n]*?)(?P=quote)"
_GIVEN = regex(
    r"[\"'`]?\)?\]?\s*"
    r"(?::\s*[A-Za-z_][\w.\[\], |]{0,40}?\s*=(?!=)|\s(?:string|securestring|securestring\?)\s*=|"
    r":=|=>|=(?!=)|:(?!:))\s*"
    rf"(?:{_QUOTED}|(?P<bare>[^\s,;\"'`]+))",
    re.IGNORECASE,
)
_OPTION = regex(rf"[ =]\s*(?:{_QUOTED}|(?P<bare>[^\s,;\"'`|]+))")
# The default of a variable of the environment: ``os.environ.get("DB_PASSWORD", "...")``.
_READ = regex(r"(?:getenv|environ\.(?:get|setdefault)|\bconfig)\(\s*[\"']\Z", re.IGNORECASE)
_DEFAULT = regex(rf"[\"']\s*,\s*(?:default\s*=\s*)?{_QUOTED}\s*[,)]")
# ARM parameters, Terraform variables, and lists of name and value.
_NESTED = regex(
    r"[\"']?\s*:?\s*\{[^{}]{0,300}?[\"']?\b(?:value|defaultValue|default)\b[\"']?\s*[:=]\s*"
    rf"{_QUOTED}",
    re.IGNORECASE,
)
_NAME_KEY = regex(r"[\"']?\bname[\"']?\s*[:=]\s*[\"']?\Z", re.IGNORECASE)
_SIBLING = regex(
    r"[\"']?\s*,?\s*\n?\s*(?:[\"']?type[\"']?\s*[:=][^\n]*\n\s*)?"
    r"[\"']?(?:value|default)[\"']?\s*[:=]\s*"
    rf"(?:{_QUOTED}|(?P<bare>[^\s,;\"'`]+))",
    re.IGNORECASE,
)

_BARE_SUFFIXES = (
    ".yml", ".yaml", ".env", ".ini", ".cfg", ".conf", ".properties", ".sh", ".bash", ".bat", ".cmd",
    ".txt", ".example", ".sample", ".template", ".dist", ".local", ".md", ".rst",
)  # fmt: skip
_DOCUMENTS = (".md", ".markdown", ".rst", ".adoc", ".txt", ".ipynb", ".example", ".sample",
              ".template", ".dist", ".html")  # fmt: skip
_TESTS = regex(r"(?:^|/)(?:tests?|fixtures?|examples?|samples?|mocks?)(?:/|$)|(?:^|/)test_|_test\.")
_LOCAL = regex(r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$|(?:^|/)\.devcontainer/", re.IGNORECASE)


def find_secrets(repository: Repository) -> tuple[Secret, ...]:
    """Return the secrets of all texts, by path and place."""
    found: list[Secret] = []
    for path in repository.paths:
        lowered = _readable(path, repository.lowered(path))
        keys = "key" in lowered
        shapes = [s for s in _OTHER_SHAPES if s.needle in lowered]
        needles = [needle for needle in _PLAIN_NEEDLES if needle in lowered]
        if keys:
            shapes += [s for s in _KEY_SHAPES if s.needle in lowered]
            needles += [needle for needle in _KEY_NEEDLES if needle in lowered]
        if shapes or needles:
            text = _readable(path, repository.text(path) or "")
            found.extend(_of_text(path, text, lowered, shapes, needles))
    return tuple(found)


def _readable(path: str, text: str) -> str:
    """Return the part of a text that somebody wrote: no images in notebooks, no rows of tables."""
    if path.endswith(_DATA):
        return text[:_DATA_HEAD]
    if path.endswith(_EMBEDDING) and len(text) > _LONGEST_LINE:
        lines = text.split("\n")
        return "\n".join([line if len(line) <= _LONGEST_LINE else "" for line in lines])
    return text


def _of_text(
    path: str, text: str, lowered: str, shapes: list[_Shape], needles: list[str]
) -> Iterator[Secret]:
    if path.endswith(".ipynb"):  # code stands in JSON strings; the length stays the same
        text = text.replace('\\"', ' "')
    if len(lowered) != len(text):  # some letters change their length in lower case
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    candidates = [*_shaped(text, lowered, shapes), *_named(path, text, lowered, needles)]
    if not candidates:
        return
    places = Places(path, text)
    taken: set[int] = set()
    for candidate in sorted(candidates, key=lambda c: (c.start, c.name)):
        line = places.position(candidate.start)[0]
        if line not in taken:
            taken.add(line)
            local = candidate.local or bool(_LOCAL.search(path) and candidate.name)
            span = places.span(candidate.start, candidate.start + len(candidate.name))
            yield Secret(candidate.kind, candidate.name, span, local)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A secret at an offset."""

    start: int
    kind: str
    name: str = ""
    local: bool = False


def _shaped(text: str, lowered: str, shapes: list[_Shape]) -> Iterator[_Candidate]:
    for shape in shapes:
        for offset in _offsets(lowered, shape.needle):
            start = max(0, offset - _BEFORE)
            match = shape.pattern.search(text, start, offset + _AFTER)
            token = match[match.lastindex or 0] if match else ""
            if match and not _masked(token) and not _sample(token):
                yield _Candidate(match.start(), shape.kind, local=_published(token))


def _offsets(text: str, needle: str) -> Iterator[int]:
    offset = text.find(needle)
    while offset >= 0:
        yield offset
        offset = text.find(needle, offset + len(needle))


def _published(value: str) -> bool:
    """Tell whether a value is, or holds, a key that a vendor publishes for its emulator."""
    keys = _STORAGE_KEY.findall(value)
    return any(hashlib.sha256(key.encode()).hexdigest() in _PUBLISHED for key in keys)


def _named(path: str, text: str, lowered: str, needles: list[str]) -> Iterator[_Candidate]:
    """Yield the literals that are given to names of secrets."""
    bare = path.lower().endswith(_BARE_SUFFIXES) or "." not in path.rpartition("/")[2][1:]
    weak = not (path.lower().endswith(_DOCUMENTS) or _TESTS.search(path))
    names = {
        _name_around(text, offset, offset + len(needle))
        for needle in needles
        for offset in _offsets(lowered, needle)
    }
    for start, end in sorted(names):
        name = text[start:end]
        if not _is_value_name(name):
            continue
        value = _value_of(name, text, start, end, bare=bare)
        if not value or (_ROLE.search(name) and _GUID.fullmatch(value)):
            continue
        if is_secret(value, weak=weak and _is_password(name)):
            yield _Candidate(start, _kind(name), name, _published(value))


def _name_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the name begins and ends that a needle stands in."""
    while start > 0 and end - start < _LONGEST_NAME and text[start - 1] in _NAME_CHARACTERS:
        start -= 1
    while end < len(text) and end - start < _LONGEST_NAME and text[end] in _NAME_CHARACTERS:
        end += 1
    return start, end


def _value_of(name: str, text: str, start: int, end: int, *, bare: bool) -> str:
    """Return the literal that a name is given, "" where it is given none."""
    line_start = text.rfind("\n", 0, start) + 1
    if _NAME_KEY.search(text, max(line_start, start - 20), start):
        given = _SIBLING.match(text, end, end + 300)
        return _literal(given, bare=bare)
    if _READ.search(text, max(line_start, start - 30), start):
        return _literal(_DEFAULT.match(text, end, end + 300), bare=False)
    if name.startswith("--"):
        return _literal(_OPTION.match(text, end, end + 600), bare=True)
    nested = _NESTED.match(text, end, end + 700)
    if nested:
        return str(nested["quoted"])
    return _literal(_GIVEN.match(text, end, end + 600), bare=bare)


def _literal(given: re.Match[str] | None, *, bare: bool) -> str:
    if given is None:
        return ""
    if given["quoted"] is not None:
        return str(given["quoted"]).strip()
    return str(given["bare"] or "") if bare else ""


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "")


def _is_value_name(name: str) -> bool:
    """Tell whether a name holds a secret itself, and not its name, address, kind or limit."""
    last = name.rpartition(".")[2].strip("-")
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last)
    if _NOT_NAMES.search(snake) or not any(word in _letters(last) for word in _WORDS):
        return False
    tail = _NO_VALUE.search(snake)
    return tail is None or _letters(snake[: tail.start()]) == ""


def _is_password(name: str) -> bool:
    return _letters(name).endswith(("password", "pwd"))


def _kind(name: str) -> str:
    letters = _letters(name)
    words = {
        "password": "password", "pwd": "password", "token": "token", "apikey": "API key",  # nosec B105  # kinds, no values
        "accountkey": "account key", "connectionstring": "connection string", "secret": "secret",
    }  # fmt: skip
    return next(kind for word, kind in words.items() if word in letters)


_REFERENCE = regex(
    r"[{}<>\[\]()|\s]|\$|%\w|^[@#&*!]\w*[({]|^(?:/|\./|\.\./|~/|[a-z]+://)|\\\\|"
    r"vault\.azure|key_?vault|^(?:secrets?|vars?|env|variables|parameters|local|data|module|each|"
    r"self|config|settings|os|process|args)\.",
    re.IGNORECASE,
)
_PLACEHOLDER = regex(
    r"your|change|replace|example|placeholder|x{3,}|\*{2,}|\.{2,}|…|dummy|sample|fake|mock|to-?do|"
    r"insert|redact|mask|hidden|not[-_]?real|fill|here$|foo|bar|lorem|none|null|undefined|-{4,}|_{3,}|"
    r"test|demo",
    re.IGNORECASE,
)
_LONG_PLACEHOLDER = regex(
    r"your|change|replace|example|placeholder|dummy|sample|redact|insert|x{6,}|\*{3,}|\.{3,}",
    re.IGNORECASE,
)
_SEQUENCES = regex(
    r"1234567|abcdefg|7654321|qwerty|0{6,}|f{6,}|a{6,}|1{6,}|deadbeef", re.IGNORECASE
)
_WORDLIKE = regex(r"(?:[A-Za-z]+\d{0,4})(?:[-_.:/+](?:[A-Za-z]+\d{0,4}|\d{1,4}))*")
_GUID = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILE_END = regex(r"\.[A-Za-z]{2,5}$")


def is_secret(value: str, *, weak: bool) -> bool:
    """Tell whether a literal can be a real secret.

    Args:
        value: the literal.
        weak: also count weak passwords (``P@ssw0rd1``), which in documents and tests are samples.
    """
    if not _SHORTEST <= len(value) <= _LONGEST or _REFERENCE.search(value) or _masked(value):
        return False
    if not (any(c.isdigit() for c in value) and any(c.isalpha() for c in value)):
        return False
    if weak and _weak_password(value):
        return True
    if _sample(value) or _SEQUENCES.search(value) or _is_words(value) or _well_known(value):
        return False
    return (len(value) >= 16 and _entropy(value) >= 3.0) or _mixed(value)


def _weak_password(value: str) -> bool:
    """Tell whether somebody may have chosen this as a password: letters, digits, one word."""
    plain = not _PLACEHOLDER.search(value)
    return plain and len(set(value)) >= 5 and "-" not in value and "_" not in value


def _mixed(value: str) -> bool:
    """Tell whether a short value mixes upper and lower case, digits and marks as passwords do."""
    marks = any(not c.isalnum() for c in value)
    return marks and value != value.lower() and _entropy(value) >= 2.75


def _is_words(value: str) -> bool:
    """Tell whether a value is made of words, as references are: ``kv-secret-01``, ``v1.2.3``."""
    if _GUID.fullmatch(value):
        return False
    if _FILE_END.search(value):
        return True
    if not _WORDLIKE.fullmatch(value):
        return False
    return all(_is_word(part) for part in re.split(r"[-_.:/+]", value))


def _is_word(part: str) -> bool:
    letters = part.rstrip("0123456789")
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", letters)
    return len(letters) < 20 and len(words) <= max(1, len(letters) // 3)


def _sample(value: str) -> bool:
    """Tell whether a value says that it is none; short words occur in long tokens by chance."""
    words = _LONG_PLACEHOLDER if len(value) >= 24 else _PLACEHOLDER
    return bool(words.search(value))


_LEET = str.maketrans("@4031$5!7", "aaoeissit")
_WELL_KNOWN = regex(r"passw|secret|admin|welcome|letmein|summer|winter|hunter")


def _well_known(value: str) -> bool:
    """Tell whether a value is one of those that stand in every tutorial (``P@ssw0rd1``)."""
    return len(value) < 24 and bool(_WELL_KNOWN.search(value.lower().translate(_LEET)))


def _masked(value: str) -> bool:
    return (
        len(set(value.lower())) <= 4 or "***" in value or "..." in value or "xxxx" in value.lower()
    )


def _entropy(value: str) -> float:
    """Return Shannon's entropy of the characters, in bits."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


@dataclass(frozen=True, slots=True)
class VaultUse:
    """A Key Vault that is declared or read."""

    message: str
    span: Span


_REFERENCES = regex(
    r"""@Microsoft\.KeyVault\( | \.getSecret\( | "keyVault"\s*:\s*\{
    | "azurerm_key_vault_secret" | \bkeyvault_metadata\s*\{ | ^\s*keyvaultName\s*:""",
    re.IGNORECASE | re.VERBOSE,
)
_REFERRING = (".bicep", ".bicepparam", ".json", ".tf", ".yml", ".yaml")
_COMMENT = regex(r"\s*(//|#|\*)")
LONGEST_LINE = 2000
_CLIENTS = ("azure.keyvault.secrets", "azure.keyvault.SecretClient")


def vault_uses(facts: Facts) -> Iterator[VaultUse]:
    """Yield where a Key Vault is declared (IaC) or read (pipeline, script, code), in that order."""
    for resource in facts.estate.of_type("microsoft.keyvault/vaults"):
        if not resource.existing:
            yield VaultUse("a Key Vault is declared", resource.span)
    for act in facts.acts:
        if act.verb == "read-secret":
            yield VaultUse("a Key Vault is read", act.span)
    for module in facts.code.telling():
        for site in module.sites:
            name = facts.code.name(site)
            reads = name.startswith(_CLIENTS) or name.endswith(".SecretClient")
            if reads and not site.scope.is_class:
                yield VaultUse("code reads a Key Vault", module.span(site.node))
    yield from _references(facts)


def _references(facts: Facts) -> Iterator[VaultUse]:
    """Yield where templates, their parameters or manifests refer to secrets of a Key Vault.

    App settings, parameters, secret scopes of Databricks and secret providers of Kubernetes do.
    """
    for path in facts.repository.with_suffix(*_REFERRING):
        if not facts.repository.mentions(path, "keyvault", "key_vault", "getsecret"):
            continue
        for number, line in enumerate((facts.repository.text(path) or "").split("\n"), start=1):
            if len(line) < LONGEST_LINE and _REFERENCES.search(line) and not _COMMENT.match(line):
                start = len(line) - len(line.lstrip()) + 1
                span = Span(path, number, start, number, len(line) + 1)
                yield VaultUse("refers to a Key Vault", span)
