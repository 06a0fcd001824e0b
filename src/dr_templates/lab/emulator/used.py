"""The names of ministack that the lab uses as they are: all of them are checked before anything is served."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from dr_templates.lab.emulator import patches

CLOUDFORMATION = "ministack.services.cloudformation"
NAMES: Mapping[str, tuple[str, ...]] = {
    "ministack.app": ("_MAIN_LOOP", "app"),
    CLOUDFORMATION: ("_change_sets", "_exports", "_stack_events", "_stacks"),
    f"{CLOUDFORMATION}.changesets": (
        "_create_change_set",
        "_execute_change_set",
        "_find_change_set",
        "_track_change_set_execution",
    ),
    f"{CLOUDFORMATION}.engine": (
        "_NO_VALUE",
        "_apply_transforms",
        "_evaluate_conditions",
        "_extract_deps",
        "_intrinsic_references",
        "_parse_template",
        "_resolve_dynamic_references",
        "_resolve_parameters",
        "_resolve_refs",
        "_topological_sort",
        "validate_template_support",
    ),
    f"{CLOUDFORMATION}.handlers": (
        "_ACTION_HANDLERS",
        "_check_capabilities",
        "_continue_update_rollback_async",
        "_create_stack",
        "_delete_stack",
        "_delete_stack_async",
        "_resolve_parameters",
        "_resolve_stack",
        "_stack_has_no_updates",
        "validate_template_support",
    ),
    f"{CLOUDFORMATION}.helpers": (
        "_error",
        "_extract_members",
        "_extract_string_members",
        "_p",
        "_page",
        "_resolve_document",
        "_resolve_template",
        "_validate_stack_tags",
        "_xml",
    ),
    f"{CLOUDFORMATION}.provisioners": (
        "_CUSTOM_NAME_REPLACEMENT",
        "_DEFERRED_PREDECESSOR_DELETES",
        "_NAME_SEED",
        "_RESOURCE_HANDLERS",
        "_RETAINING_POLICIES",
        "_RETAIN_REPLACED",
        "_physical_name",
        "_provision_resource",
        "_update_resource",
        "_with_stack_tags",
    ),
    f"{CLOUDFORMATION}.stacks": (
        "_DIFFED_ATTRIBUTES",
        "_UNTAGGED_TYPES",
        "_add_event",
        "_create_stack_task_in_region",
        "_create_then_delete_on_failure",
        "_delete_resource",
        "_deploy_stack_async",
        "_failed_operation",
        "_policy_action",
        "_resolve_stack_outputs",
        "_resource_policy",
        "_roll_back_operation",
        "_runs_on_worker_thread",
        "_sends_back_failed_update",
        "_snapshot_resource",
        "_stack_tags_changed",
    ),
    "ministack.core.lambda_runtime": ("_PYTHON_WORKER_SCRIPT", "invalidate_worker"),
    "ministack.services.cloudwatch_logs": ("_log_groups",),
    "ministack.services.ec2": (
        "_ACTION_MAP",
        "_az_id_for_zone_name",
        "_create_network_interface",
        "_ensure_defaults_initialized",
        "_flow_logs",
        "_network_acls",
        "_network_interfaces",
        "_resolve_aws_pl",
        "_route_tables",
        "_security_groups",
        "_subnets",
        "_tags",
        "_vpc_endpoints",
        "_vpc_peering",
        "_vpc_peering_scopes",
        "_vpcs",
    ),
    "ministack.services.eventbridge": ("_put_events",),
    "ministack.services.kms": ("_resolve_key",),
    "ministack.services.lambda_svc": ("_functions", "_get_func_record_for_ref"),
    "ministack.services.rds": (
        "_ACTION_MAP",
        "_create_snapshot_internal",
        "_events",
        "_instances",
        "_param_groups",
        "_snapshots",
        "_subnet_groups",
        "_tags",
    ),
    "ministack.services.secretsmanager": ("_delete_replicas", "_is_replica", "_resolve", "_unlink_from_primary"),
    "ministack.services.sns": ("_topics",),
}


def check() -> None:
    """Raise DrError, which names it, when ministack lacks one of them."""
    for module, names in NAMES.items():
        patches.needs(importlib.import_module(module), *names)
