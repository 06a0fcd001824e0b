"""Change sets with all that is nested in them, and what each change means for a resource."""
