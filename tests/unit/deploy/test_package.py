import re
from pathlib import Path

import pytest

from dr_templates import render
from dr_templates.artifact import archives
from dr_templates.deploy.package import Package, pack

TEXTS = {name.removesuffix(".yaml"): text for name, text in render.texts().items()}
ADDRESS = re.compile(r"https://s3\.eu-west-1\.amazonaws\.com/bucket/(\S+)")


def packed(texts: dict[str, str] = TEXTS, *roots: str, region: str = "eu-west-1") -> Package:
    return pack(texts, archives(), region=region, bucket="bucket", roots=roots or ("foundation", "standby"))


@pytest.mark.parametrize("root", ["foundation", "primary", "standby", "control"])
def test_every_address_in_a_package_leads_to_something_in_it(root: str) -> None:
    package = packed(TEXTS, root)
    named = [found for body in package.objects.values() for found in ADDRESS.findall(body.decode("utf-8", "replace"))]
    named += [found for address in package.roots.values() for found in ADDRESS.findall(address)]
    assert len(named) > 1
    assert set(named) <= set(package.objects)


def test_no_relative_path_is_left() -> None:
    templates = [body for key, body in packed().objects.items() if key.endswith(".yaml")]
    assert templates
    assert not any(b"TemplateURL: ./" in body for body in templates)


def test_the_same_source_gives_the_same_keys() -> None:
    assert packed().objects.keys() == packed().objects.keys()


def test_a_change_in_a_tier_gives_new_keys_to_it_and_its_root_and_to_nothing_else() -> None:
    before = packed()
    after = packed({**TEXTS, "security": TEXTS["security"] + "# changed\n"})
    renamed = {key.split("/")[1].rsplit("-", 1)[0] for key in before.objects.keys() ^ after.objects.keys()}
    assert renamed == {"security", "foundation"}


def test_only_archives_that_a_template_of_the_region_takes_are_in_it() -> None:
    keys = [Path(key).name.rsplit("-", 1)[0] for key in packed(TEXTS, "control").objects if key.endswith(".zip")]
    assert keys == ["failover"]


def test_a_tier_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        packed({"foundation": TEXTS["foundation"]}, "foundation")
