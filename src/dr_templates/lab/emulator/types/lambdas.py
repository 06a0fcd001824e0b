"""Functions: what they need must be there, where they run is kept, and their interpreters end with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, lambda_svc

from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, stock
from dr_templates.lab.emulator.types.wire import RefusedError

FUNCTION = "AWS::Lambda::Function"
STOCK = stock(FUNCTION)
LATEST = "$LATEST"


def install() -> None:
    """Find the settings of asynchronous calls under $LATEST also by the function alone: they are the same.

    And let a function write to no log group but one that is there, when its LoggingConfig names one: our roles may not
    make any, and one that a late call made would outlive its stack.
    """

    def get_event_invoke_config(func_name: str, qualifier: str | None = None) -> Any:  # noqa: ANN401 - ministack's answer
        answer = get(func_name, qualifier)
        found = answer[0] < 400  # noqa: PLR2004 - HTTP's first error
        return answer if found or qualifier else get(func_name, LATEST)

    def emit_lambda_logs(
        func: Any,  # noqa: ANN401 - ministack's types are plain
        request_id: str,
        log_text: str,
        error: bool,
        duration_ms: int,
        *,
        log_source: str | None = None,
    ) -> None:
        group = (func.get("config") or func).get("LoggingConfig", {}).get("LogGroup")
        if group is None or group in cloudwatch_logs._log_groups:
            emit(func, request_id, log_text, error, duration_ms, log_source=log_source)

    get = patches.replace(lambda_svc, "_get_event_invoke_config", get_event_invoke_config)
    emit = patches.replace(lambda_svc, "_emit_lambda_logs", emit_lambda_logs)


def _make(logical_id: str, properties: Properties, stack: str) -> Made:
    _refuse_missing(properties)
    place = _place(properties)
    return _placed(STOCK.create(logical_id, properties, stack), place)


def _change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    _refuse_missing(new)
    place = _place(new)
    return _placed(STOCK.update(identifier, old, new, stack, logical_id), place)


def _remove(identifier: str, properties: Properties) -> None:
    STOCK.delete(identifier, properties)
    lambda_runtime.invalidate_worker(identifier, account=get_account_id(), region=get_region())


def _refuse_missing(properties: Properties) -> None:
    """Refuse code or a role that is not there."""
    code = properties.get("Code", {})
    if "S3Bucket" in code:
        try:
            client("s3").head_object(Bucket=code["S3Bucket"], Key=code["S3Key"])
        except AWS_ERRORS as error:
            words = (
                "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not"
            )
            raise RefusedError("InvalidParameterValueException", f"{words} exist: {code['S3Key']}") from error
    try:
        client("iam").get_role(RoleName=properties["Role"].rpartition("/")[2])
    except AWS_ERRORS as error:
        words = "The role defined for the function cannot be assumed by Lambda."
        raise RefusedError("InvalidParameterValueException", words) from error


def _place(properties: Properties) -> dict[str, Any] | None:
    """Give the subnets and security groups of a function, which must be there and of one VPC."""
    wanted = properties.get("VpcConfig", {})
    subnets, groups = list(wanted.get("SubnetIds", ())), list(wanted.get("SecurityGroupIds", ()))
    if not subnets:
        return None
    calls = client("ec2")
    vpcs = {one["VpcId"] for one in calls.describe_subnets(SubnetIds=subnets)["Subnets"]}
    vpcs |= {one["VpcId"] for one in calls.describe_security_groups(GroupIds=groups)["SecurityGroups"]}
    if len(vpcs) != 1:
        words = "Subnets and security groups of a function must belong to one VPC."
        raise RefusedError("InvalidParameterValueException", words)
    return {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": vpcs.pop()}


def _placed(made: Made, place: dict[str, Any] | None) -> Made:
    """Keep where a function is."""
    config = lambda_svc._functions[made[0]]["config"]
    config.pop("VpcConfig", None)
    if place:
        config["VpcConfig"] = place
    return made


TYPES: Mapping[str, Handler] = {FUNCTION: Handler(_make, _change, _remove)}
