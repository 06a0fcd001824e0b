"""``aws cloudformation package``: people who never install the tool deploy the templates with the AWS CLI."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.client import BaseClient

from dr_templates.tiers.root import ROOTS

BUCKET = "artifacts"


@pytest.fixture
def s3(emulator: str) -> tuple[str, BaseClient]:
    """Give the address of an S3 on this machine, and a client for it."""
    anyone = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")  # noqa: S106 - no secret
    client = anyone.client("s3", endpoint_url=emulator)
    client.create_bucket(Bucket=BUCKET)
    return emulator, client


@pytest.mark.parametrize("root", ROOTS)
def test_package_uploads_and_rewrites_every_nested_template(
    s3: tuple[str, BaseClient], checkout: Path, tmp_path: Path, templates: dict[str, dict[str, Any]], root: str
) -> None:
    address, client = s3
    packaged = tmp_path / "packaged.yaml"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [sys.executable, "-m", "awscli", "cloudformation", "package", "--s3-bucket", BUCKET, "--s3-prefix", root]
    files = ["--template-file", str(checkout / "templates" / f"{root}.yaml"), "--output-template-file", str(packaged)]
    result = subprocess.run(
        [*command, *files], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr

    urls = [
        line.split(": ", 1)[1] for line in packaged.read_text(encoding="utf-8").splitlines() if "TemplateURL:" in line
    ]
    assert len(urls) == len(templates[root]["Resources"])
    assert all(url.startswith(f"{address}/{BUCKET}/{root}/") for url in urls)
    uploaded = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{root}/")["Contents"]
    assert {entry["Key"] for entry in uploaded} == {url.split(f"/{BUCKET}/", 1)[1] for url in urls}
    for entry in uploaded:
        body = client.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read().decode()
        assert yaml.compose(body) is not None
        assert "Resources:" in body
