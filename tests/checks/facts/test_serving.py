"""What serves outside Azure ML's endpoints is told by the code in its image or package."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.serving.serving import workloads
from plomada.repository import Repository

API = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.pkl")


@app.post("/predict")
def predict(rows: list):
    return model.predict(rows).tolist()
"""
FRONT = """\
import requests
import streamlit as st

rows = st.text_input("rows")
if st.button("predict"):
    st.write(requests.post(st.secrets["uri"], json=rows).json())
"""
FUNCTION = """\
import azure.functions as func
import onnxruntime

session = onnxruntime.InferenceSession("model.onnx")


def main(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(session.run(None, req.get_json())))
"""
DOCKERFILE = 'FROM python:3.12-slim\nCOPY service/ /app\nCMD ["uvicorn", "app:app"]\n'
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: credit
spec:
  template:
    spec:
      containers:
        - name: api
          image: {image}
"""
HEAD = "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n"
WEBAPP = "      - uses: azure/webapps-deploy@v3\n        with:\n          app-name: credit\n"
PUSHED = """\
      - uses: docker/build-push-action@v6
        with:
          context: .
          file: docker/api.Dockerfile
          tags: ${{ vars.REGISTRY }}/credit:${{ github.sha }}
"""
CASES = {
    "a web app with an image of az acr build": (
        {
            "service/app.py": API,
            "Dockerfile": DOCKERFILE,
            ".github/workflows/a.yml": f"{HEAD}      - run: az acr build -r x --image credit:1 .\n"
            f"{WEBAPP}          images: x.azurecr.io/credit:1\n",
        },
        ["webapp"],
    ),
    "a container app with an image of docker build in a folder": (
        {
            "api/service/app.py": API,
            "api/docker/Dockerfile": DOCKERFILE,
            "deploy.sh": "cd api\ndocker build -t x.azurecr.io/credit:$TAG -f docker/Dockerfile .\n"
            "az containerapp update --name credit --image x.azurecr.io/credit:$TAG\n",
        },
        ["containerapp"],
    ),
    "a manifest whose image an action builds": (
        {
            "service/app.py": API,
            "docker/api.Dockerfile": DOCKERFILE,
            "k8s/deployment.yaml": MANIFEST.format(image="x.azurecr.io/credit:latest"),
            ".github/workflows/a.yml": HEAD + PUSHED,
        },
        ["kubernetes"],
    ),
    "a manifest whose image is filled in": (
        {
            "service/app.py": API,
            "docker/api.Dockerfile": DOCKERFILE,
            "k8s/deployment.yaml": MANIFEST.format(image="__IMAGE__"),
            ".github/workflows/a.yml": HEAD + PUSHED,
        },
        ["kubernetes"],
    ),
    "a manifest whose image a task builds": (
        {
            "service/app.py": API,
            "Dockerfile": DOCKERFILE,
            "k8s/deployment.yaml": MANIFEST.format(image="x.azurecr.io/credit:1"),
            "azure-pipelines.yml": "trigger: [main]\nsteps:\n- task: Docker@2\n  inputs:\n"
            "    command: buildAndPush\n    repository: credit\n    dockerfile: Dockerfile\n",
        },
        ["kubernetes"],
    ),
    "a function app": (
        {
            "fn/score/__init__.py": FUNCTION,
            ".github/workflows/a.yml": f"{HEAD}      - uses: azure/functions-action@v1\n"
            "        with:\n          app-name: credit\n          package: fn\n",
        },
        ["function"],
    ),
    "a front end serves no model": (
        {
            "front/app.py": FRONT,
            ".github/workflows/a.yml": f"{HEAD}{WEBAPP}          package: front\n",
        },
        [],
    ),
    "an image without the scoring code": (
        {
            "service/app.py": API,
            "web/index.py": "print()\n",
            "web/Dockerfile": "FROM python:3.12\nCOPY --from=build /service /app\nCOPY . /app\n",
            "deploy.sh": "docker build -t site web\naz webapp config container set --name site "
            "--container-image-name x.azurecr.io/site:1\n",
        },
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_workloads(case: str, tmp_path: Path) -> None:
    files, kinds = CASES[case]
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert [w.kind for w in workloads(Facts(Repository(tmp_path)))] == kinds
