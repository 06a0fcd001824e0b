"""What one stack makes and another takes. ``drctl parameters`` and the deployer fill these by name."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "From other stacks"
_ARN = r"arn:[a-z-]+:{service}:[a-z0-9-]*:\d{{12}}:{rest}"


def _arn(label: str, description: str, service: str, rest: str) -> Entry:
    return Entry(GROUP, label, description, pattern=_ARN.format(service=service, rest=rest), wired=True)


def _id(label: str, description: str, prefix: str) -> Entry:
    return Entry(GROUP, label, description, pattern=f"{prefix}-[0-9a-f]+", wired=True)


def _ids(label: str, description: str, prefix: str) -> Entry:
    return Entry(GROUP, label, description, type="CommaDelimitedList", pattern=f"{prefix}-[0-9a-f]+", wired=True)


def _text(label: str, description: str, pattern: str) -> Entry:
    return Entry(GROUP, label, description, pattern=pattern, wired=True)


ENTRIES = {
    "DatabaseKeyArn": _arn(
        "Database key", "KMS key of the database's storage, in its region (fact A1).", "kms", "key/.+"
    ),
    "SecretKeyArn": _arn("Secret key", "KMS key of the secret, in its region.", "kms", "key/.+"),
    "BackupKeyArn": _arn("Backup key", "KMS key for backups replicated into its region (fact A37).", "kms", "key/.+"),
    "LogKeyArn": _arn("Log key", "KMS key of the log groups.", "kms", "key/.+"),
    "NotificationKeyArn": _arn("Notification key", "KMS key of the SNS topic.", "kms", "key/.+"),
    "VpcId": _id("VPC", "The site's VPC.", "vpc"),
    "DatabaseSubnetIds": _ids("Database subnets", "Private subnets of the database.", "subnet"),
    "FunctionSubnetIds": _ids("Function subnets", "Private subnets of the functions in the VPC.", "subnet"),
    "DatabaseRouteTableId": _id("Database route table", "Route table of the database subnets.", "rtb"),
    "FunctionRouteTableId": _id("Function route table", "Route table of the function subnets.", "rtb"),
    "S3PrefixListId": _id("S3 prefix list", "Addresses of S3 in this region, behind the gateway endpoint.", "pl"),
    "EndpointSecurityGroupId": _id("Endpoint security group", "Guards the interface endpoint.", "sg"),
    "DatabaseSecurityGroupId": _id("Database security group", "Guards the database.", "sg"),
    "ClientSecurityGroupId": _id("Client security group", "Worn by what may connect to the database.", "sg"),
    "FunctionSecurityGroupId": _id("Function security group", "Worn by the functions in the VPC.", "sg"),
    "DatabaseIdentifier": _text("Instance identifier", "The fixed identifier (fact A17).", "[a-z][a-z0-9-]{0,62}"),
    "DatabaseEndpoint": _text(
        "Instance endpoint", "Host name of the instance; it survives promotion (fact A26).", r"[A-Za-z0-9.-]+"
    ),
    "DatabasePort": _text("Instance port", "Port of the instance.", r"\d{1,5}"),
    "DatabaseResourceId": _text("Instance resource id", "Names the instance in IAM logins (fact A43).", "db-[A-Z0-9]+"),
    "SecretArn": _arn("Secret", "The master user's secret, in its region.", "secretsmanager", "secret:.+"),
    "ProbeFunctionName": _text("Probe", "Name of the probe function.", r"[A-Za-z0-9_-]+"),
    "RotationFunctionName": _text("Rotation function", "Name of the rotation function.", r"[A-Za-z0-9_-]+"),
    "DatabaseArn": _arn("Instance", "ARN of the instance, by its fixed identifier (fact A17).", "rds", "db:.+"),
    "DatabaseAclId": _id("Database NACL", "NACL of the database subnets, where a fence is set (fact A49).", "acl"),
    "ProbeFunctionArn": _arn("Probe", "ARN of the probe function.", "lambda", "function:.+"),
    "WatchdogFunctionName": _text("Watchdog", "Name of the watchdog function.", r"[A-Za-z0-9_-]+"),
    "ObserveFunctionName": _text("Observe", "Name of the function that looks.", r"[A-Za-z0-9_-]+"),
    "DecideFunctionName": _text("Decide", "Name of the function that decides.", r"[A-Za-z0-9_-]+"),
    "PerformFunctionName": _text("Perform", "Name of the function that acts.", r"[A-Za-z0-9_-]+"),
    "StateMachineArn": _arn("State machine", "Carries out moves.", "states", "stateMachine:.+"),
    "TopicArn": _arn("Topic", "Where alarms and moves are announced.", "sns", ".+"),
    "PeeringConnectionId": Entry(
        GROUP,
        "Peering connection",
        "The peering connection between the sites, or none.",
        default="none",
        pattern="(pcx-[0-9a-f]+|none)",
        wired=True,
    ),
}
