"""E9115: a nested template with the language extensions that is handed a value not known yet."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from cfnlint.decode import decode
from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import functions, holes
from dr_templates.rules._transforms import has_language_extensions
from dr_templates.rules._values import fault, present, resources

_SUB_PARTS = 2


class NestedTransform(CloudFormationLintRule):
    """The transform runs when the change set is made, before any resource of the root has an attribute."""

    id = "E9115"
    shortdesc = "A nested template with the language extensions is handed an attribute"
    description = (
        "A nested template that declares AWS::LanguageExtensions cannot take a parameter made of Fn::GetAtt, of "
        "${Resource.Attribute} or of Fn::ImportValue: creating a change set with nested stacks fails, for the "
        "transform runs before these have a value. Nested templates are read by the relative path in TemplateURL; a "
        "URL or a missing file is not judged."
    )
    source_url = "https://github.com/aws-cloudformation/cfn-language-discussion/issues/152"
    tags: ClassVar[list[str]] = ["resources", "cloudformation", "transform"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at each such parameter of a nested stack."""
        for stack in resources(cfn, "AWS::CloudFormation::Stack"):
            if not any(_is_extended(cfn, url.value) for url in present(stack.properties, "TemplateURL")):
                continue
            for given in present(stack.properties, "Parameters"):
                for name in given.value if isinstance(given.value, dict) else ():
                    for value in present(given, name):
                        used = next(_unknown_yet(value.value), None)
                        if used:
                            yield fault(value.path, f"{used} cannot be handed to a template with language extensions")


def _is_extended(cfn: Template, url: object) -> bool:
    if not cfn.filename or not isinstance(url, str) or "://" in url:
        return False
    file = Path(cfn.filename).parent / url
    if not file.is_file():
        return False
    template, faults = decode(str(file))
    return not faults and isinstance(template, dict) and has_language_extensions(template.get("Transform"))


def _unknown_yet(value: object) -> Iterator[str]:
    for name, argument in functions(value):
        if name in {"Fn::GetAtt", "Fn::ImportValue"}:
            yield name
        elif name == "Fn::Sub":
            text, given = argument if isinstance(argument, list) and len(argument) == _SUB_PARTS else (argument, ())
            yield from (f"${{{hole}}}" for hole in holes(str(text)) if "." in hole and hole not in given)
