"""Which literals are secrets, which are not, and that no value ever leaves."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from plomada.facts.secrets import Secret, find_secrets
from plomada.repository import Repository

_random = random.Random(20261123)  # noqa: S311 - the same made-up values in every run


def letters(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Return a made-up value, so that no scanner finds a token in this file."""
    return "".join(_random.choice(alphabet) for _ in range(count))


STORAGE_KEY = letters(86) + "=="
CLIENT_SECRET = letters(3) + "8Q~" + letters(34)
PASSWORD = "Kj7!" + letters(8)
EMULATOR = (  # the published key of Azurite, in two halves
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UV" + "ErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

SECRETS = {
    "python literal": ("app.py", f'db_password = "{PASSWORD}"'),
    "python keyword": ("app.py", f'connect(user="me", password="{PASSWORD}")'),
    "python default": ("app.py", f'def connect(password: str = "{PASSWORD}") -> None: ...'),
    "default of a variable": ("app.py", f'p = os.environ.get("DB_PASSWORD", "{PASSWORD}")'),
    "python dict": ("app.py", f'{{"client_secret": "{letters(32)}"}}'),
    "weak but real": ("infra/main.tf", 'admin_password = "P@ssw0rd1234"'),
    "terraform variable": (
        "variables.tf",
        f'variable "sql_password" {{\n  type = string\n  default = "{PASSWORD}"\n}}',
    ),
    "bicep parameter": ("main.bicep", f"param adminPassword string = '{PASSWORD}'"),
    "arm parameter": ("p.json", f'{{"adminPassword": {{"value": "{PASSWORD}"}}}}'),
    "arm default": (
        "a.json",
        f'{{"apiKey": {{"type": "string", "defaultValue": "{letters(32)}"}}}}',
    ),
    "yaml": ("config.yml", f"api_key: {letters(32)}"),
    "yaml name and value": ("k8s.yml", f"- name: DB_PASSWORD\n  value: {PASSWORD}"),
    "dotenv": (".env", f"ACCESS_TOKEN={letters(40)}"),
    "shell option": ("deploy.sh", f"az login --service-principal --password {PASSWORD}"),
    "powershell": ("setup.ps1", f"$password = '{PASSWORD}'"),
    "secure string": ("setup.ps1", f"ConvertTo-SecureString '{PASSWORD}' -AsPlainText"),
    "comment": ("app.py", f'# token = "{letters(40)}"'),
    "notebook": ("n.ipynb", f'{{"source": ["token = \\"{letters(40)}\\"\\n"]}}'),
    "document with a real one": ("README.md", f'```json\n"clientSecret": "{CLIENT_SECRET}"\n```'),
    "guid": ("app.py", 'client_secret = "8d64d26f-e524-44e2-b3f1-3dc6e8ff8f51"'),
    "storage key": ("app.py", f'c = "AccountName=x;AccountKey={STORAGE_KEY};"'),
    "client secret": ("notes.txt", f"the value is {CLIENT_SECRET} until May"),
    "sas": ("get.sh", f"curl 'https://x.blob.core/c?sv=2022-11-02&sp=r&sig={letters(43)}%3D'"),
    "github": ("x.yml", f"run: git clone x {'ghp' + '_'}{letters(36)}"),
    "databricks": ("x.py", f'dbutils("{"da" + "pi"}{letters(32, "0123456789abcdef")}")'),
    "private key": ("k.txt", f"-----BEGIN RSA {'PRIVATE'} KEY-----\n{letters(64)}\n"),
    "insights": (
        "c.json",
        '{"x": "InstrumentationKey=8d64d26f-e524-44e2-b3f1-3dc6e8ff8f51;IngestionEndpoint=y"}',
    ),
}
NO_SECRETS = {
    "variable": ("app.py", 'password = os.environ["DB_PASSWORD"]'),
    "variable with a default that is none": ("app.py", 'p = os.getenv("DB_PASSWORD", "changeme1")'),
    "id of a role": (
        "main.bicep",
        "var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'",
    ),
    "expression": ("ci.yml", "token: ${{ secrets.GITHUB_TOKEN }}"),
    "macro": ("ci.yml", "password: $(sqlPassword1)"),
    "name of a secret": ("app.py", 'secret_name = "storage-key-01"'),
    "reference by name": ("k8s.yml", "secret: model-credentials-v2"),
    "secret reference": ("k8s.yml", "secretKeyRef:\n  name: db-secret-2024\n  key: password1"),
    "placeholder": ("README.md", "password=<your-password-1>"),
    "masked": ("README.md", '"password": "ffffffff-0000-0000-0000-..."'),
    "sample in a document": ("README.md", "export DB_PASSWORD=P@ssw0rd1234"),
    "changeme": (".env.example", "API_KEY=change-me-2024"),
    "type": ("main.bicep", "param adminPassword string"),
    "arm expression": ("a.json", '{"adminPassword": {"value": "[parameters(\'pw1234\')]"}}'),
    "path": ("app.py", 'token_cache = "/var/run/secrets/token1"'),
    "path with another name": ("app.py", 'token = "./tokens/a1b2c3d4.json"'),
    "url": ("app.py", 'token = "https://login.example.com/oauth2/v2"'),
    "tokenizer": ("app.py", 'tokenizer = "bert-base-uncased-2018"'),
    "limit": ("c.yml", "max_tokens: 40960000"),
    "eos": ("c.json", '{"eos_token": "a1B2c3D4e5F6g7H8"}'),
    "short": ("app.py", 'password = "a1B2c3"'),
    "test fixture": ("tests/test_app.py", 'password = "test-password-123"'),
    "prose": ("README.md", "The password: must have 8 characters or more."),
    "f-string": ("app.py", 'password = f"{user}-{os.getpid()}-x1"'),
    "comparison": ("app.py", 'if token == "a1B2c3D4e5F6g7H8":'),
    "zero guid": ("app.py", 'client_secret = "00000000-0000-0000-0000-000000000000"'),
    "key vault reference": (
        "a.json",
        '{"secret": "@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/x)"}',
    ),
    "bare word in code": ("app.py", "password = settings.password1"),
    "terraform reference": ("main.tf", "admin_password = random_password.sql1.result"),
    "lock file": ("package-lock.json", '"tokens": {"integrity": "sha512-abcDEF123456=="}'),
    "yaml of a pipeline": ("ci.yml", "token-type: pull_request2"),
}


def _find(tmp_path: Path, path: str, text: str) -> tuple[Secret, ...]:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return find_secrets(Repository(tmp_path))


@pytest.mark.parametrize("case", SECRETS, ids=str)
def test_a_secret_is_found_once(case: str, tmp_path: Path) -> None:
    found = _find(tmp_path, *SECRETS[case])
    assert [secret.local for secret in found] == [False], found


@pytest.mark.parametrize("case", NO_SECRETS, ids=str)
def test_what_is_no_secret_is_left_alone(case: str, tmp_path: Path) -> None:
    assert _find(tmp_path, *NO_SECRETS[case]) == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker-compose.yml", f"POSTGRES_PASSWORD: {PASSWORD}"),
        (".devcontainer/devcontainer.json", f'{{"dbPassword": "{PASSWORD}"}}'),
        ("app.py", f'CONNECTION_STRING = "UseDevelopmentStorage;AccountKey={EMULATOR}"'),
    ],
)
def test_local_defaults_and_published_keys_are_local(path: str, text: str, tmp_path: Path) -> None:
    assert [secret.local for secret in _find(tmp_path, path, text)] == [True]


def test_the_place_covers_the_name_and_never_the_value(tmp_path: Path) -> None:
    (secret,) = _find(tmp_path, "app.py", f'x = 1\n  db_password = "{PASSWORD}"\n')
    assert (secret.span.line, secret.span.column, secret.span.end_column) == (2, 3, 14)
    assert PASSWORD not in repr(secret)


def test_a_value_in_a_table_of_data_counts_in_its_head(tmp_path: Path) -> None:
    text = f"name,value\ntoken,{'gho' + '_'}{letters(36)}\n" + "1,2\n" * 40_000
    assert len(_find(tmp_path, "data.csv", text)) == 1
