"""The tiers: each module has one function that returns one ``troposphere.Template``."""
