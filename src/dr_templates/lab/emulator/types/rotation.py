"""The actions of Secrets Manager that the emulator lacks or only notes down: rotation, and the end of replication."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import lambda_svc, secretsmanager

from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.types.handler import client
from dr_templates.lab.emulator.types.wire import RefusedError

_LOG = logging.getLogger(__name__)
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
Secret = dict[str, Any]


def install() -> None:
    """Put the actions before the emulator's own."""

    async def handle_request(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:  # noqa: ANN401 - ministack's
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            if action == "GetSecretValue":
                _refuse_empty(json.loads(body or "{}"))
            if action in ACTIONS:
                return json_response(ACTIONS[action](json.loads(body or "{}")))
        except RefusedError as error:
            return error_response_json(error.code, error.message, error.status)
        return await stock(method, path, headers, body, query_params)

    stock = patches.replace(secretsmanager, "handle_request", handle_request)


def rotate(request: Mapping[str, Any]) -> dict[str, Any]:
    """RotateSecret: keep function and rules; the four steps begin at once unless RotateImmediately is false."""
    secret = _secret(request)
    if secretsmanager._is_replica(secret):
        raise RefusedError("InvalidRequestException", "You can't perform this operation on a replica secret.")
    function = request.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    if not function:
        raise RefusedError("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")
    if lambda_svc._get_func_record_for_ref(function)[0] is None:
        words = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function exists."
        raise RefusedError("AccessDeniedException", words)
    rules = request.get("RotationRules") or secret.get("RotationRules")
    secret |= {"RotationEnabled": True, "RotationLambdaARN": function, "RotationRules": rules}
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    if request.get("RotateImmediately", True):
        answer["VersionId"] = request.get("ClientRequestToken") or str(uuid.uuid4())
        _begin(secret, answer["VersionId"], function)
    return answer


def cancel(request: Mapping[str, Any]) -> dict[str, Any]:
    """CancelRotateSecret: no rotation from now on; its function stays known."""
    secret = _secret(request)
    secret["RotationEnabled"] = False
    return {"ARN": secret["ARN"], "Name": secret["Name"]}


def stop_replication(request: Mapping[str, Any]) -> dict[str, Any]:
    """StopReplicationToReplica, asked in the replica's region: it becomes a secret of its own (fact A40)."""
    secret = _secret(request)
    if not secretsmanager._is_replica(secret):
        raise RefusedError(
            "InvalidRequestException", "You can't perform this operation on a secret that is no replica."
        )
    secretsmanager._unlink_from_primary(secret)
    secret.pop("_PrimarySecretArn")
    secret.pop("_PrimaryRegion", None)
    return {"ARN": secret["ARN"]}


def remove_regions(request: Mapping[str, Any]) -> dict[str, Any]:
    """RemoveRegionsFromReplication: the replicas there go."""
    secret = _secret(request)
    going = set(request["RemoveReplicaRegions"])
    states = secret.get("ReplicationStatus", [])
    secretsmanager._delete_replicas({**secret, "ReplicationStatus": [one for one in states if one["Region"] in going]})
    secret["ReplicationStatus"] = [one for one in states if one["Region"] not in going]
    return {"ARN": secret["ARN"], "ReplicationStatus": secret["ReplicationStatus"]}


ACTIONS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "RotateSecret": rotate,
    "CancelRotateSecret": cancel,
    "StopReplicationToReplica": stop_replication,
    "RemoveRegionsFromReplication": remove_regions,
}


def _secret(request: Mapping[str, Any]) -> Secret:
    _name, secret = secretsmanager._resolve(request.get("SecretId"))
    if secret is None:
        words = "Secrets Manager can't find the specified secret."
        raise RefusedError("ResourceNotFoundException", words)
    if secret.get("DeletedDate"):
        words = "You can't perform this operation on the secret because it was marked for deletion."
        raise RefusedError("InvalidRequestException", words)
    found: Secret = secret
    return found


def _refuse_empty(request: Mapping[str, Any]) -> None:
    """Refuse to give a version that a rotation has announced and not yet filled."""
    _name, secret = secretsmanager._resolve(request.get("SecretId"))
    stage = request.get("VersionStage", "AWSCURRENT")
    for identifier, version in (secret or {}).get("Versions", {}).items():
        asked = identifier == request["VersionId"] if "VersionId" in request else stage in version["Stages"]
        if asked and version["SecretString"] is None and version["SecretBinary"] is None:
            words = f"Secrets Manager can't find the specified secret value for staging label: {stage}"
            raise RefusedError("ResourceNotFoundException", words)


def _begin(secret: Secret, version: str, function: str) -> None:
    """Call the function step by step, as Secrets Manager does afterwards; a step that fails ends it."""
    now = int(time.time())
    empty = {"SecretString": None, "SecretBinary": None, "CreatedDate": now, "Stages": ["AWSPENDING"]}
    for other in secret["Versions"].values():
        other["Stages"] = [stage for stage in other["Stages"] if stage != "AWSPENDING"]
    secret["Versions"][version] = empty

    def steps() -> None:
        for step in STEPS:
            event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": version}
            told = client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
            if "FunctionError" in told:
                _LOG.warning("rotation of %s: %s failed: %s", secret["Name"], step, told["Payload"].read())
                return
        secret["LastRotatedDate"] = int(time.time())

    threading.Thread(target=contextvars.copy_context().run, args=(steps,), name="rotation", daemon=True).start()
