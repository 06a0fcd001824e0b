"""The questions a probe asks, in SQL: one row or list of rows each, columns named as the fields they fill.

They need a login role with pg_monitor and the rights on ``dr.heartbeat`` that ``prepare.sql`` gives, no more, and
work on PostgreSQL 15 and later.
"""

ROLE = """
SELECT pg_is_in_recovery() AS in_recovery, current_setting('server_version') AS server_version
"""

SYSTEM = """
SELECT system_identifier::text AS system_identifier FROM pg_control_system()
"""

PRIMARY_POSITION = """
SELECT pg_current_wal_lsn()::text AS written_lsn,
       pg_current_wal_flush_lsn()::text AS flushed_lsn,
       ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline
"""

# A receiver restarts at the start of a segment and may stand behind what is replayed: that is no lag.
REPLICA_POSITION = """
SELECT pg_last_wal_receive_lsn()::text AS received_lsn,
       pg_last_wal_replay_lsn()::text AS replayed_lsn,
       CASE WHEN pg_last_wal_receive_lsn() IS NOT NULL
            THEN greatest(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::bigint
       END AS replay_lag_bytes,
       pg_last_xact_replay_timestamp() AS last_replayed_at,
       greatest((SELECT received_tli FROM pg_stat_wal_receiver),
                (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                (SELECT timeline_id FROM pg_control_checkpoint())) AS timeline
"""

RECEIVER = """
SELECT status, extract(epoch FROM clock_timestamp() - last_msg_receipt_time)::float8 AS message_age_seconds
FROM pg_stat_wal_receiver
"""

REPLICAS = """
SELECT application_name, state, sent_lsn::text AS sent_lsn, replay_lsn::text AS replay_lsn
FROM pg_stat_replication ORDER BY application_name, pid
"""

SLOTS = """
SELECT slot_name::text AS name, active, wal_status, safe_wal_size::bigint AS safe_wal_size,
       pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS retained_bytes
FROM pg_replication_slots ORDER BY slot_name
"""

# Background processes and replication have other backend types; rdsadmin is AWS at work. Whoever may not see the types
# of others must not take them for none.
SESSIONS = """
SELECT CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN count(*) END AS client_sessions FROM pg_stat_activity
WHERE backend_type = 'client backend' AND usename NOT IN ('rdsadmin', current_user)
"""

BEAT = """
INSERT INTO dr.heartbeat AS h (site, beat, written_at) VALUES (:site, 1, clock_timestamp())
ON CONFLICT (site) DO UPDATE SET beat = h.beat + 1, written_at = excluded.written_at
"""

HEARTBEAT = """
SELECT site, beat, written_at, extract(epoch FROM clock_timestamp() - written_at)::float8 AS age_seconds
FROM dr.heartbeat ORDER BY written_at DESC LIMIT 1
"""

END_SESSIONS = """
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) AS ended FROM pg_stat_activity
WHERE coalesce(backend_type, 'client backend') = 'client backend' AND usename NOT IN ('rdsadmin', current_user)
"""
