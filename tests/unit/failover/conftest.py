"""How hard the brain's proofs try: quick with every ``make test``, nightly by HYPOTHESIS_PROFILE=nightly."""

import os

from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
settings.register_profile("quick", max_examples=100, deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("nightly", max_examples=10_000, deadline=None, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
