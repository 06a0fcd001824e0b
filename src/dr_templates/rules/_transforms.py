"""Whether a template asks for the language extensions."""


def has_language_extensions(transform: object) -> bool:
    """Whether a Transform section, one name or a list of them, names AWS::LanguageExtensions."""
    names = transform if isinstance(transform, list) else [transform]
    return "AWS::LanguageExtensions" in names
