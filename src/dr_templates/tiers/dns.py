"""The name clients use. It moves by a metric, never by an edit, which needs a control plane in us-east-1 (B2, B5)."""

from troposphere import GetAtt, Ref, Region, Sub, Tags, Template, cloudwatch, route53

from dr_templates.tiers import sheet

WRITER, READER = "postgres", "postgres-reader"
HOME, STANDBY = "Home", "Standby"
ACTIVE_AT = {HOME: 1, STANDBY: 2}
"""What the metric ``ActiveSite`` says; whoever moves the name publishes it every minute."""


def build() -> Template:
    """Give the private zone of both VPCs and the weighted names for writers and readers.

    The writer's records weigh 100 at home and 0 at the other site, each with a health check, so that the zero counts
    only while home is unhealthy (fact B9). Readers get the other way round of the same two checks.
    """
    template = sheet.begin(
        "DNS in the control region: private zone of both VPCs, names that move by a metric.",
        (
            "Name",
            "EnvironmentSuffix",
            "ZoneName",
            "RecordTtlSeconds",
            "DatabaseName",
            *(
                f"{place}{name}"
                for place in (HOME, STANDBY)
                for name in ("Region", "SiteName", "VpcId", "DatabaseEndpoint")
            ),
        ),
    )
    zone = template.add_resource(
        route53.HostedZone(
            "Zone",
            Name=Ref("ZoneName"),
            HostedZoneConfig=route53.HostedZoneConfiguration(
                Comment=Sub(
                    "Database names of ${Name}-${EnvironmentSuffix}; records move by health checks, not by edits"
                )
            ),
            VPCs=[
                route53.HostedZoneVPCs(VPCId=Ref(f"{place}VpcId"), VPCRegion=Ref(f"{place}Region"))
                for place in (HOME, STANDBY)
            ],
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Retain",
        )
    )
    checks = {
        HOME: _health_check(template, HOME, "GreaterThanOrEqualToThreshold"),
        STANDBY: _health_check(template, STANDBY, "LessThanThreshold"),
    }
    other = {HOME: STANDBY, STANDBY: HOME}
    for place in (HOME, STANDBY):
        weight = {place: 100, other[place]: 0}[HOME]
        _record(template, zone, "Writer", place, label=WRITER, weight=weight, check=checks[place])
        _record(template, zone, "Reader", place, label=READER, weight=100 - weight, check=checks[other[place]])
    _outputs(template, zone)
    return template


def _health_check(template: Template, place: str, unhealthy: str) -> route53.HealthCheck:
    """Add the alarm and the check that follow ``ActiveSite``: this place is unhealthy while the other one is active.

    One plain 60-second metric and a statistic, as Route 53 reads the metric itself and knows neither metric math nor
    M out of N (fact B7). When nobody publishes, the last answer stands (fact B8); a new check is healthy, and home
    weighs more. Both alarms ask the same statistic against the same bound, so the two checks never agree.
    """
    alarm = template.add_resource(
        cloudwatch.Alarm(
            f"{place}InactiveAlarm",
            AlarmName=Sub(f"${{Name}}-${{EnvironmentSuffix}}-${{{place}SiteName}}-inactive"),
            AlarmDescription=Sub(f"The name does not point at ${{{place}SiteName}}. Drives DNS; notifies nobody."),
            Namespace="DatabaseRecovery",
            MetricName="ActiveSite",
            Dimensions=[cloudwatch.MetricDimension(Name="Environment", Value=Sub("${Name}-${EnvironmentSuffix}"))],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            ComparisonOperator=unhealthy,
            Threshold=ACTIVE_AT[STANDBY],
            TreatMissingData="ignore",
        )
    )
    return template.add_resource(
        route53.HealthCheck(
            f"{place}ActiveCheck",
            HealthCheckConfig=route53.HealthCheckConfig(
                Type="CLOUDWATCH_METRIC",
                AlarmIdentifier=route53.AlarmIdentifier(Name=Ref(alarm), Region=Region),
                InsufficientDataHealthStatus="LastKnownStatus",
            ),
            HealthCheckTags=Tags(Name=Sub(f"${{Name}}-${{EnvironmentSuffix}}-${{{place}SiteName}}-active")),
        )
    )


def _record(
    template: Template,
    zone: route53.HostedZone,
    role: str,
    place: str,
    *,
    label: str,
    weight: int,
    check: route53.HealthCheck,
) -> None:
    template.add_resource(
        route53.RecordSetType(
            f"{place}{role}Record",
            HostedZoneId=Ref(zone),
            Name=Sub(f"{label}.${{ZoneName}}"),
            Type="CNAME",
            TTL=Ref("RecordTtlSeconds"),
            ResourceRecords=[Ref(f"{place}DatabaseEndpoint")],
            SetIdentifier=Ref(f"{place}SiteName"),
            Weight=weight,
            HealthCheckId=GetAtt(check, "HealthCheckId"),
        )
    )


def _outputs(template: Template, zone: route53.HostedZone) -> None:
    sheet.give(template, "ZoneId", Ref(zone), "The private zone.")
    sheet.give(
        template,
        "WriterName",
        Sub(f"{WRITER}.${{ZoneName}}"),
        "Where to write, at the active site; clients in the other VPC need a way there. TLS: verify-ca.",
    )
    sheet.give(
        template,
        "ReaderName",
        Sub(f"{READER}.${{ZoneName}}"),
        "Where to read what may be a little old, at the other site; clients at the active one need a way there.",
    )
    hosts = "${HomeDatabaseEndpoint}:5432,${StandbyDatabaseEndpoint}:5432"
    options = "target_session_attrs=read-write&sslmode=verify-full&connect_timeout=3"
    sheet.give(
        template,
        "ConnectionUri",
        Sub(f"postgresql://{hosts}/${{DatabaseName}}?{options}"),
        "For libpq clients: finds the writable one by itself, DNS or not; the driver asks for user and password.",
    )
