"""The tables of marks and state: alike in every place, so that whoever looks for news looks everywhere the same way."""

from typing import Final

from troposphere import Template, dynamodb

from dr_templates.tiers import sheet

KIND, ORDER = "Kind", "Order"
STATE, MARK, PULSE, JOURNAL = "state", "mark", "pulse", "journal"
"""What is kept, by ``Kind``; rights are cut along it (condition key ``dynamodb:LeadingKeys``)."""
ON_DEMAND: Final = "PAY_PER_REQUEST"


def table(template: Template, purpose: str, **more: object) -> dynamodb.Table:
    """Add a table named after its purpose, billed by request: a few writes a minute, and no capacity to run out of.

    It is encrypted with DynamoDB's own key and not with one of ours, as a key is one more thing that could stop the
    brain, and nothing in the table is secret.
    """
    return template.add_resource(
        dynamodb.Table(
            f"{purpose.capitalize()}Table",
            TableName=sheet.physical(purpose),
            BillingMode=ON_DEMAND,
            AttributeDefinitions=[
                dynamodb.AttributeDefinition(AttributeName=name, AttributeType="S") for name in (KIND, ORDER)
            ],
            KeySchema=[
                dynamodb.KeySchema(AttributeName=KIND, KeyType="HASH"),
                dynamodb.KeySchema(AttributeName=ORDER, KeyType="RANGE"),
            ],
            Tags=sheet.tags(purpose),
            **more,
        )
    )
