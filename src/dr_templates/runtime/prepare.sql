-- Makes what the probe needs; run again, it changes nothing. Run by the master user, who is no superuser, in one
-- transaction in which the setting dr.role names the probe's role.
--
-- Since PostgreSQL 16 whoever creates a role becomes a member of it, and RDS lets members of rds_iam, indirect ones too,
-- in by token alone: the master user would lock itself out. So there a helper creates the role and is dropped again, and
-- its membership goes with it. A role of that name that is there already is somebody else's: whoever is its member would
-- rule the probe's role, so it is not used.
--
-- Extensions are made where the server offers them and lets this user make them: pgaudit has to be preloaded, and only
-- RDS lets a master user create either. Without them the database still serves, so a refusal is a notice, no failure.

DO $$
DECLARE
    probe_role constant text := current_setting('dr.role');
    wanted text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = probe_role) THEN
        IF current_setting('server_version_num')::int >= 160000 THEN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dr_maker') THEN
                RAISE EXCEPTION 'a role named dr_maker exists already; see that nobody needs it and drop it'
                    USING ERRCODE = 'duplicate_object';
            END IF;
            CREATE ROLE dr_maker CREATEROLE;
            EXECUTE 'GRANT dr_maker TO CURRENT_USER WITH SET TRUE, INHERIT FALSE';
            SET LOCAL ROLE dr_maker;
            EXECUTE format('CREATE ROLE %I LOGIN', probe_role);
            RESET ROLE;
            DROP ROLE dr_maker;
        ELSE
            EXECUTE format('CREATE ROLE %I LOGIN', probe_role);
        END IF;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
        EXECUTE format('GRANT rds_iam TO %I', probe_role);
    END IF;
    EXECUTE format('GRANT pg_monitor, pg_signal_backend TO %I', probe_role);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), probe_role);

    FOREACH wanted IN ARRAY string_to_array(current_setting('dr.extensions'), ',') LOOP
        IF EXISTS (SELECT FROM pg_available_extensions WHERE name = wanted) THEN
            BEGIN
                EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', wanted);
            EXCEPTION WHEN insufficient_privilege OR object_not_in_prerequisite_state THEN
                RAISE NOTICE 'extension % is not made: %', wanted, SQLERRM;
            END;
        END IF;
    END LOOP;
END $$;

CREATE SCHEMA IF NOT EXISTS dr;
REVOKE ALL ON SCHEMA dr FROM PUBLIC;

CREATE TABLE IF NOT EXISTS dr.heartbeat (
    site text PRIMARY KEY,
    beat bigint NOT NULL,
    written_at timestamptz NOT NULL
);
REVOKE ALL ON dr.heartbeat FROM PUBLIC;

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA dr TO %I', current_setting('dr.role'));
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON dr.heartbeat TO %I', current_setting('dr.role'));
END $$;
