"""Names that a database or an administrator cannot have."""

import re
from typing import Final

_POSTGRESQL: Final = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
concurrently constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
unique user using variadic verbose when where window with
"""
_RDS: Final = "admin postgres public rdsadmin rdsrepladmin template0 template1"

RESERVED: Final = frozenset(re.findall(r"\w+", _POSTGRESQL + _RDS))
"""PostgreSQL's reserved key words, which no identifier may be, and what RDS or every cluster already has."""
