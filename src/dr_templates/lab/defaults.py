"""The settings every lab server has unless told otherwise: small, quick, and quiet on the network."""

INNER_PORT = 5432

DEFAULTS = {
    "listen_addresses": "",
    "port": str(INNER_PORT),
    "unix_socket_permissions": "0700",
    "wal_level": "replica",
    "hot_standby": "on",
    "shared_buffers": "16MB",
    "min_wal_size": "4MB",
    "max_connections": "30",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "track_commit_timestamp": "on",
    "wal_retrieve_retry_interval": "100ms",
    "password_encryption": "scram-sha-256",
    "log_statement": "ddl",
    "fsync": "off",
}
