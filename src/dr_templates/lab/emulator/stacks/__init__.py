"""Stacks as CloudFormation makes, changes and undoes them: side by side, nested ones like any other."""
