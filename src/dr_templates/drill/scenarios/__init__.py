"""The scenarios, by name and in the order in which they are told of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dr_templates.drill.scenario import Scenario
from dr_templates.drill.scenarios import (
    connection_storm,
    control_region_down,
    killed_mid_move,
    lost_link_then_region,
    lost_region,
    multi_az,
    old_primary_returns,
    one_way_partition,
    partition,
    primary_killed,
    route53_down,
    slow_link,
    stalled_switchover,
    storage_full,
    switchover,
)

SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        part.SCENARIO.name: part.SCENARIO
        for part in (
            switchover,
            primary_killed,
            lost_region,
            partition,
            lost_link_then_region,
            slow_link,
            multi_az,
            connection_storm,
            storage_full,
            one_way_partition,
            route53_down,
            control_region_down,
            killed_mid_move,
            old_primary_returns,
            stalled_switchover,
        )
    }
)
