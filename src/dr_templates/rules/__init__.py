"""Rules for cfn-lint that know what fails only at deploy time, or only after a region is lost.

cfn-lint takes them as a module (``-a dr_templates.rules``), for which every rule is imported here, or as this folder,
from which it loads each file by itself. Files that begin with an underscore hold no rules, and it passes them over.
"""

from dr_templates.rules.accelerated_recovery import AcceleratedRecovery
from dr_templates.rules.backup_replication import BackupReplication
from dr_templates.rules.conditional_policy import ConditionalPolicy
from dr_templates.rules.environment_suffix import EnvironmentSuffix
from dr_templates.rules.fixed_identifier import FixedIdentifier
from dr_templates.rules.function_endpoints import FunctionEndpoints
from dr_templates.rules.global_names import GlobalNames
from dr_templates.rules.health_alarm import HealthAlarm
from dr_templates.rules.lag_threshold import LagThreshold
from dr_templates.rules.managed_password import ManagedPassword
from dr_templates.rules.managed_password_source import ManagedPasswordSource
from dr_templates.rules.nested_transform import NestedTransform
from dr_templates.rules.peering_ranges import PeeringRanges
from dr_templates.rules.peering_region import PeeringRegion
from dr_templates.rules.private_health_check import PrivateHealthCheck
from dr_templates.rules.public_database import PublicDatabase
from dr_templates.rules.replica_properties import ReplicaProperties
from dr_templates.rules.replica_region import ReplicaRegion
from dr_templates.rules.replica_security import ReplicaSecurity
from dr_templates.rules.replica_storage import ReplicaStorage
from dr_templates.rules.stateful_policies import StatefulPolicies
from dr_templates.rules.strong_regions import StrongRegions
from dr_templates.rules.template_limits import TemplateLimits
from dr_templates.rules.weighted_records import WeightedRecords
from dr_templates.rules.world_open import WorldOpen

RULES = (
    ReplicaProperties,
    ReplicaRegion,
    ManagedPasswordSource,
    PeeringRegion,
    PeeringRanges,
    EnvironmentSuffix,
    GlobalNames,
    StatefulPolicies,
    PublicDatabase,
    WorldOpen,
    FunctionEndpoints,
    PrivateHealthCheck,
    WeightedRecords,
    TemplateLimits,
    NestedTransform,
    ConditionalPolicy,
    HealthAlarm,
    ManagedPassword,
    ReplicaSecurity,
    ReplicaStorage,
    FixedIdentifier,
    BackupReplication,
    LagThreshold,
    AcceleratedRecovery,
    StrongRegions,
)
"""Every rule, by number."""

__all__ = [
    "RULES",
    "AcceleratedRecovery",
    "BackupReplication",
    "ConditionalPolicy",
    "EnvironmentSuffix",
    "FixedIdentifier",
    "FunctionEndpoints",
    "GlobalNames",
    "HealthAlarm",
    "LagThreshold",
    "ManagedPassword",
    "ManagedPasswordSource",
    "NestedTransform",
    "PeeringRanges",
    "PeeringRegion",
    "PrivateHealthCheck",
    "PublicDatabase",
    "ReplicaProperties",
    "ReplicaRegion",
    "ReplicaSecurity",
    "ReplicaStorage",
    "StatefulPolicies",
    "StrongRegions",
    "TemplateLimits",
    "WeightedRecords",
    "WorldOpen",
]
