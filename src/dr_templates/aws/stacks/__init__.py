"""CloudFormation, as data: stacks, change sets and events, read and asked for; nothing is decided here."""
