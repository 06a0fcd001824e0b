"""How clients come into the lab: from an address of their place, by its resolver, with the application's password."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dr_templates.drill.ledger.way import Login, Way
from dr_templates.drill.stage import Stage
from dr_templates.errors import DrError
from dr_templates.lab.names import Resolver, UnresolvedError

PORT = 5432
WRITER = "postgres"


@dataclass(frozen=True)
class Entrance:
    """The ways by place, the login by the moving name, and one to each database by its endpoint."""

    ways: Mapping[str, Way]
    login: Login
    databases: Mapping[str, Login]
    resolvers: Mapping[str, Resolver]

    def look(self, place: str) -> tuple[str, str]:
        """Give target and address of the moving name as a place sees it just now. Raises OSError when it sees none."""
        try:
            target, address = self.resolvers[place].look(self.login.name)
        except UnresolvedError as error:
            raise OSError(error.reason) from error
        if target is None or address is None:
            raise OSError(self.login.name)
        return target, address


def entrance(stage: Stage) -> Entrance:
    """Ask the lab for addresses, resolver, endpoints and password. Raises ``DrError`` when one is not to be had."""
    names, dns, addresses = stage.names, stage.ask("dns"), stage.ask("network")["addresses"]
    resolvers = {
        site: Resolver(dns["host"], dns["port"], addresses[stage.region(site)], stage.clock.rate)
        for site in names.sites
    }
    ways = {
        site: Way(site, addresses[stage.region(site)], _resolving(resolver)) for site, resolver in resolvers.items()
    }
    user, password = _secret(stage)
    authority = stage.emulator.home / "work" / "rds" / "authority.pem"
    database = stage.config.database.database_name

    def login(name: str) -> Login:
        return Login(name, PORT, database, user, password, authority)

    databases = {site: login(_endpoint(stage, site)) for site in names.sites}
    return Entrance(ways, login(f"{WRITER}.{stage.config.dns.zone}"), databases, resolvers)


def _resolving(resolver: Resolver) -> Callable[[str], str]:
    def resolve(name: str) -> str:
        try:
            return resolver.resolve(name)
        except UnresolvedError as error:
            raise OSError(error.reason) from error

    return resolve


def _secret(stage: Stage) -> tuple[str, str]:
    secrets = stage.clients.secretsmanager(stage.region(stage.names.home))
    told = json.loads(secrets.get_secret_value(SecretId=stage.names.secret)["SecretString"])
    return str(told["username"]), str(told["password"])


def _endpoint(stage: Stage, site: str) -> str:
    rds, name = stage.clients.rds(stage.region(site)), stage.names.instance(site)
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    address = found.get("Endpoint", {}).get("Address")
    if not address:
        raise DrError(what=f"{name} has no endpoint", where=stage.region(site), hint="The drill cannot begin.")
    return address
