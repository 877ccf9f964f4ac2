"""Extract the types that the template uses from Microsoft's type data for Bicep.

    git clone --bare --depth 1 https://github.com/Azure/bicep-types-az
    python -m tests.infra.extract_types bicep-types-az.git

writes data/azure-types.json: for every resource type of the template the API versions that there
are, the scopes that it can be deployed at, and the tree of its properties at the version used.
The source is MIT-licensed, "Copyright (c) Microsoft Corporation".
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data" / "azure-types.json"
USED = re.compile(r"'(Microsoft\.[A-Za-z]+(?:/[A-Za-z]+)+)@([0-9-]+(?:preview)?)'")
SOURCE = "https://github.com/Azure/bicep-types-az"
OLDEST = "2015"
REQUIRED, READ_ONLY = 1, 2
DEEPEST = 14

SIMPLE = {"StringType": "string", "IntegerType": "int", "BooleanType": "bool"}

Json = dict[str, Any]


def used_types() -> set[tuple[str, str]]:
    """Return type and API version of every resource of the template."""
    files = (PROJECT / "template" / "infra").rglob("*.bicep*")
    return {pair for file in files for pair in USED.findall(file.read_text(encoding="utf-8"))}


class Clone:
    """A clone of Azure/bicep-types-az, bare or not."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.commit, self.date = self.git("log", "-1", "--format=%H %cs").split()
        paths = self.git("ls-tree", "-r", "--name-only", "HEAD", "generated")
        self.files = [p for p in paths.splitlines() if p.endswith("/types.json")]

    def git(self, *words: str) -> str:
        """Run git in the clone."""
        done = subprocess.run(["git", "-C", self.path, *words], check=True, capture_output=True)
        return done.stdout.decode()

    @cache  # noqa: B019 - one clone a run
    def text(self, path: str) -> str:
        """Return a file of the newest commit."""
        return self.git("show", f"HEAD:{path}")

    def versions(self, name: str) -> dict[str, str]:
        """Return the API versions that have a resource type, with the file of each."""
        namespace = name.split("/")[0].lower()
        found = {}
        for path in self.files:
            *_, folder, version, _ = path.split("/")
            here = folder == namespace and version >= OLDEST
            if here and f'"{name.lower()}@' in self.text(path).lower():
                found[version] = path
        return dict(sorted(found.items()))


def target(types: list[Json], reference: Json) -> Json:
    """Return what a reference points to."""
    return types[int(reference["$ref"].rpartition("/")[2])]


def body(types: list[Json], reference: Json, depth: int = 0) -> Json:
    """Turn a referenced type into a plain tree of properties, items, literals and cases."""
    entry = target(types, reference)
    kind = entry["$type"]
    if depth > DEEPEST:
        return {"any": True}
    match kind:
        case "StringLiteralType":
            return {"literals": [entry["value"]], "type": "string"}
        case "UnionType":
            return union(types, entry, depth)
        case "ArrayType":
            return {"type": "array", "items": body(types, entry["itemType"], depth + 1)}
        case "ObjectType":
            return structure(types, entry, depth)
        case "DiscriminatedObjectType":
            elements = {n: target(types, of) for n, of in entry["elements"].items()}
            cases = {n: properties(types, e["properties"], depth) for n, e in elements.items()}
            base = {"properties": properties(types, entry["baseProperties"], depth)}
            return {"type": "object", **base, "by": entry["discriminator"], "cases": cases}
        case "StringType" | "IntegerType" | "BooleanType":
            return {"type": SIMPLE[kind]}
    return {"any": True}


def union(types: list[Json], entry: Json, depth: int) -> Json:
    """Turn a union into its literals; open where any string is accepted beside them."""
    parts = [body(types, part, depth + 1) for part in entry["elements"]]
    literals = [value for part in parts for value in part.get("literals", [])]
    return {"type": "string", "literals": literals, "open": any("literals" not in p for p in parts)}


def structure(types: list[Json], entry: Json, depth: int) -> Json:
    """Turn an object type into its properties; free where it takes keys of the caller's own."""
    free = {"free": True} if entry.get("additionalProperties") else {}
    return {"type": "object", "properties": properties(types, entry["properties"], depth), **free}


def properties(types: list[Json], declared: Json, depth: int) -> Json:
    """Turn the properties of an object type, with their marks."""
    result = {}
    for name, one in declared.items():
        flags = one["flags"]
        if flags & READ_ONLY:
            result[name] = {"readOnly": True}
            continue
        result[name] = body(types, one["type"], depth + 1)
        if flags & REQUIRED:
            result[name]["required"] = True
    return result


def extract(clone: Clone, name: str, version: str) -> Json:
    """Return what is kept of one resource type."""
    versions = clone.versions(name)
    types: list[Json] = json.loads(clone.text(versions[version]))
    wanted = f"{name}@{version}".lower()
    found = next(t for t in types if t["$type"] == "ResourceType" and t["name"].lower() == wanted)
    scopes = found.get("writableScopes", found.get("scopeType", 0))
    return {"versions": list(versions), "scopes": scopes, "body": body(types, found["body"])}


def main(path: str) -> None:
    """Write the data file from a clone."""
    clone = Clone(path)
    found: dict[str, Json] = {}
    for name, version in sorted(used_types()):
        found.setdefault(name, {})[version] = extract(clone, name, version)
    source = f"{SOURCE} at {clone.commit}, {clone.date}, MIT License"
    text = json.dumps({"source": source, "types": found}, separators=(",", ":"))
    DATA.write_text(text + "\n", encoding="utf-8")
    print(f"{len(found)} types, {DATA.stat().st_size} bytes")  # noqa: T201 - a tool's outcome


if __name__ == "__main__":
    main(sys.argv[1])
