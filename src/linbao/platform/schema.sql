-- PostgreSQL 18; written by make schema
CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);
CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);
CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);
CREATE FUNCTION public.audit_digest(document text) RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    key bytea := decode(coalesce(current_setting('linbao.audit_digest_key', true), ''), 'hex');
BEGIN
    RETURN sha256(key || sha256(key || convert_to(document, 'UTF8')));
END $$;
CREATE FUNCTION public.audit_fact_accounts_roleproposal() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'accounts_roleproposal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'accounts_roleproposal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, user_id, role, unit_id, starts, ends, proposed_by_id, proposed_at, state, decided_by_id, decided_at, reason)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'accounts_roleproposal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'accounts_roleproposal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, user_id, role, unit_id, starts, ends, proposed_by_id, proposed_at, state, decided_by_id, decided_at, reason)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, user_id, role, unit_id, starts, ends, proposed_by_id, proposed_at, state, decided_by_id, decided_at, reason)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'accounts_roleproposal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'accounts_roleproposal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_appraisal_appraisal() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_appraisal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_appraisal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, cycle_id, person_id, group_id, figures, items, facts_score, self_score, peer_score, superior_score, total, capped, suggested, grade)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_appraisal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_appraisal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, cycle_id, person_id, group_id, figures, items, facts_score, self_score, peer_score, superior_score, total, capped, suggested, grade)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, cycle_id, person_id, group_id, figures, items, facts_score, self_score, peer_score, superior_score, total, capped, suggested, grade)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_appraisal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_appraisal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_appraisal_change() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_change', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_change', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, appraisal_id, before, after, reason, objection, by_id, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_change', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_change', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, before, after, reason, objection, by_id, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, before, after, reason, objection, by_id, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_change', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_change', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_appraisal_cycle() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_cycle', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_cycle', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, half, version, state, rules, rules_version, zone, since, until, seed, opened_at, opened_by_id, self_due, peer_due, superior_due, publish_due, objection_due, published_at, published_by_id, closed_at, reopened_reason, previous_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_cycle', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_cycle', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, half, version, state, rules, rules_version, zone, since, until, seed, opened_at, opened_by_id, self_due, peer_due, superior_due, publish_due, objection_due, published_at, published_by_id, closed_at, reopened_reason, previous_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, half, version, state, rules, rules_version, zone, since, until, seed, opened_at, opened_by_id, self_due, peer_due, superior_due, publish_due, objection_due, published_at, published_by_id, closed_at, reopened_reason, previous_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_cycle', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_cycle', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_appraisal_objection() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_objection', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_objection', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, appraisal_id, at, due_at, decider_id, decided_by_id, decided_at, upheld)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_objection', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_objection', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, at, due_at, decider_id, decided_by_id, decided_at, upheld)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, at, due_at, decider_id, decided_by_id, decided_at, upheld)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_objection', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_objection', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_appraisal_proposal() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_proposal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_proposal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, appraisal_id, kind, metric, state, reason, decided_by_id, decided_at, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_proposal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_proposal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, kind, metric, state, reason, decided_by_id, decided_at, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, kind, metric, state, reason, decided_by_id, decided_at, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_proposal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_proposal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_appraisal_rating() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_rating', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_rating', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, appraisal_id, rater_id, kind, marks, score, submitted_at, left_out_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_rating', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_rating', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, rater_id, kind, marks, score, submitted_at, left_out_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, appraisal_id, rater_id, kind, marks, score, submitted_at, left_out_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'appraisal_rating', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'appraisal_rating', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_conduct_award() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_award', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_award', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, nomination_id, community_id, person_id, kind, title, citation, goods, amount, points, half, year, decided_by_id, decided_at, handed_over_at, handed_over_by_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_award', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_award', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, nomination_id, community_id, person_id, kind, title, citation, goods, amount, points, half, year, decided_by_id, decided_at, handed_over_at, handed_over_by_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, nomination_id, community_id, person_id, kind, title, citation, goods, amount, points, half, year, decided_by_id, decided_at, handed_over_at, handed_over_by_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_award', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_award', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_conduct_case() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_case', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_case', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, number, kind, suspected, person_id, community_id, since, until, opened_by_id, opened_at, state, barred, deciders, appeal_deciders, statement_due, stated_at, severity, decided_measure, decided_by_id, decided_at, appeal_until, appealed_at, appeal_decided_by_id, appeal_decided_at, measure, expires_at, expired_at, reasons IS NOT NULL, answer IS NOT NULL)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_case', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_case', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, number, kind, suspected, person_id, community_id, since, until, opened_by_id, opened_at, state, barred, deciders, appeal_deciders, statement_due, stated_at, severity, decided_measure, decided_by_id, decided_at, appeal_until, appealed_at, appeal_decided_by_id, appeal_decided_at, measure, expires_at, expired_at, reasons IS NOT NULL, answer IS NOT NULL)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, number, kind, suspected, person_id, community_id, since, until, opened_by_id, opened_at, state, barred, deciders, appeal_deciders, statement_due, stated_at, severity, decided_measure, decided_by_id, decided_at, appeal_until, appealed_at, appeal_decided_by_id, appeal_decided_at, measure, expires_at, expired_at, reasons IS NOT NULL, answer IS NOT NULL)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_case', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_case', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_conduct_contribution() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_contribution', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_contribution', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, community_id, item_id, adoption_id, worth, points, note, half, recorded_by_id, recorded_at, confirmed_by_id, confirmed_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_contribution', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_contribution', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, community_id, item_id, adoption_id, worth, points, note, half, recorded_by_id, recorded_at, confirmed_by_id, confirmed_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, community_id, item_id, adoption_id, worth, points, note, half, recorded_by_id, recorded_at, confirmed_by_id, confirmed_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_contribution', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_contribution', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_conduct_evidence() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_evidence', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_evidence', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, case_id, digest, taken_by_id, taken_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_evidence', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_evidence', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, case_id, digest, taken_by_id, taken_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, case_id, digest, taken_by_id, taken_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_evidence', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_evidence', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_conduct_nomination() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_nomination', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_nomination', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, community_id, nominee_id, reasons, half, nominated_by_id, at, state, decided_by_id, decided_at, remark)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_nomination', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_nomination', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, community_id, nominee_id, reasons, half, nominated_by_id, at, state, decided_by_id, decided_at, remark)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, community_id, nominee_id, reasons, half, nominated_by_id, at, state, decided_by_id, decided_at, remark)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_nomination', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_nomination', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_conduct_revocation() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_revocation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_revocation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, case_id, person_id, at, roles, undone_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_revocation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_revocation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, case_id, person_id, at, roles, undone_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, case_id, person_id, at, roles, undone_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'conduct_revocation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'conduct_revocation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_confidentiality_agreement() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_agreement', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_agreement', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, number, title, body, required_from, written_by_id, written_at, published_by_id, published_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_agreement', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_agreement', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, number, title, body, required_from, written_by_id, written_at, published_by_id, published_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, number, title, body, required_from, written_by_id, written_at, published_by_id, published_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_agreement', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_agreement', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_confidentiality_approval() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_approval', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_approval', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, disclosure_id, by_id, approved, comment, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_approval', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_approval', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, disclosure_id, by_id, approved, comment, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, disclosure_id, by_id, approved, comment, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_approval', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_approval', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_confidentiality_disclosure() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_disclosure', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_disclosure', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, number, unit_id, asked_by_id, asked_at, recipient, purpose, legal_basis, form, identified, why_identified, until, items, confidential, state, decided_at, produced_at, mark, digest)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_disclosure', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_disclosure', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, number, unit_id, asked_by_id, asked_at, recipient, purpose, legal_basis, form, identified, why_identified, until, items, confidential, state, decided_at, produced_at, mark, digest)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, number, unit_id, asked_by_id, asked_at, recipient, purpose, legal_basis, form, identified, why_identified, until, items, confidential, state, decided_at, produced_at, mark, digest)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_disclosure', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_disclosure', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_confidentiality_papersignature() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_papersignature', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_papersignature', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, agreement_id, user_id, unit_id, signed_on, scan, recorded_by_id, recorded_at, state, decided_by_id, decided_at, reason, signature_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_papersignature', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_papersignature', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, agreement_id, user_id, unit_id, signed_on, scan, recorded_by_id, recorded_at, state, decided_by_id, decided_at, reason, signature_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, agreement_id, user_id, unit_id, signed_on, scan, recorded_by_id, recorded_at, state, decided_by_id, decided_at, reason, signature_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_papersignature', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_papersignature', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_confidentiality_privacyrequest() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_privacyrequest', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_privacyrequest', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, receipt, unit_id, kind, received_at, due_at, entered_by_id, state, identified_by_id, identified_at, granted, reason, decided_by_id, decided_at, agreed_by_id, answered_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_privacyrequest', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_privacyrequest', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, receipt, unit_id, kind, received_at, due_at, entered_by_id, state, identified_by_id, identified_at, granted, reason, decided_by_id, decided_at, agreed_by_id, answered_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, receipt, unit_id, kind, received_at, due_at, entered_by_id, state, identified_by_id, identified_at, granted, reason, decided_by_id, decided_at, agreed_by_id, answered_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_privacyrequest', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_privacyrequest', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_confidentiality_signature() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_signature', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_signature', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, agreement_id, user_id, unit_id, number, signed_at, valid_until, digest, document_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_signature', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_signature', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, agreement_id, user_id, unit_id, number, signed_at, valid_until, digest, document_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, agreement_id, user_id, unit_id, number, signed_at, valid_until, digest, document_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'confidentiality_signature', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'confidentiality_signature', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_documents_document() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_document', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_document', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, kind, unit_id, number, title, subject_type, subject_id, version, supersedes_id, code, issued_at, issued_by_id, pdf, docx, deidentified_at, original_pdf, original_docx, seal_id, sealed_at, sealed_by_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_document', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_document', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, kind, unit_id, number, title, subject_type, subject_id, version, supersedes_id, code, issued_at, issued_by_id, pdf, docx, deidentified_at, original_pdf, original_docx, seal_id, sealed_at, sealed_by_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, kind, unit_id, number, title, subject_type, subject_id, version, supersedes_id, code, issued_at, issued_by_id, pdf, docx, deidentified_at, original_pdf, original_docx, seal_id, sealed_at, sealed_by_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_document', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_document', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_documents_seal() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_seal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_seal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, kind, name, unit_id, person_id, custodian_id, picture, certificate, serial, chain, valid_from, valid_to, state, state_at, state_reason, made_by_id, made_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_seal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_seal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, kind, name, unit_id, person_id, custodian_id, picture, certificate, serial, chain, valid_from, valid_to, state, state_at, state_reason, made_by_id, made_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, kind, name, unit_id, person_id, custodian_id, picture, certificate, serial, chain, valid_from, valid_to, state, state_at, state_reason, made_by_id, made_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_seal', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_seal', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_documents_sealuse() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_sealuse', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_sealuse', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, seal_id, action, document_id, by_id, at, note)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_sealuse', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_sealuse', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, seal_id, action, document_id, by_id, at, note)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, seal_id, action, document_id, by_id, at, note)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'documents_sealuse', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'documents_sealuse', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_duties_leave() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'duties_leave', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'duties_leave', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, person_id, unit_id, starts, ends, kind, stand_in_id, state, asked_at, decided_by_id, decided_at, remark)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'duties_leave', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'duties_leave', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, person_id, unit_id, starts, ends, kind, stand_in_id, state, asked_at, decided_by_id, decided_at, remark)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, person_id, unit_id, starts, ends, kind, stand_in_id, state, asked_at, decided_by_id, decided_at, remark)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'duties_leave', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'duties_leave', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_duties_obligation() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'duties_obligation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'duties_obligation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, kind, clause, owner_id, unit_id, community_id, subject_type, subject_id, period, key, opened_at, due_at, met_at, missed_at, waived_at, waived_by_id, waived_reason, moved_from_id, leave_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'duties_obligation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'duties_obligation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, kind, clause, owner_id, unit_id, community_id, subject_type, subject_id, period, key, opened_at, due_at, met_at, missed_at, waived_at, waived_by_id, waived_reason, moved_from_id, leave_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, kind, clause, owner_id, unit_id, community_id, subject_type, subject_id, period, key, opened_at, due_at, met_at, missed_at, waived_at, waived_by_id, waived_reason, moved_from_id, leave_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'duties_obligation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'duties_obligation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_emergencies_alarm() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_alarm', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_alarm', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, report_id, community_id, reason, round, raised_at, acknowledged_at, acknowledged_by_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_alarm', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_alarm', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, report_id, community_id, reason, round, raised_at, acknowledged_at, acknowledged_by_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, report_id, community_id, reason, round, raised_at, acknowledged_at, acknowledged_by_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_alarm', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_alarm', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_emergencies_urgentreport() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_urgentreport', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_urgentreport', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, reporter_id, community_id, number, seen_at, opened_at, called_at, call_entered_at, written_at, finished_at, joined_to_id, ended_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_urgentreport', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_urgentreport', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, reporter_id, community_id, number, seen_at, opened_at, called_at, call_entered_at, written_at, finished_at, joined_to_id, ended_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, reporter_id, community_id, number, seen_at, opened_at, called_at, call_entered_at, written_at, finished_at, joined_to_id, ended_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_urgentreport', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_urgentreport', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_emergencies_urgentversion() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_urgentversion', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_urgentversion', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, report_id, version, stage, content, changed, written_at, entered_at, by_id, seal_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_urgentversion', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_urgentversion', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, report_id, version, stage, content, changed, written_at, entered_at, by_id, seal_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, report_id, version, stage, content, changed, written_at, entered_at, by_id, seal_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'emergencies_urgentversion', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'emergencies_urgentversion', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_adoption() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_adoption', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_adoption', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, kind, note, recorded_by_id, at, confirmed_by_id, confirmed_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_adoption', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_adoption', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, kind, note, recorded_by_id, at, confirmed_by_id, confirmed_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, kind, note, recorded_by_id, at, confirmed_by_id, confirmed_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_adoption', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_adoption', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_assignment() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_assignment', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_assignment', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, unit_id, handler_id, instruction, assigned_by_id, assigned_at, due_at, round, ended_at, outcome)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_assignment', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_assignment', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, unit_id, handler_id, instruction, assigned_by_id, assigned_at, due_at, round, ended_at, outcome)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, unit_id, handler_id, instruction, assigned_by_id, assigned_at, due_at, round, ended_at, outcome)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_assignment', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_assignment', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_callback() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_callback', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_callback', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, community_id, drawn_at, caller_id, done_at, outcome, verdict, matches, remark IS NOT NULL)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_callback', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_callback', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, community_id, drawn_at, caller_id, done_at, outcome, verdict, matches, remark IS NOT NULL)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, community_id, drawn_at, caller_id, done_at, outcome, verdict, matches, remark IS NOT NULL)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_callback', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_callback', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_evaluation() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_evaluation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_evaluation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, round, verdict, remark IS NOT NULL, reason, by_link, recorded_by_id, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_evaluation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_evaluation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, round, verdict, remark IS NOT NULL, reason, by_link, recorded_by_id, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, round, verdict, remark IS NOT NULL, reason, by_link, recorded_by_id, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_evaluation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_evaluation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_extension() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_extension', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_extension', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, assignment_id, asked_by_id, asked_at, reason, until, granted, decided_by_id, decided_at, remark)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_extension', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_extension', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, assignment_id, asked_by_id, asked_at, reason, until, granted, decided_by_id, decided_at, remark)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, assignment_id, asked_by_id, asked_at, reason, until, granted, decided_by_id, decided_at, remark)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_extension', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_extension', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_informing() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_informing', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_informing', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, round, final, method, outcome, message, reason, by_id, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_informing', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_informing', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, round, final, method, outcome, message, reason, by_id, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, round, final, method, outcome, message, reason, by_id, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_informing', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_informing', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_handling_supervision() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_supervision', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_supervision', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, assignment_id, by_id, at, requirements, due_at, answer, answered_by_id, answered_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_supervision', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_supervision', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, assignment_id, by_id, at, requirements, due_at, answer, answered_by_id, answered_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, assignment_id, by_id, at, requirements, due_at, answer, answered_by_id, answered_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'handling_supervision', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'handling_supervision', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_items_activity() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_activity', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_activity', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, kind, reporter_id, community_id, grid_id, work_group_id, starts_at, minutes, place, people, notes, created_at, weekly_report)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_activity', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_activity', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, kind, reporter_id, community_id, grid_id, work_group_id, starts_at, minutes, place, people, notes, created_at, weekly_report)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, kind, reporter_id, community_id, grid_id, work_group_id, starts_at, minutes, place, people, notes, created_at, weekly_report)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_activity', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_activity', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_items_attachment() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_attachment', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_attachment', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, activity_id, stage, owner_id, kind, size, sha256, taken_at, created_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_attachment', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_attachment', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, activity_id, stage, owner_id, kind, size, sha256, taken_at, created_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, activity_id, stage, owner_id, kind, size, sha256, taken_at, created_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_attachment', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_attachment', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_items_item() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_item', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_item', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, number, category, subcategory, title, narrative, details, key_points, analysis, suggestion, status, urgent, sensitivity, named, community_id, grid_id, work_group_id, reporter_id, channel, occurred_at, seen_at, reported_at, arrived_at, created_at, closed_at, place, source, activity_id, handling_unit_id, handler_id, assistants, due_at, result, verdict, adopted, round, returns, merged_into_id, weekly_report)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_item', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_item', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, number, category, subcategory, title, narrative, details, key_points, analysis, suggestion, status, urgent, sensitivity, named, community_id, grid_id, work_group_id, reporter_id, channel, occurred_at, seen_at, reported_at, arrived_at, created_at, closed_at, place, source, activity_id, handling_unit_id, handler_id, assistants, due_at, result, verdict, adopted, round, returns, merged_into_id, weekly_report)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, number, category, subcategory, title, narrative, details, key_points, analysis, suggestion, status, urgent, sensitivity, named, community_id, grid_id, work_group_id, reporter_id, channel, occurred_at, seen_at, reported_at, arrived_at, created_at, closed_at, place, source, activity_id, handling_unit_id, handler_id, assistants, due_at, result, verdict, adopted, round, returns, merged_into_id, weekly_report)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_item', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_item', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_items_party() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_party', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_party', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, role, name IS NOT NULL, phone IS NOT NULL)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_party', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_party', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, role, name IS NOT NULL, phone IS NOT NULL)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, role, name IS NOT NULL, phone IS NOT NULL)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_party', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_party', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_management_meetingperson() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'management_meetingperson', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'management_meetingperson', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, meeting_id, person_id, presence, signed_at, signed_by_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'management_meetingperson', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'management_meetingperson', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, meeting_id, person_id, presence, signed_at, signed_by_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, meeting_id, person_id, presence, signed_at, signed_by_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'management_meetingperson', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'management_meetingperson', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_management_minutes() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'management_minutes', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'management_minutes', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, meeting_id, version, content, digest, by_id, at, document_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'management_minutes', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'management_minutes', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, meeting_id, version, content, digest, by_id, at, document_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, meeting_id, version, content, digest, by_id, at, document_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'management_minutes', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'management_minutes', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_organisation_rolegrant() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'organisation_rolegrant', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'organisation_rolegrant', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, user_id, role, unit_id, starts, ends, granted_by_id, granted_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'organisation_rolegrant', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'organisation_rolegrant', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, user_id, role, unit_id, starts, ends, granted_by_id, granted_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, user_id, role, unit_id, starts, ends, granted_by_id, granted_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'organisation_rolegrant', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'organisation_rolegrant', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_outbox_delivery() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'outbox_delivery', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'outbox_delivery', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, key, channel, recipient, unit_id, caused_by_id, subject_type, subject_id, created_at, sent_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'outbox_delivery', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'outbox_delivery', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, key, channel, recipient, unit_id, caused_by_id, subject_type, subject_id, created_at, sent_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, key, channel, recipient, unit_id, caused_by_id, subject_type, subject_id, created_at, sent_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'outbox_delivery', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'outbox_delivery', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_review_finding() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'review_finding', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'review_finding', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, review_id, field, check_kind, reason_id, note)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'review_finding', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'review_finding', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, review_id, field, check_kind, reason_id, note)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, review_id, field, check_kind, reason_id, note)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'review_finding', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'review_finding', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_review_review() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'review_review', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'review_review', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, item_id, reviewer_id, at, round, approved, answers, remark, completeness_mark, analysis_mark, snapshot)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'review_review', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'review_review', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, item_id, reviewer_id, at, round, approved, answers, remark, completeness_mark, analysis_mark, snapshot)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, item_id, reviewer_id, at, round, approved, answers, remark, completeness_mark, analysis_mark, snapshot)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'review_review', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'review_review', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_security_confirmation() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_confirmation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_confirmation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, version_id, person_id, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_confirmation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_confirmation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, version_id, person_id, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, version_id, person_id, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_confirmation', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_confirmation', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_security_finding() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_finding', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_finding', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, inspection_id, problem, owner_id, due_at, found_at, correction, fixed_at, closed_by_id, closed_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_finding', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_finding', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, inspection_id, problem, owner_id, due_at, found_at, correction, fixed_at, closed_by_id, closed_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, inspection_id, problem, owner_id, due_at, found_at, correction, fixed_at, closed_by_id, closed_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_finding', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_finding', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_security_incident() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_incident', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_incident', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, number, kind, state, severity, seen_at, noticed_by_id, noticed_at, personal, people, classified_at, authority_at, people_at, contained_at, closed_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_incident', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_incident', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, number, kind, state, severity, seen_at, noticed_by_id, noticed_at, personal, people, classified_at, authority_at, people_at, contained_at, closed_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, number, kind, state, severity, seen_at, noticed_by_id, noticed_at, personal, people, classified_at, authority_at, people_at, contained_at, closed_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_incident', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_incident', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_security_inspection() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_inspection', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_inspection', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, device_id, place_id, answers, by_id, at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_inspection', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_inspection', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, device_id, place_id, answers, by_id, at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, device_id, place_id, answers, by_id, at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_inspection', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_inspection', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_security_rightsreview() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_rightsreview', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_rightsreview', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, quarter, by_id, at, lines, retained, ended)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_rightsreview', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_rightsreview', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, quarter, by_id, at, lines, retained, ended)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, quarter, by_id, at, lines, retained, ended)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_rightsreview', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_rightsreview', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_security_substitute() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_substitute', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_substitute', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, unit_id, guard, measure, proof, file, expires_on, by_id, at, ended_at, ended_by_id)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_substitute', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_substitute', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, unit_id, guard, measure, proof, file, expires_on, by_id, at, ended_at, ended_by_id)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, unit_id, guard, measure, proof, file, expires_on, by_id, at, ended_at, ended_by_id)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'security_substitute', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'security_substitute', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_training_seat() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'training_seat', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'training_seat', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, session_id, person_id, status, leave_reason, decided_by_id, signed_in_at, signed_out_at, by_hand_id, hand_reason, minutes)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'training_seat', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'training_seat', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, session_id, person_id, status, leave_reason, decided_by_id, signed_in_at, signed_out_at, by_hand_id, hand_reason, minutes)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, session_id, person_id, status, leave_reason, decided_by_id, signed_in_at, signed_out_at, by_hand_id, hand_reason, minutes)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'training_seat', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'training_seat', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_training_session() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'training_session', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'training_session', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, community_id, quarter, title, subjects, course_id, topic_id, place, starts_at, minutes, status, cancel_reason, summary, ended_at, number, record_version, record_by_id, created_by_id, created_at)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'training_session', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'training_session', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, community_id, quarter, title, subjects, course_id, topic_id, place, starts_at, minutes, status, cancel_reason, summary, ended_at, number, record_version, record_by_id, created_by_id, created_at)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, community_id, quarter, title, subjects, course_id, topic_id, place, starts_at, minutes, status, cancel_reason, summary, ended_at, number, record_version, record_by_id, created_by_id, created_at)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'training_session', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'training_session', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_fact_weekly_reports_weeklyreport() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'weekly_reports_weeklyreport', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'weekly_reports_weeklyreport', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, week, reporter_id, work_group_id, by_group, community_id, status, nil_reason, timing_reason, facts, texts, number, version, covers_from, covers_until, confirmed_at, sent_at, reviewed_at, reviewed_by_id, findings)::text) AS digest FROM written) c) f;
    ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'weekly_reports_weeklyreport', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'weekly_reports_weeklyreport', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT coalesce(n.id, o.id) AS subject, n.digest FROM (SELECT id, audit_digest(jsonb_build_array(id, week, reporter_id, work_group_id, by_group, community_id, status, nil_reason, timing_reason, facts, texts, number, version, covers_from, covers_until, confirmed_at, sent_at, reviewed_at, reviewed_by_id, findings)::text) AS digest FROM written) n FULL JOIN (SELECT id, audit_digest(jsonb_build_array(id, week, reporter_id, work_group_id, by_group, community_id, status, nil_reason, timing_reason, facts, texts, number, version, covers_from, covers_until, confirmed_at, sent_at, reviewed_at, reviewed_by_id, findings)::text) AS digest FROM replaced) o ON o.id = n.id WHERE n.digest IS DISTINCT FROM o.digest) c) f;
    ELSE
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'weekly_reports_weeklyreport', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'weekly_reports_weeklyreport', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, NULL::bytea AS digest FROM replaced) c) f;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.audit_mark(payload bytea) RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    key bytea := decode(coalesce(current_setting('linbao.audit_key', true), ''), 'hex');
BEGIN
    IF length(key) = 0 THEN
        RETURN NULL;
    END IF;
    RETURN decode(current_setting('linbao.audit_session'), 'hex') || substr(sha256(key || sha256(key || payload)), 1, 16);
END $$;
CREATE FUNCTION public.audit_note() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO audit_pending (at, id) SELECT at, id FROM written;
    RETURN NULL;
END $$;
CREATE FUNCTION public.conduct_evidence_frozen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('linbao.resealing', true) = 'on'
     AND (NEW.id, NEW.case_id, NEW.digest, NEW.taken_by_id, NEW.taken_at)
       = (OLD.id, OLD.case_id, OLD.digest, OLD.taken_by_id, OLD.taken_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'evidence is frozen';
END $$;
CREATE FUNCTION public.items_entry_audit() RETURNS trigger
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_record (id, at, actor_id, actor_name, action, subject_type, subject_id, unit_id, reason, data, mac)
        SELECT e.id, e.at, e.actor_id, e.actor_name, 'item.' || e.verb, 'items.item', e.item_id::text, i.community_id, '',
               CASE WHEN e.after = '' THEN '{}' ELSE jsonb_build_object('before', e.before, 'after', e.after) END,
               coalesce(audit_mark(e.digest), decode(repeat('00', 32), 'hex')) || e.digest
          FROM (SELECT w.*, audit_digest(jsonb_build_array(id, at, item_id, actor_id, actor_name, verb, before, after, note, data)::text) AS digest FROM written w) e LEFT JOIN items_item i ON i.id = e.item_id;
        RETURN NULL;
    END IF;
    INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, unit_id, reason, data, mac)
    SELECT c.line, clock_timestamp(), '', 'item.reword', 'items.item', c.item_id::text, i.community_id, '',
           jsonb_build_object('entry', c.id, 'digest_before', encode(c.old, 'hex'), 'digest_after', encode(c.new, 'hex')),
           audit_mark(convert_to(concat_ws('|', c.line, c.id, encode(c.old, 'hex'), encode(c.new, 'hex')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS line, n.id, n.item_id, o.digest AS old, n.digest AS new
              FROM (SELECT id, item_id, audit_digest(jsonb_build_array(id, at, item_id, actor_id, actor_name, verb, before, after, note, data)::text) AS digest FROM written) n
              JOIN (SELECT id, audit_digest(jsonb_build_array(id, at, item_id, actor_id, actor_name, verb, before, after, note, data)::text) AS digest FROM replaced) o ON o.id = n.id WHERE o.digest <> n.digest) c
      LEFT JOIN items_item i ON i.id = c.item_id;
    INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)
    SELECT f.id, clock_timestamp(), f.seq, 'items_entry', f.subject, f.digest, audit_mark(convert_to(concat_ws('|', f.id, f.seq, 'items_entry', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest
              FROM (SELECT id AS subject, audit_digest(jsonb_build_array(id, at, item_id, actor_id, actor_name, verb, before, after, note, data)::text) AS digest FROM written) c) f;
    RETURN NULL;
END $$;
CREATE FUNCTION public.linbao_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE FUNCTION public.linbao_entry_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('linbao.anonymising', true) = 'on'
     AND (NEW.id, NEW.at, NEW.item_id, NEW.verb, NEW.before, NEW.after, NEW.actor_name)
       = (OLD.id, OLD.at, OLD.item_id, OLD.verb, OLD.before, OLD.after, OLD.actor_name)
     AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'append-only';
END $$;
CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;
CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;
    RETURN job_ids;
END;
$$;
CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;
    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;
    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;
    RETURN _job_id;
END;
$$;
CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    queueing_lock text,
    priority integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0');
CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_sort TO 'off'
    SET enable_incremental_sort TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    AS $$
DECLARE
    queues character varying[] := target_queue_names;
    candidate bigint;
    fetched procrastinate_jobs;
BEGIN
    IF queues IS NULL THEN
        WITH RECURSIVE names AS (
            (SELECT queue_name FROM procrastinate_jobs ORDER BY queue_name LIMIT 1)
            UNION ALL
            SELECT (SELECT j.queue_name FROM procrastinate_jobs j WHERE j.queue_name > n.queue_name
                    ORDER BY j.queue_name LIMIT 1)
              FROM names n WHERE n.queue_name IS NOT NULL
        )
        SELECT array_agg(queue_name) INTO queues FROM names WHERE queue_name IS NOT NULL;
    END IF;
    FOR candidate IN
        WITH RECURSIVE locks AS (
            (SELECT lock FROM procrastinate_jobs WHERE status = 'todo' AND lock IS NOT NULL ORDER BY lock, priority DESC, id LIMIT 1)
            UNION ALL
            SELECT (SELECT j.lock FROM procrastinate_jobs j
                     WHERE j.status = 'todo' AND j.lock IS NOT NULL AND j.lock > l.lock ORDER BY j.lock, j.priority DESC, j.id LIMIT 1)
              FROM locks l WHERE l.lock IS NOT NULL
        ), heads AS (
            SELECT h.* FROM locks l CROSS JOIN LATERAL (
                SELECT j.id, j.priority, j.queue_name, j.scheduled_at FROM procrastinate_jobs j
                 WHERE j.status = 'todo' AND j.lock >= l.lock AND j.lock <= l.lock
                 ORDER BY j.lock, j.priority DESC, j.id LIMIT 1) h
             WHERE l.lock IS NOT NULL
               AND (SELECT d.lock FROM procrastinate_jobs d WHERE d.status = 'doing' AND d.lock >= l.lock AND d.lock <= l.lock
                     ORDER BY d.lock LIMIT 1) IS NULL
        )
        SELECT c.id FROM (
            SELECT r.id, r.priority FROM unnest(queues) AS q (name) CROSS JOIN LATERAL (
                SELECT j.id, j.priority FROM procrastinate_jobs j
                 WHERE j.status = 'todo' AND j.lock IS NULL AND j.scheduled_at IS NULL
                   AND j.queue_name >= q.name AND j.queue_name <= q.name
                 ORDER BY j.queue_name, j.priority DESC, j.id LIMIT 16) r
            UNION ALL
            SELECT r.id, r.priority FROM unnest(queues) AS q (name) CROSS JOIN LATERAL (
                SELECT j.id, j.priority FROM procrastinate_jobs j
                 WHERE j.status = 'todo' AND j.lock IS NULL AND j.scheduled_at <= now()
                   AND j.queue_name >= q.name AND j.queue_name <= q.name
                 ORDER BY j.queue_name, j.scheduled_at LIMIT 16) r
            UNION ALL
            SELECT h.id, h.priority FROM heads h
             WHERE h.queue_name = ANY (queues) AND (h.scheduled_at IS NULL OR h.scheduled_at <= now())
        ) c ORDER BY c.priority DESC, c.id
    LOOP
        SELECT * INTO fetched FROM procrastinate_jobs WHERE id = candidate FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR fetched.status <> 'todo';
        UPDATE procrastinate_jobs SET status = 'doing', worker_id = p_worker_id WHERE id = candidate RETURNING * INTO fetched;
        RETURN fetched;
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;
CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;
CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;
CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id uuid NOT NULL
);
ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_apitoken (
    id uuid NOT NULL,
    name character varying(60) NOT NULL,
    digest character varying(64) NOT NULL,
    scopes character varying(40)[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    user_id uuid NOT NULL
);
CREATE TABLE public.accounts_passwordreset (
    id uuid NOT NULL,
    officer boolean NOT NULL,
    first_half bytea,
    asked_at timestamp with time zone NOT NULL,
    opened_at timestamp with time zone,
    asked_by_id uuid,
    opened_by_id uuid,
    person_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.accounts_phone (
    id uuid NOT NULL,
    device uuid NOT NULL,
    platform character varying(60) NOT NULL,
    screen character varying(20) NOT NULL,
    storage_mb integer,
    standalone boolean NOT NULL,
    version character varying(20) NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    wipe_asked_at timestamp with time zone,
    whole boolean NOT NULL,
    wiped_at timestamp with time zone,
    user_id uuid NOT NULL
);
CREATE TABLE public.accounts_roleproposal (
    id uuid NOT NULL,
    role character varying(20) NOT NULL,
    starts date NOT NULL,
    ends date,
    proposed_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    decided_at timestamp with time zone,
    reason character varying(200) NOT NULL,
    decided_by_id uuid,
    proposed_by_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    user_id uuid NOT NULL
);
CREATE TABLE public.appraisal_appraisal (
    id uuid NOT NULL,
    name character varying(40) NOT NULL,
    groups jsonb NOT NULL,
    "left" boolean NOT NULL,
    months numeric(3,2) NOT NULL,
    absences jsonb NOT NULL,
    figures jsonb NOT NULL,
    items integer NOT NULL,
    small boolean NOT NULL,
    facts_score numeric(5,2),
    self_score numeric(5,2),
    peer_score numeric(5,2),
    superior_score numeric(5,2),
    total numeric(5,2),
    capped boolean NOT NULL,
    suggested character varying(10) NOT NULL,
    grade character varying(10) NOT NULL,
    group_id uuid,
    person_id uuid NOT NULL,
    cycle_id uuid NOT NULL
);
CREATE TABLE public.appraisal_cap (
    id uuid NOT NULL,
    half date NOT NULL,
    source character varying(8) NOT NULL,
    reference character varying(60) NOT NULL,
    reason bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    by_id uuid,
    person_id uuid NOT NULL
);
CREATE TABLE public.appraisal_change (
    id uuid NOT NULL,
    before character varying(10) NOT NULL,
    after character varying(10) NOT NULL,
    reason character varying(300) NOT NULL,
    objection boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    appraisal_id uuid NOT NULL,
    by_id uuid NOT NULL
);
CREATE TABLE public.appraisal_cycle (
    id uuid NOT NULL,
    half date NOT NULL,
    version smallint NOT NULL,
    state character varying(10) NOT NULL,
    rules jsonb NOT NULL,
    rules_version smallint NOT NULL,
    zone character varying(40) NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    seed bigint NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    self_due timestamp with time zone NOT NULL,
    peer_due timestamp with time zone NOT NULL,
    superior_due timestamp with time zone NOT NULL,
    publish_due timestamp with time zone NOT NULL,
    objection_due timestamp with time zone,
    counted_at timestamp with time zone,
    published_at timestamp with time zone,
    closed_at timestamp with time zone,
    reopened_reason character varying(300) NOT NULL,
    opened_by_id uuid,
    previous_id uuid,
    published_by_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.appraisal_objection (
    id uuid NOT NULL,
    grounds bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    upheld boolean,
    reply bytea,
    appraisal_id uuid NOT NULL,
    decided_by_id uuid,
    decider_id uuid,
    CONSTRAINT appraisal_objection_names_decider CHECK (((decided_at IS NULL) OR ((decided_by_id IS NOT NULL) AND (upheld IS NOT NULL))))
);
CREATE TABLE public.appraisal_proposal (
    id uuid NOT NULL,
    kind character varying(12) NOT NULL,
    metric character varying(12) NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(300) NOT NULL,
    decided_at timestamp with time zone,
    at timestamp with time zone NOT NULL,
    appraisal_id uuid NOT NULL,
    decided_by_id uuid
);
CREATE TABLE public.appraisal_rating (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    marks jsonb NOT NULL,
    score numeric(5,2),
    evidence bytea,
    remark bytea,
    submitted_at timestamp with time zone,
    left_out_at timestamp with time zone,
    appraisal_id uuid NOT NULL,
    rater_id uuid NOT NULL,
    CONSTRAINT appraisal_rating_has_score CHECK (((submitted_at IS NULL) OR (score IS NOT NULL)))
);
CREATE TABLE public.appraisal_ruleset (
    id uuid NOT NULL,
    version smallint NOT NULL,
    rules jsonb NOT NULL,
    note character varying(200) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    made_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.archive_gridday (
    id bigint NOT NULL,
    day date NOT NULL,
    submitted integer NOT NULL,
    closed integer NOT NULL,
    community_id uuid NOT NULL,
    grid_id uuid NOT NULL
);
ALTER TABLE public.archive_gridday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.archive_gridday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.archive_rollup (
    id bigint NOT NULL,
    day date NOT NULL,
    category character varying(12) NOT NULL,
    subcategory character varying(40) NOT NULL,
    submitted integer NOT NULL,
    closed integer NOT NULL,
    returned integer NOT NULL,
    urgent integer NOT NULL,
    judged integer NOT NULL,
    first_pass integer NOT NULL,
    close_hours double precision NOT NULL,
    overdue integer NOT NULL,
    satisfied integer NOT NULL,
    mostly_satisfied integer NOT NULL,
    unsatisfied integer NOT NULL,
    decisions integer NOT NULL,
    returns integer NOT NULL,
    unrated integer NOT NULL,
    first_answers integer NOT NULL,
    first_content integer NOT NULL,
    last_answers integer NOT NULL,
    last_content integer NOT NULL,
    community_id uuid NOT NULL
);
ALTER TABLE public.archive_rollup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.archive_rollup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.archive_savedview (
    id uuid NOT NULL,
    name character varying(40) NOT NULL,
    query character varying(1000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    user_id uuid NOT NULL
);
CREATE TABLE public.audit_block (
    number bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    ids uuid[] NOT NULL,
    leaves bytea NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL,
    key_id uuid NOT NULL
);
CREATE TABLE public.audit_detachment (
    id uuid NOT NULL,
    partition character varying(60) NOT NULL,
    at timestamp with time zone NOT NULL,
    rows bigint NOT NULL,
    blocks jsonb NOT NULL
);
CREATE TABLE public.audit_event (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    action character varying(60) NOT NULL,
    severity character varying(6) NOT NULL,
    address inet,
    user_id uuid,
    data jsonb NOT NULL,
    told_at timestamp with time zone
);
CREATE TABLE public.audit_fact (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    source character varying(40) NOT NULL,
    subject uuid NOT NULL,
    digest bytea,
    mac bytea
)
PARTITION BY RANGE (at);
CREATE TABLE public.audit_fact_rest (
    id uuid CONSTRAINT audit_fact_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT audit_fact_at_not_null NOT NULL,
    seq bigint CONSTRAINT audit_fact_seq_not_null NOT NULL,
    source character varying(40) CONSTRAINT audit_fact_source_not_null NOT NULL,
    subject uuid CONSTRAINT audit_fact_subject_not_null NOT NULL,
    digest bytea,
    mac bytea
);
CREATE SEQUENCE public.audit_fact_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.audit_key (
    id uuid NOT NULL,
    signing bytea NOT NULL,
    marking bytea NOT NULL,
    public character varying(64) NOT NULL,
    made_at timestamp with time zone NOT NULL
);
CREATE TABLE public.audit_pending (
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');
CREATE TABLE public.audit_record (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_name character varying(40) NOT NULL,
    action character varying(60) NOT NULL,
    subject_type character varying(40) NOT NULL,
    subject_id character varying(64) NOT NULL,
    unit_id uuid,
    reason character varying(300) NOT NULL,
    address inet,
    data jsonb NOT NULL,
    mac bytea
)
PARTITION BY RANGE (at);
CREATE TABLE public.audit_record_rest (
    id uuid CONSTRAINT audit_record_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT audit_record_at_not_null NOT NULL,
    actor_id uuid,
    actor_name character varying(40) CONSTRAINT audit_record_actor_name_not_null NOT NULL,
    action character varying(60) CONSTRAINT audit_record_action_not_null NOT NULL,
    subject_type character varying(40) CONSTRAINT audit_record_subject_type_not_null NOT NULL,
    subject_id character varying(64) CONSTRAINT audit_record_subject_id_not_null NOT NULL,
    unit_id uuid,
    reason character varying(300) CONSTRAINT audit_record_reason_not_null NOT NULL,
    address inet,
    data jsonb CONSTRAINT audit_record_data_not_null NOT NULL,
    mac bytea
);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accessattempt (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    get_data text NOT NULL,
    post_data text NOT NULL,
    failures_since_start integer NOT NULL,
    CONSTRAINT axes_accessattempt_failures_since_start_check CHECK ((failures_since_start >= 0))
);
ALTER TABLE public.axes_accessattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accessattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accessattemptexpiration (
    access_attempt_id integer NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.axes_accessfailurelog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    locked_out boolean NOT NULL
);
ALTER TABLE public.axes_accessfailurelog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accessfailurelog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accesslog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    logout_time timestamp with time zone,
    session_hash character varying(64) NOT NULL
);
ALTER TABLE public.axes_accesslog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accesslog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.conduct_award (
    id uuid NOT NULL,
    kind character varying(12) NOT NULL,
    title character varying(40) NOT NULL,
    citation character varying(200) NOT NULL,
    goods character varying(80) NOT NULL,
    amount numeric(9,2) NOT NULL,
    points numeric(7,2) NOT NULL,
    half date NOT NULL,
    year smallint NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    handed_over_at timestamp with time zone,
    shown_since timestamp with time zone,
    community_id uuid NOT NULL,
    decided_by_id uuid NOT NULL,
    handed_over_by_id uuid,
    person_id uuid NOT NULL,
    nomination_id uuid NOT NULL,
    CONSTRAINT award_amount CHECK ((amount >= (0)::numeric))
);
CREATE TABLE public.conduct_budget (
    id uuid NOT NULL,
    year smallint NOT NULL,
    amount numeric(11,2) NOT NULL,
    set_at timestamp with time zone NOT NULL,
    set_by_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT budget_amount CHECK ((amount >= (0)::numeric))
);
CREATE TABLE public.conduct_case (
    id uuid NOT NULL,
    number character varying(40) NOT NULL,
    kind character varying(10) NOT NULL,
    suspected character varying(8) NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    allegation bytea NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    barred uuid[] NOT NULL,
    deciders uuid[] NOT NULL,
    appeal_deciders uuid[] NOT NULL,
    statement_due timestamp with time zone NOT NULL,
    statement bytea,
    stated_at timestamp with time zone,
    severity character varying(8) NOT NULL,
    decided_measure character varying(10) NOT NULL,
    reasons bytea,
    decided_at timestamp with time zone,
    appeal_until timestamp with time zone,
    appeal bytea,
    appealed_at timestamp with time zone,
    answer bytea,
    appeal_decided_at timestamp with time zone,
    measure character varying(10) NOT NULL,
    expires_at timestamp with time zone,
    expired_at timestamp with time zone,
    appeal_decided_by_id uuid,
    community_id uuid NOT NULL,
    decided_by_id uuid,
    opened_by_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT appeal_by_another CHECK (((appeal_decided_by_id IS NULL) OR (NOT ((appeal_decided_by_id = decided_by_id) AND (appeal_decided_by_id IS NOT NULL) AND (decided_by_id IS NOT NULL))))),
    CONSTRAINT not_judge_of_oneself CHECK (((decided_by_id IS NULL) OR (NOT ((decided_by_id = person_id) AND (decided_by_id IS NOT NULL))))),
    CONSTRAINT opener_does_not_decide CHECK (((decided_by_id IS NULL) OR (NOT ((decided_by_id = opened_by_id) AND (decided_by_id IS NOT NULL)))))
);
CREATE TABLE public.conduct_case_items (
    id bigint NOT NULL,
    case_id uuid NOT NULL,
    item_id uuid NOT NULL
);
ALTER TABLE public.conduct_case_items ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.conduct_case_items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.conduct_contribution (
    id uuid NOT NULL,
    worth character varying(10) NOT NULL,
    points numeric(5,2) NOT NULL,
    note character varying(500) NOT NULL,
    half date NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    adoption_id uuid,
    community_id uuid NOT NULL,
    confirmed_by_id uuid,
    item_id uuid NOT NULL,
    recorded_by_id uuid NOT NULL,
    CONSTRAINT contribution_positive CHECK ((points > (0)::numeric))
);
CREATE TABLE public.conduct_evidence (
    id uuid NOT NULL,
    facts bytea NOT NULL,
    digest character varying(64) NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    case_id uuid NOT NULL,
    taken_by_id uuid NOT NULL
);
CREATE TABLE public.conduct_nomination (
    id uuid NOT NULL,
    reasons text NOT NULL,
    half date NOT NULL,
    at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    decided_at timestamp with time zone,
    remark character varying(500) NOT NULL,
    community_id uuid NOT NULL,
    decided_by_id uuid,
    nominated_by_id uuid NOT NULL,
    nominee_id uuid NOT NULL
);
CREATE TABLE public.conduct_nomination_items (
    id bigint NOT NULL,
    nomination_id uuid NOT NULL,
    item_id uuid NOT NULL
);
ALTER TABLE public.conduct_nomination_items ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.conduct_nomination_items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.conduct_revocation (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    roles jsonb NOT NULL,
    moved integer NOT NULL,
    undone_at timestamp with time zone,
    case_id uuid NOT NULL,
    person_id uuid NOT NULL
);
CREATE TABLE public.conduct_share (
    id uuid NOT NULL,
    points numeric(5,2) NOT NULL,
    half date NOT NULL,
    contribution_id uuid NOT NULL,
    person_id uuid NOT NULL
);
CREATE TABLE public.confidentiality_agreement (
    id uuid NOT NULL,
    number smallint NOT NULL,
    title character varying(60) NOT NULL,
    body text NOT NULL,
    required_from date,
    written_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    published_by_id uuid,
    unit_id uuid NOT NULL,
    written_by_id uuid
);
CREATE TABLE public.confidentiality_approval (
    id uuid NOT NULL,
    approved boolean NOT NULL,
    comment character varying(500) NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    disclosure_id uuid NOT NULL
);
CREATE TABLE public.confidentiality_cleared (
    item_id uuid NOT NULL,
    contacts_at timestamp with time zone,
    anonymised_at timestamp with time zone
);
CREATE TABLE public.confidentiality_disclosure (
    id uuid NOT NULL,
    number character varying(60) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    recipient character varying(80) NOT NULL,
    purpose character varying(500) NOT NULL,
    legal_basis character varying(300) NOT NULL,
    form character varying(4) NOT NULL,
    identified boolean NOT NULL,
    why_identified character varying(500) NOT NULL,
    until date NOT NULL,
    query bytea NOT NULL,
    items uuid[] NOT NULL,
    confidential integer NOT NULL,
    state character varying(10) NOT NULL,
    decided_at timestamp with time zone,
    produced_at timestamp with time zone,
    mark bigint,
    file character varying(64) NOT NULL,
    digest character varying(64) NOT NULL,
    downloads integer NOT NULL,
    asked_by_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT disclosure_says_why_identified CHECK (((NOT identified) OR (NOT ((why_identified)::text = ''::text))))
);
CREATE TABLE public.confidentiality_hold (
    id uuid NOT NULL,
    reason character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    by_id uuid NOT NULL,
    item_id uuid NOT NULL,
    released_by_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.confidentiality_papersignature (
    id uuid NOT NULL,
    signed_on date NOT NULL,
    scan character varying(64) NOT NULL,
    name character varying(120) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    decided_at timestamp with time zone,
    reason character varying(300) NOT NULL,
    agreement_id uuid NOT NULL,
    decided_by_id uuid,
    recorded_by_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    user_id uuid NOT NULL,
    signature_id uuid,
    CONSTRAINT paper_two_persons CHECK (((decided_by_id IS NULL) OR (NOT ((decided_by_id = recorded_by_id) AND (decided_by_id IS NOT NULL)))))
);
CREATE TABLE public.confidentiality_privacyrequest (
    id uuid NOT NULL,
    receipt character varying(16) NOT NULL,
    kind character varying(8) NOT NULL,
    channel character varying(6) NOT NULL,
    name bytea,
    phone bytea,
    note bytea,
    new_name bytea,
    new_phone bytea,
    received_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    identity character varying(200) NOT NULL,
    identified_at timestamp with time zone,
    parties uuid[] NOT NULL,
    granted boolean,
    reason character varying(500) NOT NULL,
    decided_at timestamp with time zone,
    answered_at timestamp with time zone,
    answer bytea,
    result jsonb NOT NULL,
    agreed_by_id uuid,
    decided_by_id uuid,
    entered_by_id uuid,
    identified_by_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.confidentiality_relative (
    id uuid NOT NULL,
    name bytea,
    phone bytea,
    name_index character varying(32) NOT NULL,
    phone_index character varying(32) NOT NULL,
    user_id uuid NOT NULL
);
CREATE TABLE public.confidentiality_removal (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    cause character varying(10) NOT NULL,
    counts jsonb NOT NULL,
    request_id uuid,
    unit_id uuid
);
CREATE TABLE public.confidentiality_signature (
    id uuid NOT NULL,
    number smallint NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    valid_until date NOT NULL,
    digest character varying(64) NOT NULL,
    agreement_id uuid NOT NULL,
    document_id uuid,
    unit_id uuid NOT NULL,
    user_id uuid NOT NULL
);
CREATE TABLE public.confidentiality_trace (
    id uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    name bytea,
    sha256 character varying(64) NOT NULL,
    text bytea,
    state character varying(10) NOT NULL,
    copies integer NOT NULL,
    problem character varying(20) NOT NULL,
    result bytea,
    asked_by_id uuid NOT NULL
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.documents_authority (
    id smallint NOT NULL,
    certificate text NOT NULL,
    key bytea NOT NULL,
    stamp_certificate text NOT NULL,
    stamp_key bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT one_authority CHECK ((id = 1))
);
CREATE TABLE public.documents_document (
    id uuid NOT NULL,
    kind character varying(20) NOT NULL,
    number character varying(60) NOT NULL,
    title character varying(120) NOT NULL,
    subject_type character varying(40) NOT NULL,
    subject_id uuid,
    version smallint NOT NULL,
    code character varying(16) NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    pdf character varying(64) NOT NULL,
    docx character varying(64) NOT NULL,
    deidentified_at timestamp with time zone,
    original_pdf character varying(64) NOT NULL,
    original_docx character varying(64) NOT NULL,
    sealed_at timestamp with time zone,
    issued_by_id uuid,
    sealed_by_id uuid,
    supersedes_id uuid,
    unit_id uuid NOT NULL,
    seal_id uuid
);
CREATE TABLE public.documents_seal (
    id uuid NOT NULL,
    kind character varying(12) NOT NULL,
    name character varying(40) NOT NULL,
    picture character varying(64) NOT NULL,
    certificate text NOT NULL,
    serial character varying(64) NOT NULL,
    chain text NOT NULL,
    key bytea NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    state_at timestamp with time zone,
    state_reason character varying(200) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    custodian_id uuid NOT NULL,
    made_by_id uuid,
    person_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.documents_sealuse (
    id uuid NOT NULL,
    action character varying(10) NOT NULL,
    at timestamp with time zone NOT NULL,
    note character varying(200) NOT NULL,
    by_id uuid,
    document_id uuid,
    seal_id uuid NOT NULL
);
CREATE TABLE public.documents_template (
    id uuid NOT NULL,
    kind character varying(20) NOT NULL,
    name character varying(80) NOT NULL,
    file character varying(64) NOT NULL,
    active boolean NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    unit_id uuid NOT NULL,
    uploaded_by_id uuid NOT NULL
);
CREATE TABLE public.duties_handover (
    id uuid NOT NULL,
    note character varying(1000) NOT NULL,
    at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    by_id uuid NOT NULL,
    taken_by_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.duties_leave (
    id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    kind character varying(10) NOT NULL,
    note bytea,
    state character varying(10) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    remark character varying(300) NOT NULL,
    decided_by_id uuid,
    person_id uuid NOT NULL,
    stand_in_id uuid,
    unit_id uuid NOT NULL,
    CONSTRAINT leave_decided_by_somebody CHECK ((((state)::text = ANY ((ARRAY['asked'::character varying, 'cancelled'::character varying])::text[])) OR (decided_by_id IS NOT NULL))),
    CONSTRAINT leave_ends_after_start CHECK ((ends >= starts)),
    CONSTRAINT leave_other_stands_in CHECK ((NOT ((stand_in_id = person_id) AND (stand_in_id IS NOT NULL))))
);
CREATE TABLE public.duties_obligation (
    id uuid NOT NULL,
    kind character varying(30) NOT NULL,
    clause character varying(8) NOT NULL,
    subject_type character varying(40) NOT NULL,
    subject_id uuid,
    period date,
    key character varying(140) NOT NULL,
    title character varying(120) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    met_at timestamp with time zone,
    missed_at timestamp with time zone,
    miss_at timestamp with time zone,
    waived_at timestamp with time zone,
    waived_reason character varying(200) NOT NULL,
    next_step smallint NOT NULL,
    next_at timestamp with time zone,
    community_id uuid,
    leave_id uuid,
    moved_from_id uuid,
    owner_id uuid,
    unit_id uuid NOT NULL,
    waived_by_id uuid
);
CREATE TABLE public.duties_shift (
    id uuid NOT NULL,
    phone character varying(30) NOT NULL,
    starts timestamp with time zone NOT NULL,
    ends timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    stand_in_id uuid,
    unit_id uuid NOT NULL,
    CONSTRAINT shift_ends_after_start CHECK ((ends > starts))
);
CREATE TABLE public.emergencies_afteraction (
    report_id uuid NOT NULL,
    went_well text NOT NULL,
    to_improve text NOT NULL,
    measures text NOT NULL,
    version smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL
);
CREATE TABLE public.emergencies_alarm (
    id uuid NOT NULL,
    reason character varying(10) NOT NULL,
    round smallint NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    step smallint NOT NULL,
    next_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    acknowledged_by_id uuid,
    community_id uuid NOT NULL,
    report_id uuid NOT NULL,
    sent_with_id uuid
);
CREATE TABLE public.emergencies_alarmcall (
    id bigint NOT NULL,
    notified_at timestamp with time zone NOT NULL,
    alarm_id uuid NOT NULL,
    person_id uuid NOT NULL
);
ALTER TABLE public.emergencies_alarmcall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.emergencies_alarmcall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.emergencies_urgentreport (
    id uuid NOT NULL,
    kind character varying(20) NOT NULL,
    level character varying(20) NOT NULL,
    number character varying(60) NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    clock_off integer NOT NULL,
    called_at timestamp with time zone,
    call_entered_at timestamp with time zone,
    answered_by bytea,
    called_number bytea,
    call_words bytea,
    written_at timestamp with time zone,
    finished_at timestamp with time zone,
    versions_made smallint NOT NULL,
    round smallint NOT NULL,
    ended_at timestamp with time zone,
    end_reason character varying(10) NOT NULL,
    body_digest character varying(64) NOT NULL,
    call_logged_by_id uuid,
    community_id uuid NOT NULL,
    item_id uuid NOT NULL,
    joined_to_id uuid,
    reporter_id uuid NOT NULL,
    work_group_id uuid
);
CREATE TABLE public.emergencies_urgentversion (
    id uuid NOT NULL,
    version smallint NOT NULL,
    stage character varying(12) NOT NULL,
    content jsonb NOT NULL,
    changed character varying(500) NOT NULL,
    written_at timestamp with time zone NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    report_id uuid NOT NULL,
    seal_id uuid
);
CREATE TABLE public.emergencies_writtendraft (
    id uuid NOT NULL,
    version smallint NOT NULL,
    content bytea,
    saved_at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    report_id uuid NOT NULL
);
CREATE TABLE public.handling_adoption (
    id uuid NOT NULL,
    kind character varying(10) NOT NULL,
    note character varying(500) NOT NULL,
    at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_by_id uuid,
    item_id uuid NOT NULL,
    recorded_by_id uuid NOT NULL
);
CREATE TABLE public.handling_assignment (
    id uuid NOT NULL,
    instruction character varying(500) NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    round smallint NOT NULL,
    ended_at timestamp with time zone,
    outcome character varying(12) NOT NULL,
    assigned_by_id uuid NOT NULL,
    handler_id uuid,
    item_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.handling_callback (
    id uuid NOT NULL,
    drawn_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    outcome character varying(12) NOT NULL,
    verdict character varying(16) NOT NULL,
    matches boolean,
    remark bytea,
    caller_id uuid,
    community_id uuid NOT NULL,
    item_id uuid NOT NULL
);
CREATE TABLE public.handling_evaluation (
    id uuid NOT NULL,
    round smallint NOT NULL,
    verdict character varying(16) NOT NULL,
    remark bytea,
    reason character varying(300) NOT NULL,
    by_link boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    item_id uuid NOT NULL,
    recorded_by_id uuid,
    CONSTRAINT evaluation_names_recorder CHECK ((by_link OR (recorded_by_id IS NOT NULL)))
);
CREATE TABLE public.handling_extension (
    id uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    reason character varying(300) NOT NULL,
    until timestamp with time zone NOT NULL,
    granted boolean,
    decided_at timestamp with time zone,
    remark character varying(300) NOT NULL,
    asked_by_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    decided_by_id uuid
);
CREATE TABLE public.handling_informing (
    id uuid NOT NULL,
    round smallint NOT NULL,
    final boolean NOT NULL,
    method character varying(8) NOT NULL,
    outcome character varying(12) NOT NULL,
    message character varying(500) NOT NULL,
    reason character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    item_id uuid NOT NULL
);
CREATE TABLE public.handling_residentlink (
    id uuid NOT NULL,
    digest character varying(64) NOT NULL,
    token bytea,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    item_id uuid NOT NULL
);
CREATE TABLE public.handling_supervision (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    requirements character varying(500) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    answer character varying(1000) NOT NULL,
    answered_at timestamp with time zone,
    answered_by_id uuid,
    assignment_id uuid NOT NULL,
    by_id uuid NOT NULL
);
CREATE TABLE public.items_activity (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    minutes integer,
    place character varying(200) NOT NULL,
    people integer NOT NULL,
    notes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    weekly_report uuid,
    community_id uuid NOT NULL,
    grid_id uuid,
    reporter_id uuid NOT NULL,
    work_group_id uuid,
    CONSTRAINT items_activity_minutes_check CHECK ((minutes >= 0)),
    CONSTRAINT items_activity_people_check CHECK ((people >= 0))
);
CREATE TABLE public.items_attachment (
    id uuid NOT NULL,
    stage character varying(8) NOT NULL,
    kind character varying(8) NOT NULL,
    name bytea,
    caption character varying(80) NOT NULL,
    content_type character varying(100) NOT NULL,
    size integer NOT NULL,
    sha256 character varying(64) NOT NULL,
    shown character varying(64) NOT NULL,
    thumb character varying(64) NOT NULL,
    width integer,
    height integer,
    taken_at timestamp with time zone,
    exif bytea,
    fingerprint bigint,
    "order" smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    activity_id uuid,
    owner_id uuid NOT NULL,
    item_id uuid,
    CONSTRAINT items_attachment_height_check CHECK ((height >= 0)),
    CONSTRAINT items_attachment_size_check CHECK ((size >= 0)),
    CONSTRAINT items_attachment_width_check CHECK ((width >= 0))
);
CREATE TABLE public.items_cataloguefield (
    id uuid NOT NULL,
    category character varying(12) NOT NULL,
    code character varying(40) NOT NULL,
    label character varying(40) NOT NULL,
    label_en character varying(60) NOT NULL,
    help character varying(200) NOT NULL,
    kind character varying(8) NOT NULL,
    options jsonb NOT NULL,
    required boolean NOT NULL,
    unless character varying(40) NOT NULL,
    "order" integer NOT NULL,
    active boolean NOT NULL,
    subcategory_id character varying(40)
);
CREATE TABLE public.items_entry (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    item_id uuid NOT NULL,
    actor_id uuid,
    actor_name character varying(40) NOT NULL,
    verb character varying(24) NOT NULL,
    before character varying(10) NOT NULL,
    after character varying(10) NOT NULL,
    note text NOT NULL,
    data jsonb NOT NULL
)
PARTITION BY RANGE (at);
CREATE TABLE public.items_entry_rest (
    id uuid CONSTRAINT items_entry_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT items_entry_at_not_null NOT NULL,
    item_id uuid CONSTRAINT items_entry_item_id_not_null NOT NULL,
    actor_id uuid,
    actor_name character varying(40) CONSTRAINT items_entry_actor_name_not_null NOT NULL,
    verb character varying(24) CONSTRAINT items_entry_verb_not_null NOT NULL,
    before character varying(10) CONSTRAINT items_entry_before_not_null NOT NULL,
    after character varying(10) CONSTRAINT items_entry_after_not_null NOT NULL,
    note text CONSTRAINT items_entry_note_not_null NOT NULL,
    data jsonb CONSTRAINT items_entry_data_not_null NOT NULL
);
CREATE TABLE public.items_hint (
    id uuid NOT NULL,
    check_kind character varying(12) NOT NULL,
    code character varying(30) NOT NULL,
    field character varying(60) NOT NULL,
    message character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    item_id uuid NOT NULL,
    other_id uuid
);
CREATE TABLE public.items_importrun (
    id uuid NOT NULL,
    name character varying(120) NOT NULL,
    sha256 character varying(64) NOT NULL,
    columns jsonb NOT NULL,
    mapping jsonb NOT NULL,
    state character varying(8) NOT NULL,
    dry boolean NOT NULL,
    report jsonb NOT NULL,
    problem character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    community_id uuid NOT NULL,
    user_id uuid NOT NULL
);
CREATE TABLE public.items_item (
    id uuid NOT NULL,
    number character varying(24),
    category character varying(12) NOT NULL,
    subcategory character varying(40) NOT NULL,
    topic character varying(40) NOT NULL,
    title character varying(60) NOT NULL,
    narrative text NOT NULL,
    details jsonb NOT NULL,
    key_points character varying(200)[] NOT NULL,
    analysis text NOT NULL,
    suggestion text NOT NULL,
    typed bytea,
    status character varying(10) NOT NULL,
    urgent boolean NOT NULL,
    priority smallint NOT NULL,
    sensitivity character varying(12) NOT NULL,
    notice_basis character varying(10) NOT NULL,
    notice_at timestamp with time zone,
    named uuid[] NOT NULL,
    version integer NOT NULL,
    channel character varying(8) NOT NULL,
    occurred_at timestamp with time zone,
    seen_at timestamp with time zone,
    reported_at timestamp with time zone,
    arrived_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    place character varying(200) NOT NULL,
    lat double precision,
    lon double precision,
    source character varying(8) NOT NULL,
    assistants uuid[] NOT NULL,
    due_at timestamp with time zone,
    result text NOT NULL,
    verdict character varying(16) NOT NULL,
    adopted boolean NOT NULL,
    round smallint NOT NULL,
    returns smallint NOT NULL,
    weekly_report uuid,
    body_digest character varying(64) NOT NULL,
    activity_id uuid,
    community_id uuid NOT NULL,
    grid_id uuid,
    handler_id uuid,
    handling_unit_id uuid,
    merged_into_id uuid,
    reporter_id uuid NOT NULL,
    work_group_id uuid
);
CREATE TABLE public.items_itemtext (
    item_id uuid NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    terms tsvector NOT NULL,
    community_id uuid NOT NULL
)
WITH (autovacuum_analyze_scale_factor='0.01', autovacuum_vacuum_insert_scale_factor='0.01');
CREATE TABLE public.items_party (
    id uuid NOT NULL,
    role character varying(10) NOT NULL,
    name bytea,
    phone bytea,
    name_index character varying(32) NOT NULL,
    phone_index character varying(32) NOT NULL,
    "order" smallint NOT NULL,
    item_id uuid NOT NULL
);
CREATE TABLE public.items_subcategory (
    code character varying(40) NOT NULL,
    category character varying(12) NOT NULL,
    "group" character varying(40) NOT NULL,
    group_en character varying(40) NOT NULL,
    name character varying(40) NOT NULL,
    name_en character varying(60) NOT NULL,
    handle_days smallint NOT NULL,
    gb30428 character varying(20) NOT NULL,
    open311 character varying(40) NOT NULL,
    topic character varying(40) NOT NULL,
    emergency boolean NOT NULL,
    active boolean NOT NULL,
    "order" integer NOT NULL,
    default_unit_id uuid
);
CREATE TABLE public.items_uncheckeditem (
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    tries smallint NOT NULL
);
CREATE TABLE public.management_agendapoint (
    id uuid NOT NULL,
    "order" smallint NOT NULL,
    kind character varying(8) NOT NULL,
    subject_id uuid,
    title character varying(120) NOT NULL,
    discussion text NOT NULL,
    meeting_id uuid NOT NULL
);
CREATE TABLE public.management_filecopy (
    id uuid NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    at timestamp with time zone NOT NULL,
    seal_id uuid NOT NULL,
    problem character varying(200) NOT NULL,
    by_id uuid NOT NULL,
    document_id uuid,
    person_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.management_meeting (
    id uuid NOT NULL,
    title character varying(100) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    place character varying(100) NOT NULL,
    called_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    month date NOT NULL,
    held_at timestamp with time zone,
    reason character varying(200) NOT NULL,
    summary text NOT NULL,
    called_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.management_meetingperson (
    id uuid NOT NULL,
    presence character varying(8) NOT NULL,
    signed_at timestamp with time zone,
    report text NOT NULL,
    meeting_id uuid NOT NULL,
    person_id uuid NOT NULL,
    signed_by_id uuid
);
CREATE TABLE public.management_minutes (
    id uuid NOT NULL,
    version smallint NOT NULL,
    content jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    document_id uuid,
    meeting_id uuid NOT NULL
);
CREATE TABLE public.management_opinion (
    id uuid NOT NULL,
    anonymous boolean NOT NULL,
    day date NOT NULL,
    comment text NOT NULL,
    answer text NOT NULL,
    answered_at timestamp with time zone,
    answered_by_id uuid,
    author_id uuid,
    meeting_id uuid,
    unit_id uuid NOT NULL,
    CONSTRAINT opinion_anonymous_has_no_author CHECK (((anonymous AND (author_id IS NULL)) OR ((NOT anonymous) AND (author_id IS NOT NULL))))
);
CREATE TABLE public.management_problem (
    id uuid NOT NULL,
    title character varying(120) NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state character varying(8) NOT NULL,
    result text NOT NULL,
    closed_at timestamp with time zone,
    closed_by_id uuid,
    meeting_id uuid,
    opinion_id uuid,
    owner_id uuid NOT NULL,
    raised_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.management_removal (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL
);
CREATE TABLE public.management_series (
    id uuid NOT NULL,
    title character varying(100) NOT NULL,
    requirements text NOT NULL,
    checklist character varying(100)[] NOT NULL,
    people uuid[] NOT NULL,
    whole_group boolean NOT NULL,
    rhythm character varying(8) NOT NULL,
    day smallint NOT NULL,
    hour smallint NOT NULL,
    starts date NOT NULL,
    ends date,
    given_at timestamp with time zone NOT NULL,
    stopped_at timestamp with time zone,
    given_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.management_task (
    id uuid NOT NULL,
    title character varying(100) NOT NULL,
    requirements text NOT NULL,
    checklist character varying(100)[] NOT NULL,
    whole_group boolean NOT NULL,
    given_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state character varying(6) NOT NULL,
    closed_at timestamp with time zone,
    period date,
    closed_by_id uuid,
    given_by_id uuid NOT NULL,
    meeting_id uuid,
    series_id uuid,
    unit_id uuid NOT NULL,
    CONSTRAINT task_closed_at CHECK ((((closed_at IS NULL) AND ((state)::text = 'open'::text)) OR ((NOT ((state)::text = 'open'::text)) AND (closed_at IS NOT NULL))))
);
CREATE TABLE public.management_taskfile (
    id uuid NOT NULL,
    name character varying(120) NOT NULL,
    content_type character varying(100) NOT NULL,
    size integer NOT NULL,
    sha256 character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    series_id uuid,
    task_id uuid,
    CONSTRAINT task_file_of_one CHECK ((((series_id IS NULL) AND (task_id IS NOT NULL)) OR ((series_id IS NOT NULL) AND (task_id IS NULL))))
);
CREATE TABLE public.management_tasknote (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    by_id uuid,
    task_id uuid NOT NULL
);
CREATE TABLE public.management_taskpart (
    id uuid NOT NULL,
    state character varying(10) NOT NULL,
    ticked smallint[] NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    done_by_id uuid,
    person_id uuid NOT NULL,
    task_id uuid NOT NULL
);
CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);
ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.organisation_calendarday (
    id bigint NOT NULL,
    day date NOT NULL,
    working boolean NOT NULL,
    name character varying(40) NOT NULL,
    unit_id uuid NOT NULL
);
ALTER TABLE public.organisation_calendarday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.organisation_calendarday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.organisation_rolegrant (
    id uuid NOT NULL,
    role character varying(20) NOT NULL,
    starts date NOT NULL,
    ends date,
    granted_at timestamp with time zone NOT NULL,
    granted_by_id uuid,
    user_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT grant_ends_after_start CHECK (((ends IS NULL) OR (ends >= starts)))
);
CREATE TABLE public.organisation_unit (
    id uuid NOT NULL,
    kind character varying(12) NOT NULL,
    code character varying(20) NOT NULL,
    name character varying(60) NOT NULL,
    short_name character varying(20) NOT NULL,
    active boolean NOT NULL,
    "order" integer NOT NULL,
    mailbox character varying(254) NOT NULL,
    duty_phone character varying(30) NOT NULL,
    time_zone character varying(40) NOT NULL,
    working_hours jsonb,
    weekly_by character varying(12) NOT NULL,
    weekly_follows_holidays boolean,
    call_back_share smallint,
    outline jsonb,
    settings jsonb NOT NULL,
    parent_id uuid,
    CONSTRAINT unit_not_its_own_parent CHECK ((NOT ((parent_id = id) AND (parent_id IS NOT NULL))))
);
CREATE TABLE public.organisation_user (
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    id uuid NOT NULL,
    username character varying(40) NOT NULL,
    name character varying(40) NOT NULL,
    email character varying(254) NOT NULL,
    phone bytea,
    is_active boolean NOT NULL,
    must_change_password boolean NOT NULL,
    language character varying(10) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.outbox_channel (
    id uuid NOT NULL,
    name character varying(40) NOT NULL,
    kind character varying(10) NOT NULL,
    address bytea NOT NULL,
    active boolean NOT NULL,
    stands_in_only boolean NOT NULL,
    tried_at timestamp with time zone,
    fault character varying(200) NOT NULL,
    stand_in_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.outbox_delivery (
    id uuid NOT NULL,
    key character varying(140) NOT NULL,
    channel character varying(12) NOT NULL,
    recipient character varying(300) NOT NULL,
    subject character varying(200) NOT NULL,
    body text NOT NULL,
    attachments jsonb NOT NULL,
    subject_type character varying(40) NOT NULL,
    subject_id uuid,
    state character varying(10) NOT NULL,
    attempts smallint NOT NULL,
    next_at timestamp with time zone,
    handed_over boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    answer character varying(500) NOT NULL,
    caused_by_id uuid,
    unit_id uuid
);
CREATE TABLE public.outbox_deliverystep (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome character varying(10) NOT NULL,
    recipient character varying(300) NOT NULL,
    answer character varying(500) NOT NULL,
    reason character varying(200) NOT NULL,
    by_id uuid,
    delivery_id uuid NOT NULL
);
CREATE TABLE public.outbox_notice (
    id uuid NOT NULL,
    kind character varying(60) NOT NULL,
    text character varying(300) NOT NULL,
    subject_type character varying(40) NOT NULL,
    subject_id uuid,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    mail_at timestamp with time zone,
    user_id uuid NOT NULL
);
CREATE TABLE public.outbox_preference (
    user_id uuid NOT NULL,
    by_mail character varying(8) NOT NULL,
    digest_at time without time zone NOT NULL,
    quiet_from time without time zone,
    quiet_to time without time zone,
    CONSTRAINT quiet_hours_whole CHECK ((((quiet_from IS NULL) AND (quiet_to IS NULL)) OR ((quiet_from IS NOT NULL) AND (quiet_to IS NOT NULL))))
);
CREATE TABLE public.platform_backup (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    place character varying(300) NOT NULL,
    name character varying(100) NOT NULL,
    size bigint NOT NULL,
    rows bigint NOT NULL,
    files bigint NOT NULL,
    seconds double precision NOT NULL,
    key character varying(8) NOT NULL,
    verified_at timestamp with time zone,
    fault character varying(300) NOT NULL
);
CREATE UNLOGGED TABLE public.platform_cache (
    cache_key character varying(255) NOT NULL,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.platform_counter (
    scope character varying(100) NOT NULL,
    value bigint NOT NULL
);
CREATE TABLE public.platform_datakey (
    id character varying(8) NOT NULL,
    purpose character varying(8) NOT NULL,
    format smallint NOT NULL,
    state character varying(8) NOT NULL,
    wrapper character varying(300) NOT NULL,
    wrapped bytea,
    made_at timestamp with time zone NOT NULL,
    demoted_at timestamp with time zone,
    retired_at timestamp with time zone,
    CONSTRAINT retired_key_is_gone CHECK (((((state)::text = 'retired'::text) AND (wrapped IS NULL)) OR ((NOT ((state)::text = 'retired'::text)) AND (wrapped IS NOT NULL))))
);
CREATE TABLE public.platform_jobfault (
    id uuid NOT NULL,
    key character varying(128) NOT NULL,
    task character varying(128) NOT NULL,
    job bigint,
    error character varying(200) NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    times integer NOT NULL,
    ended boolean NOT NULL
);
CREATE TABLE public.platform_recoverykey (
    id smallint NOT NULL,
    public character varying(80) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT one_recovery_key CHECK ((id = 1))
);
CREATE TABLE public.platform_referenceversion (
    name character varying(40) NOT NULL,
    value bigint NOT NULL
);
CREATE TABLE public.platform_resealing (
    part character varying(140) NOT NULL,
    target character varying(20) NOT NULL,
    "position" character varying(100) NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    faults bigint NOT NULL,
    finished_at timestamp with time zone
);
CREATE TABLE public.platform_tally (
    key character varying(140) NOT NULL,
    tries integer NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);
CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;
CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;
CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);
CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;
CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.review_claim (
    item_id uuid NOT NULL,
    until timestamp with time zone NOT NULL,
    reviewer_id uuid NOT NULL
);
CREATE TABLE public.review_finding (
    id uuid NOT NULL,
    field character varying(60) NOT NULL,
    check_kind character varying(12) NOT NULL,
    note character varying(300) NOT NULL,
    "order" smallint NOT NULL,
    review_id uuid NOT NULL,
    reason_id character varying(40)
);
CREATE TABLE public.review_mergesuggestion (
    id uuid NOT NULL,
    community_id uuid NOT NULL,
    dismissed_by_id uuid,
    item_id uuid NOT NULL,
    other_id uuid NOT NULL
);
CREATE TABLE public.review_review (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    round smallint NOT NULL,
    approved boolean NOT NULL,
    answers jsonb NOT NULL,
    remark character varying(500) NOT NULL,
    completeness_mark smallint,
    analysis_mark smallint,
    snapshot jsonb NOT NULL,
    item_id uuid NOT NULL,
    reviewer_id uuid NOT NULL
);
CREATE TABLE public.review_standardreason (
    code character varying(40) NOT NULL,
    check_kind character varying(12) NOT NULL,
    text character varying(200) NOT NULL,
    text_en character varying(200) NOT NULL,
    field character varying(60) NOT NULL,
    active boolean NOT NULL,
    "order" integer NOT NULL
);
CREATE TABLE public.security_alert (
    id uuid NOT NULL,
    kind character varying(40) NOT NULL,
    severity character varying(6) NOT NULL,
    message character varying(300) NOT NULL,
    "values" jsonb NOT NULL,
    data jsonb NOT NULL,
    key character varying(140) NOT NULL,
    times integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    state character varying(6) NOT NULL,
    handled_at timestamp with time zone,
    outcome character varying(1000) NOT NULL,
    justified boolean,
    about_id uuid,
    handled_by_id uuid,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_checklist (
    id uuid NOT NULL,
    about character varying(8) NOT NULL,
    points jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_confirmation (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    version_id uuid NOT NULL
);
CREATE TABLE public.security_device (
    id uuid NOT NULL,
    kind character varying(10) NOT NULL,
    name character varying(60) NOT NULL,
    number character varying(40) NOT NULL,
    state character varying(10) NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    inspected_at timestamp with time zone,
    lost_at timestamp with time zone,
    disposed_at timestamp with time zone,
    disposal character varying(10) NOT NULL,
    disposal_note character varying(300) NOT NULL,
    disposed_by_id uuid,
    holder_id uuid,
    phone_id uuid,
    registered_by_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    witness_id uuid,
    CONSTRAINT device_disposal_witnessed CHECK (((NOT ((state)::text = 'disposed'::text)) OR ((disposed_at IS NOT NULL) AND (witness_id IS NOT NULL))))
);
CREATE TABLE public.security_entry (
    id uuid NOT NULL,
    visitor bytea,
    purpose character varying(100) NOT NULL,
    refused boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    by_id uuid NOT NULL,
    escort_id uuid,
    person_id uuid,
    place_id uuid NOT NULL,
    CONSTRAINT entry_is_somebodys CHECK (((person_id IS NOT NULL) OR (visitor IS NOT NULL))),
    CONSTRAINT refused_never_leaves CHECK (((left_at IS NULL) OR (NOT refused))),
    CONSTRAINT visitor_escorted CHECK (((visitor IS NULL) OR (escort_id IS NOT NULL)))
);
CREATE TABLE public.security_finding (
    id uuid NOT NULL,
    problem character varying(300) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    found_at timestamp with time zone NOT NULL,
    correction character varying(300) NOT NULL,
    fixed_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_by_id uuid,
    owner_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    inspection_id uuid NOT NULL
);
CREATE TABLE public.security_guardstatus (
    guard character varying(10) NOT NULL,
    state character varying(7) NOT NULL,
    reason character varying(20) NOT NULL,
    facts jsonb NOT NULL,
    since timestamp with time zone NOT NULL,
    alerted boolean NOT NULL
);
CREATE TABLE public.security_holding (
    id uuid NOT NULL,
    starts timestamp with time zone NOT NULL,
    ends timestamp with time zone,
    by_id uuid NOT NULL,
    device_id uuid NOT NULL,
    person_id uuid NOT NULL
);
CREATE TABLE public.security_hostevent (
    id character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.security_hostreport (
    id smallint NOT NULL,
    host character varying(60) NOT NULL,
    at timestamp with time zone,
    problem character varying(12) NOT NULL,
    problem_since timestamp with time zone,
    alerted boolean NOT NULL,
    CONSTRAINT host_report_one CHECK ((id = 1))
);
CREATE TABLE public.security_incident (
    id uuid NOT NULL,
    number character varying(60) NOT NULL,
    kind character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    severity character varying(6) NOT NULL,
    description bytea NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    noticed_at timestamp with time zone NOT NULL,
    personal boolean,
    people integer,
    classified_at timestamp with time zone,
    authority_at timestamp with time zone,
    people_at timestamp with time zone,
    exemption character varying(300) NOT NULL,
    contained_at timestamp with time zone,
    closed_at timestamp with time zone,
    device_id uuid,
    noticed_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_incidentstep (
    id uuid NOT NULL,
    kind character varying(12) NOT NULL,
    note bytea,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    incident_id uuid NOT NULL
);
CREATE TABLE public.security_inspection (
    id uuid NOT NULL,
    answers jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id uuid NOT NULL,
    device_id uuid,
    unit_id uuid NOT NULL,
    place_id uuid,
    CONSTRAINT inspection_of_one CHECK ((((device_id IS NOT NULL) AND (place_id IS NULL)) OR ((device_id IS NULL) AND (place_id IS NOT NULL))))
);
CREATE TABLE public.security_permit (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    by_id uuid NOT NULL,
    person_id uuid NOT NULL,
    place_id uuid NOT NULL
);
CREATE TABLE public.security_place (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    name character varying(60) NOT NULL,
    "where" character varying(100) NOT NULL,
    contents character varying(200) NOT NULL,
    code character varying(16) NOT NULL,
    active boolean NOT NULL,
    made_at timestamp with time zone NOT NULL,
    inspected_at timestamp with time zone,
    keeper_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_rightsreview (
    id uuid NOT NULL,
    quarter date NOT NULL,
    at timestamp with time zone NOT NULL,
    lines jsonb NOT NULL,
    retained integer NOT NULL,
    ended integer NOT NULL,
    by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_ruleversion (
    id uuid NOT NULL,
    version smallint NOT NULL,
    body text NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    issued_by_id uuid NOT NULL,
    rule_id uuid NOT NULL
);
CREATE TABLE public.security_securitycheck (
    id uuid NOT NULL,
    kind character varying(8) NOT NULL,
    title character varying(80) NOT NULL,
    due_on date NOT NULL,
    every smallint NOT NULL,
    done_at timestamp with time zone,
    passed boolean,
    result character varying(1000) NOT NULL,
    figures jsonb NOT NULL,
    done_by_id uuid,
    planned_by_id uuid NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_securityrule (
    id uuid NOT NULL,
    title character varying(80) NOT NULL,
    version smallint NOT NULL,
    active boolean NOT NULL,
    made_at timestamp with time zone NOT NULL,
    unit_id uuid NOT NULL
);
CREATE TABLE public.security_substitute (
    id uuid NOT NULL,
    guard character varying(10) NOT NULL,
    measure character varying(100) NOT NULL,
    proof character varying(300) NOT NULL,
    file character varying(64) NOT NULL,
    file_name character varying(120) NOT NULL,
    content_type character varying(60) NOT NULL,
    expires_on date NOT NULL,
    at timestamp with time zone NOT NULL,
    warned_at timestamp with time zone,
    ended_at timestamp with time zone,
    by_id uuid NOT NULL,
    ended_by_id uuid,
    unit_id uuid NOT NULL,
    CONSTRAINT substitute_proven CHECK (((NOT ((proof)::text = ''::text)) OR (NOT ((file)::text = ''::text))))
);
CREATE TABLE public.training_course (
    id uuid NOT NULL,
    subject character varying(12) NOT NULL,
    title character varying(80) NOT NULL,
    outline text NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    community_id uuid NOT NULL,
    created_by_id uuid NOT NULL
);
CREATE TABLE public.training_feedback (
    id uuid NOT NULL,
    content_mark smallint NOT NULL,
    lecturer_mark smallint NOT NULL,
    useful_mark smallint NOT NULL,
    comment character varying(500) NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    CONSTRAINT training_marks CHECK ((((content_mark >= 1) AND (content_mark <= 5)) AND ((lecturer_mark >= 1) AND (lecturer_mark <= 5)) AND ((useful_mark >= 1) AND (useful_mark <= 5))))
);
CREATE TABLE public.training_lecturer (
    id uuid NOT NULL,
    name character varying(40) NOT NULL,
    external boolean NOT NULL,
    organization character varying(80) NOT NULL,
    title character varying(60) NOT NULL,
    profile text NOT NULL,
    phone bytea,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    community_id uuid NOT NULL,
    created_by_id uuid NOT NULL,
    person_id uuid
);
CREATE TABLE public.training_material (
    id uuid NOT NULL,
    name character varying(120) NOT NULL,
    content_type character varying(100) NOT NULL,
    size integer NOT NULL,
    sha256 character varying(64) NOT NULL,
    "case" boolean NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    uploaded_by_id uuid NOT NULL,
    session_id uuid NOT NULL
);
CREATE TABLE public.training_plan (
    id uuid NOT NULL,
    quarter date NOT NULL,
    created_at timestamp with time zone NOT NULL,
    community_id uuid NOT NULL,
    created_by_id uuid NOT NULL
);
CREATE TABLE public.training_question (
    id uuid NOT NULL,
    subject character varying(12) NOT NULL,
    kind character varying(10) NOT NULL,
    text character varying(300) NOT NULL,
    options character varying(200)[] NOT NULL,
    "right" smallint[] NOT NULL,
    why character varying(500) NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    community_id uuid NOT NULL,
    created_by_id uuid NOT NULL
);
CREATE TABLE public.training_quiz (
    session_id uuid NOT NULL,
    set_at timestamp with time zone NOT NULL,
    set_by_id uuid NOT NULL
);
CREATE TABLE public.training_quiz_questions (
    id bigint NOT NULL,
    quiz_id uuid NOT NULL,
    question_id uuid NOT NULL
);
ALTER TABLE public.training_quiz_questions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.training_quiz_questions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.training_seat (
    id uuid NOT NULL,
    status character varying(12) NOT NULL,
    at timestamp with time zone NOT NULL,
    leave_reason character varying(200) NOT NULL,
    signed_in_at timestamp with time zone,
    signed_out_at timestamp with time zone,
    hand_reason character varying(200) NOT NULL,
    minutes smallint NOT NULL,
    by_hand_id uuid,
    decided_by_id uuid,
    invited_by_id uuid,
    person_id uuid NOT NULL,
    session_id uuid NOT NULL,
    CONSTRAINT training_out_after_in CHECK (((signed_out_at IS NULL) OR ((signed_in_at IS NOT NULL) AND (signed_out_at >= signed_in_at))))
);
CREATE TABLE public.training_session (
    id uuid NOT NULL,
    quarter date NOT NULL,
    title character varying(80) NOT NULL,
    subjects character varying(12)[] NOT NULL,
    place character varying(100) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    minutes smallint NOT NULL,
    cases text NOT NULL,
    status character varying(10) NOT NULL,
    cancel_reason character varying(200) NOT NULL,
    summary text NOT NULL,
    ended_at timestamp with time zone,
    version integer NOT NULL,
    number character varying(60) NOT NULL,
    record_version smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    community_id uuid NOT NULL,
    course_id uuid,
    created_by_id uuid NOT NULL,
    record_by_id uuid,
    topic_id uuid,
    CONSTRAINT training_ends_after_start CHECK (((ended_at IS NULL) OR (ended_at >= starts_at))),
    CONSTRAINT training_minutes CHECK (((minutes >= 15) AND (minutes <= 720)))
);
CREATE TABLE public.training_sheet (
    id uuid NOT NULL,
    content jsonb NOT NULL,
    answers jsonb,
    score smallint,
    opened_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    person_id uuid NOT NULL,
    quiz_id uuid NOT NULL
);
CREATE TABLE public.training_teaching (
    id uuid NOT NULL,
    about character varying(120) NOT NULL,
    fee numeric(9,2),
    fee_note character varying(120) NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by_id uuid NOT NULL,
    lecturer_id uuid NOT NULL,
    session_id uuid NOT NULL
);
CREATE TABLE public.training_topic (
    id uuid NOT NULL,
    subject character varying(12) NOT NULL,
    title character varying(80) NOT NULL,
    why character varying(300) NOT NULL,
    check_kind character varying(12) NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by_id uuid NOT NULL,
    group_id uuid,
    plan_id uuid NOT NULL
);
CREATE TABLE public.usersessions_usersession (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ip inet NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    session_key character varying(40) NOT NULL,
    user_agent character varying(200) NOT NULL,
    data jsonb NOT NULL,
    user_id uuid NOT NULL
);
ALTER TABLE public.usersessions_usersession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.usersessions_usersession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.weekly_reports_weeklyreport (
    id uuid NOT NULL,
    week date NOT NULL,
    by_group boolean NOT NULL,
    status character varying(10) NOT NULL,
    nil_reason character varying(300) NOT NULL,
    timing_reason character varying(300) NOT NULL,
    facts jsonb NOT NULL,
    texts jsonb NOT NULL,
    number character varying(60) NOT NULL,
    version smallint NOT NULL,
    assembled_at timestamp with time zone NOT NULL,
    covers_from timestamp with time zone,
    covers_until timestamp with time zone,
    confirmed_at timestamp with time zone,
    sent_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    findings jsonb NOT NULL,
    community_id uuid NOT NULL,
    reporter_id uuid NOT NULL,
    reviewed_by_id uuid,
    work_group_id uuid
);
ALTER TABLE ONLY public.audit_fact ATTACH PARTITION public.audit_fact_rest DEFAULT;
ALTER TABLE ONLY public.audit_record ATTACH PARTITION public.audit_record_rest DEFAULT;
ALTER TABLE ONLY public.items_entry ATTACH PARTITION public.items_entry_rest DEFAULT;
ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_apitoken
    ADD CONSTRAINT accounts_apitoken_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.accounts_apitoken
    ADD CONSTRAINT accounts_apitoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordreset_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_phone
    ADD CONSTRAINT accounts_phone_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_roleproposal
    ADD CONSTRAINT accounts_roleproposal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_agreement
    ADD CONSTRAINT agreement_version_once UNIQUE (unit_id, number);
ALTER TABLE ONLY public.emergencies_alarm
    ADD CONSTRAINT alarm_once UNIQUE (report_id, reason, round);
ALTER TABLE ONLY public.emergencies_alarmcall
    ADD CONSTRAINT alarm_person_once UNIQUE (alarm_id, person_id);
ALTER TABLE ONLY public.appraisal_appraisal
    ADD CONSTRAINT appraisal_appraisal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_cap
    ADD CONSTRAINT appraisal_cap_once UNIQUE (person_id, half, source, reference);
ALTER TABLE ONLY public.appraisal_cap
    ADD CONSTRAINT appraisal_cap_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_change
    ADD CONSTRAINT appraisal_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_previous_id_key UNIQUE (previous_id);
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_version_once UNIQUE (unit_id, half, version);
ALTER TABLE ONLY public.appraisal_objection
    ADD CONSTRAINT appraisal_objection_appraisal_id_key UNIQUE (appraisal_id);
ALTER TABLE ONLY public.appraisal_objection
    ADD CONSTRAINT appraisal_objection_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_appraisal
    ADD CONSTRAINT appraisal_person_once UNIQUE (cycle_id, person_id);
ALTER TABLE ONLY public.appraisal_proposal
    ADD CONSTRAINT appraisal_proposal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_rating
    ADD CONSTRAINT appraisal_rating_once UNIQUE (appraisal_id, rater_id, kind);
ALTER TABLE ONLY public.appraisal_rating
    ADD CONSTRAINT appraisal_rating_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appraisal_ruleset
    ADD CONSTRAINT appraisal_rules_once UNIQUE (unit_id, version);
ALTER TABLE ONLY public.appraisal_ruleset
    ADD CONSTRAINT appraisal_ruleset_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_approval
    ADD CONSTRAINT approval_once UNIQUE (disclosure_id, by_id);
ALTER TABLE ONLY public.archive_gridday
    ADD CONSTRAINT archive_gridday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.archive_rollup
    ADD CONSTRAINT archive_rollup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.archive_savedview
    ADD CONSTRAINT archive_savedview_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_block
    ADD CONSTRAINT audit_block_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.audit_detachment
    ADD CONSTRAINT audit_detachment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_event
    ADD CONSTRAINT audit_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_fact
    ADD CONSTRAINT audit_fact_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_fact_rest
    ADD CONSTRAINT audit_fact_rest_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_key
    ADD CONSTRAINT audit_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_record_rest
    ADD CONSTRAINT audit_record_rest_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT award_kind_once UNIQUE (nomination_id, kind);
ALTER TABLE ONLY public.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_username_ip_address_user_agent_8ea22282_uniq UNIQUE (username, ip_address, user_agent);
ALTER TABLE ONLY public.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptexpiration_pkey PRIMARY KEY (access_attempt_id);
ALTER TABLE ONLY public.axes_accessfailurelog
    ADD CONSTRAINT axes_accessfailurelog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accesslog
    ADD CONSTRAINT axes_accesslog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_budget
    ADD CONSTRAINT budget_once UNIQUE (unit_id, year);
ALTER TABLE ONLY public.organisation_calendarday
    ADD CONSTRAINT calendar_day_once UNIQUE (unit_id, day);
ALTER TABLE ONLY public.security_checklist
    ADD CONSTRAINT check_list_once UNIQUE (unit_id, about);
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT conduct_award_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_budget
    ADD CONSTRAINT conduct_budget_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_case_items
    ADD CONSTRAINT conduct_case_items_case_id_item_id_55bd82bd_uniq UNIQUE (case_id, item_id);
ALTER TABLE ONLY public.conduct_case_items
    ADD CONSTRAINT conduct_case_items_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_number_key UNIQUE (number);
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_adoption_id_key UNIQUE (adoption_id);
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_evidence
    ADD CONSTRAINT conduct_evidence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_nomination_items
    ADD CONSTRAINT conduct_nomination_items_nomination_id_item_id_bc7ad9a8_uniq UNIQUE (nomination_id, item_id);
ALTER TABLE ONLY public.conduct_nomination_items
    ADD CONSTRAINT conduct_nomination_items_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_nomination
    ADD CONSTRAINT conduct_nomination_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_revocation
    ADD CONSTRAINT conduct_revocation_case_id_key UNIQUE (case_id);
ALTER TABLE ONLY public.conduct_revocation
    ADD CONSTRAINT conduct_revocation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_share
    ADD CONSTRAINT conduct_share_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_agreement
    ADD CONSTRAINT confidentiality_agreement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_approval
    ADD CONSTRAINT confidentiality_approval_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_cleared
    ADD CONSTRAINT confidentiality_cleared_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.confidentiality_disclosure
    ADD CONSTRAINT confidentiality_disclosure_mark_key UNIQUE (mark);
ALTER TABLE ONLY public.confidentiality_disclosure
    ADD CONSTRAINT confidentiality_disclosure_number_key UNIQUE (number);
ALTER TABLE ONLY public.confidentiality_disclosure
    ADD CONSTRAINT confidentiality_disclosure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_hold
    ADD CONSTRAINT confidentiality_hold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_papersignature_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_papersignature_signature_id_key UNIQUE (signature_id);
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_privacyrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_privacyrequest_receipt_key UNIQUE (receipt);
ALTER TABLE ONLY public.confidentiality_relative
    ADD CONSTRAINT confidentiality_relative_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_removal
    ADD CONSTRAINT confidentiality_removal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_signature
    ADD CONSTRAINT confidentiality_signature_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confidentiality_trace
    ADD CONSTRAINT confidentiality_trace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_confirmation
    ADD CONSTRAINT confirmed_once UNIQUE (version_id, person_id);
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT contribution_once UNIQUE (item_id, worth);
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT device_number_once UNIQUE (unit_id, number);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT document_version_once UNIQUE (kind, subject_id, version);
ALTER TABLE ONLY public.documents_authority
    ADD CONSTRAINT documents_authority_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_code_key UNIQUE (code);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_supersedes_id_key UNIQUE (supersedes_id);
ALTER TABLE ONLY public.documents_seal
    ADD CONSTRAINT documents_seal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_sealuse
    ADD CONSTRAINT documents_sealuse_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_template
    ADD CONSTRAINT documents_template_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.duties_handover
    ADD CONSTRAINT duties_handover_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.duties_leave
    ADD CONSTRAINT duties_leave_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_key_key UNIQUE (key);
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.duties_shift
    ADD CONSTRAINT duties_shift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_afteraction
    ADD CONSTRAINT emergencies_afteraction_pkey PRIMARY KEY (report_id);
ALTER TABLE ONLY public.emergencies_alarm
    ADD CONSTRAINT emergencies_alarm_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_alarmcall
    ADD CONSTRAINT emergencies_alarmcall_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentreport_item_id_key UNIQUE (item_id);
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentreport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_urgentversion
    ADD CONSTRAINT emergencies_urgentversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_writtendraft
    ADD CONSTRAINT emergencies_writtendraft_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_evaluation
    ADD CONSTRAINT evaluation_once_a_round UNIQUE (item_id, round);
ALTER TABLE ONLY public.items_cataloguefield
    ADD CONSTRAINT field_code_once UNIQUE NULLS NOT DISTINCT (category, subcategory_id, code);
ALTER TABLE ONLY public.organisation_rolegrant
    ADD CONSTRAINT grant_once UNIQUE (user_id, role, unit_id, starts);
ALTER TABLE ONLY public.archive_gridday
    ADD CONSTRAINT grid_day_once UNIQUE (day, grid_id);
ALTER TABLE ONLY public.handling_adoption
    ADD CONSTRAINT handling_adoption_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_assignment
    ADD CONSTRAINT handling_assignment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_callback
    ADD CONSTRAINT handling_callback_item_id_key UNIQUE (item_id);
ALTER TABLE ONLY public.handling_callback
    ADD CONSTRAINT handling_callback_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_evaluation
    ADD CONSTRAINT handling_evaluation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_extension
    ADD CONSTRAINT handling_extension_assignment_id_key UNIQUE (assignment_id);
ALTER TABLE ONLY public.handling_extension
    ADD CONSTRAINT handling_extension_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_informing
    ADD CONSTRAINT handling_informing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_residentlink
    ADD CONSTRAINT handling_residentlink_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.handling_residentlink
    ADD CONSTRAINT handling_residentlink_item_id_key UNIQUE (item_id);
ALTER TABLE ONLY public.handling_residentlink
    ADD CONSTRAINT handling_residentlink_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.handling_supervision
    ADD CONSTRAINT handling_supervision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT item_number_once UNIQUE (community_id, number);
ALTER TABLE ONLY public.items_activity
    ADD CONSTRAINT items_activity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_attachment
    ADD CONSTRAINT items_attachment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_cataloguefield
    ADD CONSTRAINT items_cataloguefield_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_entry
    ADD CONSTRAINT items_entry_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.items_entry_rest
    ADD CONSTRAINT items_entry_rest_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.items_hint
    ADD CONSTRAINT items_hint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_importrun
    ADD CONSTRAINT items_importrun_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_itemtext
    ADD CONSTRAINT items_itemtext_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.items_party
    ADD CONSTRAINT items_party_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.items_subcategory
    ADD CONSTRAINT items_subcategory_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.items_uncheckeditem
    ADD CONSTRAINT items_uncheckeditem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_agendapoint
    ADD CONSTRAINT management_agendapoint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_filecopy
    ADD CONSTRAINT management_filecopy_document_id_key UNIQUE (document_id);
ALTER TABLE ONLY public.management_filecopy
    ADD CONSTRAINT management_filecopy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_meeting
    ADD CONSTRAINT management_meeting_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_meetingperson
    ADD CONSTRAINT management_meetingperson_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_minutes
    ADD CONSTRAINT management_minutes_document_id_key UNIQUE (document_id);
ALTER TABLE ONLY public.management_minutes
    ADD CONSTRAINT management_minutes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_opinion
    ADD CONSTRAINT management_opinion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_opinion_id_key UNIQUE (opinion_id);
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_removal
    ADD CONSTRAINT management_removal_person_id_key UNIQUE (person_id);
ALTER TABLE ONLY public.management_removal
    ADD CONSTRAINT management_removal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_series
    ADD CONSTRAINT management_series_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT management_task_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_taskfile
    ADD CONSTRAINT management_taskfile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_tasknote
    ADD CONSTRAINT management_tasknote_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_taskpart
    ADD CONSTRAINT management_taskpart_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_meetingperson
    ADD CONSTRAINT meeting_person_once UNIQUE (meeting_id, person_id);
ALTER TABLE ONLY public.review_mergesuggestion
    ADD CONSTRAINT merge_pair_once UNIQUE (item_id, other_id);
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.management_minutes
    ADD CONSTRAINT minutes_version_once UNIQUE (meeting_id, version);
ALTER TABLE ONLY public.organisation_calendarday
    ADD CONSTRAINT organisation_calendarday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organisation_rolegrant
    ADD CONSTRAINT organisation_rolegrant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organisation_unit
    ADD CONSTRAINT organisation_unit_code_key UNIQUE (code);
ALTER TABLE ONLY public.organisation_unit
    ADD CONSTRAINT organisation_unit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organisation_user
    ADD CONSTRAINT organisation_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organisation_user
    ADD CONSTRAINT organisation_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.outbox_channel
    ADD CONSTRAINT outbox_channel_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_delivery
    ADD CONSTRAINT outbox_delivery_key_key UNIQUE (key);
ALTER TABLE ONLY public.outbox_delivery
    ADD CONSTRAINT outbox_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_deliverystep
    ADD CONSTRAINT outbox_deliverystep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_notice
    ADD CONSTRAINT outbox_notice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_preference
    ADD CONSTRAINT outbox_preference_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.accounts_phone
    ADD CONSTRAINT phone_once UNIQUE (device, user_id);
ALTER TABLE ONLY public.security_place
    ADD CONSTRAINT place_name_once UNIQUE (unit_id, name);
ALTER TABLE ONLY public.platform_backup
    ADD CONSTRAINT platform_backup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.platform_cache
    ADD CONSTRAINT platform_cache_pkey PRIMARY KEY (cache_key);
ALTER TABLE ONLY public.platform_counter
    ADD CONSTRAINT platform_counter_pkey PRIMARY KEY (scope);
ALTER TABLE ONLY public.platform_datakey
    ADD CONSTRAINT platform_datakey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.platform_jobfault
    ADD CONSTRAINT platform_jobfault_key_key UNIQUE (key);
ALTER TABLE ONLY public.platform_jobfault
    ADD CONSTRAINT platform_jobfault_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.platform_recoverykey
    ADD CONSTRAINT platform_recoverykey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.platform_referenceversion
    ADD CONSTRAINT platform_referenceversion_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.platform_resealing
    ADD CONSTRAINT platform_resealing_pkey PRIMARY KEY (part);
ALTER TABLE ONLY public.platform_tally
    ADD CONSTRAINT platform_tally_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);
ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.review_claim
    ADD CONSTRAINT review_claim_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.review_finding
    ADD CONSTRAINT review_finding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.review_mergesuggestion
    ADD CONSTRAINT review_mergesuggestion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.review_review
    ADD CONSTRAINT review_review_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.review_standardreason
    ADD CONSTRAINT review_standardreason_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.security_rightsreview
    ADD CONSTRAINT rights_review_once UNIQUE (unit_id, quarter);
ALTER TABLE ONLY public.archive_rollup
    ADD CONSTRAINT rollup_once UNIQUE (day, community_id, category, subcategory);
ALTER TABLE ONLY public.security_securityrule
    ADD CONSTRAINT rule_title_once UNIQUE (unit_id, title);
ALTER TABLE ONLY public.security_ruleversion
    ADD CONSTRAINT rule_version_once UNIQUE (rule_id, version);
ALTER TABLE ONLY public.security_alert
    ADD CONSTRAINT security_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_checklist
    ADD CONSTRAINT security_checklist_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_confirmation
    ADD CONSTRAINT security_confirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_entry
    ADD CONSTRAINT security_entry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_finding
    ADD CONSTRAINT security_finding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_guardstatus
    ADD CONSTRAINT security_guardstatus_pkey PRIMARY KEY (guard);
ALTER TABLE ONLY public.security_holding
    ADD CONSTRAINT security_holding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_hostevent
    ADD CONSTRAINT security_hostevent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_hostreport
    ADD CONSTRAINT security_hostreport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_incident
    ADD CONSTRAINT security_incident_number_key UNIQUE (number);
ALTER TABLE ONLY public.security_incident
    ADD CONSTRAINT security_incident_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_incidentstep
    ADD CONSTRAINT security_incidentstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_inspection
    ADD CONSTRAINT security_inspection_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_permit
    ADD CONSTRAINT security_permit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_place
    ADD CONSTRAINT security_place_code_key UNIQUE (code);
ALTER TABLE ONLY public.security_place
    ADD CONSTRAINT security_place_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_rightsreview
    ADD CONSTRAINT security_rightsreview_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_ruleversion
    ADD CONSTRAINT security_ruleversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_securitycheck
    ADD CONSTRAINT security_securitycheck_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_securityrule
    ADD CONSTRAINT security_securityrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.security_substitute
    ADD CONSTRAINT security_substitute_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conduct_share
    ADD CONSTRAINT share_once UNIQUE (contribution_id, person_id);
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT task_once_a_period UNIQUE (series_id, period);
ALTER TABLE ONLY public.management_taskpart
    ADD CONSTRAINT task_part_once UNIQUE (task_id, person_id);
ALTER TABLE ONLY public.training_course
    ADD CONSTRAINT training_course_once UNIQUE (community_id, title);
ALTER TABLE ONLY public.training_course
    ADD CONSTRAINT training_course_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_feedback
    ADD CONSTRAINT training_feedback_once UNIQUE (session_id, person_id);
ALTER TABLE ONLY public.training_feedback
    ADD CONSTRAINT training_feedback_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_lecturer
    ADD CONSTRAINT training_lecturer_once UNIQUE (community_id, name, organization);
ALTER TABLE ONLY public.training_lecturer
    ADD CONSTRAINT training_lecturer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_material
    ADD CONSTRAINT training_material_once UNIQUE (session_id, sha256);
ALTER TABLE ONLY public.training_material
    ADD CONSTRAINT training_material_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_plan
    ADD CONSTRAINT training_plan_once UNIQUE (community_id, quarter);
ALTER TABLE ONLY public.training_plan
    ADD CONSTRAINT training_plan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_question
    ADD CONSTRAINT training_question_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_quiz
    ADD CONSTRAINT training_quiz_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY public.training_quiz_questions
    ADD CONSTRAINT training_quiz_questions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_quiz_questions
    ADD CONSTRAINT training_quiz_questions_quiz_id_question_id_6035b022_uniq UNIQUE (quiz_id, question_id);
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_once UNIQUE (session_id, person_id);
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_session
    ADD CONSTRAINT training_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_sheet
    ADD CONSTRAINT training_sheet_once UNIQUE (quiz_id, person_id);
ALTER TABLE ONLY public.training_sheet
    ADD CONSTRAINT training_sheet_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_teaching
    ADD CONSTRAINT training_teaching_once UNIQUE (session_id, lecturer_id);
ALTER TABLE ONLY public.training_teaching
    ADD CONSTRAINT training_teaching_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.training_topic
    ADD CONSTRAINT training_topic_once UNIQUE (plan_id, title);
ALTER TABLE ONLY public.training_topic
    ADD CONSTRAINT training_topic_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_urgentversion
    ADD CONSTRAINT urgent_version_once UNIQUE (report_id, version);
ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_session_key_key UNIQUE (session_key);
ALTER TABLE ONLY public.archive_savedview
    ADD CONSTRAINT view_name_once UNIQUE (user_id, name);
ALTER TABLE ONLY public.weekly_reports_weeklyreport
    ADD CONSTRAINT weekly_reports_weeklyreport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.emergencies_writtendraft
    ADD CONSTRAINT written_draft_once UNIQUE (report_id, by_id);
CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);
CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX accounts_apitoken_digest_63ccb187_like ON public.accounts_apitoken USING btree (digest varchar_pattern_ops);
CREATE INDEX accounts_apitoken_user_id_bbee13e0 ON public.accounts_apitoken USING btree (user_id);
CREATE INDEX accounts_passwordreset_asked_by_id_f8df1390 ON public.accounts_passwordreset USING btree (asked_by_id);
CREATE INDEX accounts_passwordreset_opened_by_id_d3d04f82 ON public.accounts_passwordreset USING btree (opened_by_id);
CREATE INDEX accounts_passwordreset_person_id_c2ba9015 ON public.accounts_passwordreset USING btree (person_id);
CREATE INDEX accounts_phone_user_id_131dd7a5 ON public.accounts_phone USING btree (user_id);
CREATE INDEX accounts_roleproposal_decided_by_id_df384efa ON public.accounts_roleproposal USING btree (decided_by_id);
CREATE INDEX accounts_roleproposal_proposed_by_id_57ab2eac ON public.accounts_roleproposal USING btree (proposed_by_id);
CREATE INDEX accounts_roleproposal_user_id_574b4dd4 ON public.accounts_roleproposal USING btree (user_id);
CREATE INDEX activity_community ON public.items_activity USING btree (community_id, starts_at DESC, id DESC);
CREATE INDEX activity_report ON public.items_activity USING btree (weekly_report) WHERE (weekly_report IS NOT NULL);
CREATE INDEX activity_reporter ON public.items_activity USING btree (reporter_id, starts_at DESC, id DESC);
CREATE INDEX activity_unreported ON public.items_activity USING btree (reporter_id) WHERE (weekly_report IS NULL);
CREATE UNIQUE INDEX agenda_point_once ON public.management_agendapoint USING btree (meeting_id, kind, subject_id) WHERE (subject_id IS NOT NULL);
CREATE UNIQUE INDEX agreement_draft_once ON public.confidentiality_agreement USING btree (unit_id) WHERE (published_at IS NULL);
CREATE INDEX agreement_unit ON public.confidentiality_agreement USING btree (unit_id, number DESC);
CREATE INDEX alarm_next ON public.emergencies_alarm USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX alarm_open ON public.emergencies_alarm USING btree (community_id) WHERE (acknowledged_at IS NULL);
CREATE INDEX alert_key ON public.security_alert USING btree (key) WHERE (NOT ((key)::text = ''::text));
CREATE INDEX alert_newest ON public.security_alert USING btree (opened_at DESC, id DESC);
CREATE UNIQUE INDEX alert_open_once ON public.security_alert USING btree (key) WHERE ((NOT ((key)::text = ''::text)) AND (NOT ((state)::text = 'closed'::text)));
CREATE INDEX alert_unit ON public.security_alert USING btree (unit_id, opened_at DESC, id DESC);
CREATE INDEX appraisal_appraisal_group_id_75ddc51c ON public.appraisal_appraisal USING btree (group_id);
CREATE INDEX appraisal_cap_by_id_c753e212 ON public.appraisal_cap USING btree (by_id);
CREATE INDEX appraisal_cap_person_id_1f19cc4e ON public.appraisal_cap USING btree (person_id);
CREATE INDEX appraisal_change_appraisal_id_36d3c28a ON public.appraisal_change USING btree (appraisal_id);
CREATE INDEX appraisal_change_by_id_ce835cd9 ON public.appraisal_change USING btree (by_id);
CREATE INDEX appraisal_cycle_going ON public.appraisal_cycle USING btree (state) WHERE ((state)::text = ANY ((ARRAY['open'::character varying, 'published'::character varying])::text[]));
CREATE INDEX appraisal_cycle_opened_by_id_0ec7f0d9 ON public.appraisal_cycle USING btree (opened_by_id);
CREATE INDEX appraisal_cycle_published_by_id_535b4e1a ON public.appraisal_cycle USING btree (published_by_id);
CREATE INDEX appraisal_cycle_unit ON public.appraisal_cycle USING btree (unit_id, half DESC, id DESC);
CREATE INDEX appraisal_list ON public.appraisal_appraisal USING btree (cycle_id, name, id);
CREATE INDEX appraisal_objection_decided_by_id_703ac747 ON public.appraisal_objection USING btree (decided_by_id);
CREATE INDEX appraisal_objection_decider_id_dea262e2 ON public.appraisal_objection USING btree (decider_id);
CREATE UNIQUE INDEX appraisal_one_cycle ON public.appraisal_cycle USING btree (unit_id, half) WHERE (NOT ((state)::text = 'superseded'::text));
CREATE INDEX appraisal_person ON public.appraisal_appraisal USING btree (person_id, id DESC);
CREATE INDEX appraisal_proposal_appraisal_id_a3762795 ON public.appraisal_proposal USING btree (appraisal_id);
CREATE INDEX appraisal_proposal_decided_by_id_744e07db ON public.appraisal_proposal USING btree (decided_by_id);
CREATE UNIQUE INDEX appraisal_proposal_once ON public.appraisal_proposal USING btree (appraisal_id, kind) WHERE (NOT ((state)::text = 'withdrawn'::text));
CREATE INDEX appraisal_rating_of ON public.appraisal_rating USING btree (appraisal_id, kind);
CREATE INDEX appraisal_rating_rater ON public.appraisal_rating USING btree (rater_id, kind);
CREATE INDEX appraisal_ruleset_made_by_id_89e7b1f6 ON public.appraisal_ruleset USING btree (made_by_id);
CREATE INDEX appraisal_ruleset_unit_id_f623bcf5 ON public.appraisal_ruleset USING btree (unit_id);
CREATE INDEX archive_gri_communi_43292d_idx ON public.archive_gridday USING btree (community_id, day);
CREATE INDEX archive_gridday_community_id_c0257a19 ON public.archive_gridday USING btree (community_id);
CREATE INDEX archive_gridday_grid_id_eb75e68b ON public.archive_gridday USING btree (grid_id);
CREATE INDEX archive_rol_communi_e11ed5_idx ON public.archive_rollup USING btree (community_id, day);
CREATE INDEX archive_rollup_community_id_ad938432 ON public.archive_rollup USING btree (community_id);
CREATE INDEX archive_savedview_user_id_40774fa5 ON public.archive_savedview USING btree (user_id);
CREATE INDEX attachment_fingerprint ON public.items_attachment USING btree (fingerprint) WHERE (fingerprint IS NOT NULL);
CREATE INDEX audit_block_ids ON public.audit_block USING gin (ids) WITH (fastupdate=off);
CREATE INDEX audit_event_repeat ON public.audit_event USING btree (action, address, at DESC);
CREATE INDEX audit_event_untold ON public.audit_event USING btree (at) WHERE (told_at IS NULL);
CREATE INDEX audit_fact_1 ON ONLY public.audit_fact USING btree (source, subject, seq);
CREATE INDEX audit_fact_2 ON ONLY public.audit_fact USING btree (seq);
CREATE INDEX audit_fact_rest_seq_idx ON public.audit_fact_rest USING btree (seq);
CREATE INDEX audit_fact_rest_source_subject_seq_idx ON public.audit_fact_rest USING btree (source, subject, seq);
CREATE INDEX audit_record_1 ON ONLY public.audit_record USING btree (at DESC, id DESC);
CREATE INDEX audit_record_2 ON ONLY public.audit_record USING btree (subject_type, subject_id, at);
CREATE INDEX audit_record_3 ON ONLY public.audit_record USING btree (actor_id, at);
CREATE INDEX audit_record_action ON ONLY public.audit_record USING btree (action, at DESC, id DESC);
CREATE INDEX audit_record_rest_action_at_id_idx ON public.audit_record_rest USING btree (action, at DESC, id DESC);
CREATE INDEX audit_record_rest_actor_id_at_idx ON public.audit_record_rest USING btree (actor_id, at);
CREATE INDEX audit_record_rest_at_id_idx ON public.audit_record_rest USING btree (at DESC, id DESC);
CREATE INDEX audit_record_rest_subject_type_subject_id_at_idx ON public.audit_record_rest USING btree (subject_type, subject_id, at);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX award_ledger ON public.conduct_award USING btree (community_id, year, decided_at DESC, id DESC);
CREATE INDEX award_person ON public.conduct_award USING btree (person_id, decided_at DESC);
CREATE INDEX award_wall ON public.conduct_award USING btree (community_id, decided_at DESC, id DESC) WHERE (shown_since IS NOT NULL);
CREATE INDEX axes_accessattempt_ip_address_10922d9c ON public.axes_accessattempt USING btree (ip_address);
CREATE INDEX axes_accessattempt_user_agent_ad89678b ON public.axes_accessattempt USING btree (user_agent);
CREATE INDEX axes_accessattempt_user_agent_ad89678b_like ON public.axes_accessattempt USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessattempt_username_3f2d4ca0 ON public.axes_accessattempt USING btree (username);
CREATE INDEX axes_accessattempt_username_3f2d4ca0_like ON public.axes_accessattempt USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_ip_address_2e9f5a7f ON public.axes_accessfailurelog USING btree (ip_address);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda ON public.axes_accessfailurelog USING btree (user_agent);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda_like ON public.axes_accessfailurelog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4 ON public.axes_accessfailurelog USING btree (username);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4_like ON public.axes_accessfailurelog USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accesslog_ip_address_86b417e5 ON public.axes_accesslog USING btree (ip_address);
CREATE INDEX axes_accesslog_user_agent_0e659004 ON public.axes_accesslog USING btree (user_agent);
CREATE INDEX axes_accesslog_user_agent_0e659004_like ON public.axes_accesslog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accesslog_username_df93064b ON public.axes_accesslog USING btree (username);
CREATE INDEX axes_accesslog_username_df93064b_like ON public.axes_accesslog USING btree (username varchar_pattern_ops);
CREATE INDEX backup_log ON public.platform_backup USING btree (at DESC, id DESC);
CREATE INDEX case_community ON public.conduct_case USING btree (community_id, opened_at DESC);
CREATE INDEX case_expiry ON public.conduct_case USING btree (expires_at) WHERE (expired_at IS NULL);
CREATE INDEX case_opener ON public.conduct_case USING btree (opened_by_id, opened_at DESC);
CREATE INDEX case_person ON public.conduct_case USING btree (person_id, opened_at DESC);
CREATE INDEX check_unit ON public.security_securitycheck USING btree (unit_id, due_on DESC, id DESC);
CREATE INDEX conduct_award_decided_by_id_9fbcf724 ON public.conduct_award USING btree (decided_by_id);
CREATE INDEX conduct_award_handed_over_by_id_87dd016b ON public.conduct_award USING btree (handed_over_by_id);
CREATE INDEX conduct_award_nomination_id_2193f6b5 ON public.conduct_award USING btree (nomination_id);
CREATE INDEX conduct_budget_set_by_id_13564415 ON public.conduct_budget USING btree (set_by_id);
CREATE INDEX conduct_budget_unit_id_9a57875d ON public.conduct_budget USING btree (unit_id);
CREATE INDEX conduct_case_appeal_decided_by_id_0a130d3e ON public.conduct_case USING btree (appeal_decided_by_id);
CREATE INDEX conduct_case_decided_by_id_f25a1e27 ON public.conduct_case USING btree (decided_by_id);
CREATE INDEX conduct_case_items_case_id_3a036e34 ON public.conduct_case_items USING btree (case_id);
CREATE INDEX conduct_case_items_item_id_35e7f732 ON public.conduct_case_items USING btree (item_id);
CREATE INDEX conduct_case_number_4fcc22ae_like ON public.conduct_case USING btree (number varchar_pattern_ops);
CREATE INDEX conduct_case_opened_by_id_5e4d85cc ON public.conduct_case USING btree (opened_by_id);
CREATE INDEX conduct_case_person_id_09392a12 ON public.conduct_case USING btree (person_id);
CREATE INDEX conduct_contribution_confirmed_by_id_7603b03b ON public.conduct_contribution USING btree (confirmed_by_id);
CREATE INDEX conduct_contribution_item_id_ecb354b1 ON public.conduct_contribution USING btree (item_id);
CREATE INDEX conduct_contribution_recorded_by_id_6ae07d5d ON public.conduct_contribution USING btree (recorded_by_id);
CREATE INDEX conduct_evidence_case_id_9d3ac0f6 ON public.conduct_evidence USING btree (case_id);
CREATE INDEX conduct_evidence_taken_by_id_b2ae5928 ON public.conduct_evidence USING btree (taken_by_id);
CREATE INDEX conduct_nomination_decided_by_id_a3609997 ON public.conduct_nomination USING btree (decided_by_id);
CREATE INDEX conduct_nomination_items_item_id_71ca2bbf ON public.conduct_nomination_items USING btree (item_id);
CREATE INDEX conduct_nomination_items_nomination_id_fc7cf632 ON public.conduct_nomination_items USING btree (nomination_id);
CREATE INDEX conduct_nomination_nominated_by_id_239265ab ON public.conduct_nomination USING btree (nominated_by_id);
CREATE INDEX conduct_nomination_nominee_id_32a9cbdc ON public.conduct_nomination USING btree (nominee_id);
CREATE INDEX conduct_revocation_person_id_08cf8a32 ON public.conduct_revocation USING btree (person_id);
CREATE INDEX conduct_share_contribution_id_6f0d0c81 ON public.conduct_share USING btree (contribution_id);
CREATE INDEX confidentiality_agreement_published_by_id_471983e9 ON public.confidentiality_agreement USING btree (published_by_id);
CREATE INDEX confidentiality_agreement_written_by_id_6f862622 ON public.confidentiality_agreement USING btree (written_by_id);
CREATE INDEX confidentiality_approval_by_id_0d243d71 ON public.confidentiality_approval USING btree (by_id);
CREATE INDEX confidentiality_approval_disclosure_id_1789e50e ON public.confidentiality_approval USING btree (disclosure_id);
CREATE INDEX confidentiality_disclosure_digest_6ce5bd40 ON public.confidentiality_disclosure USING btree (digest);
CREATE INDEX confidentiality_disclosure_digest_6ce5bd40_like ON public.confidentiality_disclosure USING btree (digest varchar_pattern_ops);
CREATE INDEX confidentiality_disclosure_number_00173d48_like ON public.confidentiality_disclosure USING btree (number varchar_pattern_ops);
CREATE INDEX confidentiality_hold_by_id_68a3dd6e ON public.confidentiality_hold USING btree (by_id);
CREATE INDEX confidentiality_hold_item_id_b79bce92 ON public.confidentiality_hold USING btree (item_id);
CREATE INDEX confidentiality_hold_released_by_id_74dfe3d4 ON public.confidentiality_hold USING btree (released_by_id);
CREATE INDEX confidentiality_hold_unit_id_4fb0c80a ON public.confidentiality_hold USING btree (unit_id);
CREATE INDEX confidentiality_papersignature_agreement_id_9f48a7f6 ON public.confidentiality_papersignature USING btree (agreement_id);
CREATE INDEX confidentiality_papersignature_decided_by_id_bb9336b9 ON public.confidentiality_papersignature USING btree (decided_by_id);
CREATE INDEX confidentiality_papersignature_recorded_by_id_90005e53 ON public.confidentiality_papersignature USING btree (recorded_by_id);
CREATE INDEX confidentiality_privacyrequest_agreed_by_id_7f607138 ON public.confidentiality_privacyrequest USING btree (agreed_by_id);
CREATE INDEX confidentiality_privacyrequest_decided_by_id_eb99d81b ON public.confidentiality_privacyrequest USING btree (decided_by_id);
CREATE INDEX confidentiality_privacyrequest_entered_by_id_1ddcd5e3 ON public.confidentiality_privacyrequest USING btree (entered_by_id);
CREATE INDEX confidentiality_privacyrequest_identified_by_id_af9671a5 ON public.confidentiality_privacyrequest USING btree (identified_by_id);
CREATE INDEX confidentiality_privacyrequest_receipt_9bbc96ec_like ON public.confidentiality_privacyrequest USING btree (receipt varchar_pattern_ops);
CREATE INDEX confidentiality_relative_user_id_aaa81865 ON public.confidentiality_relative USING btree (user_id);
CREATE INDEX confidentiality_removal_request_id_2498cd89 ON public.confidentiality_removal USING btree (request_id);
CREATE INDEX confidentiality_signature_agreement_id_f1b42dde ON public.confidentiality_signature USING btree (agreement_id);
CREATE INDEX confidentiality_signature_document_id_0f008223 ON public.confidentiality_signature USING btree (document_id);
CREATE INDEX contribution_list ON public.conduct_contribution USING btree (community_id, half, recorded_at DESC, id DESC);
CREATE INDEX delivery_cause ON public.outbox_delivery USING btree (caused_by_id, created_at DESC, id DESC);
CREATE INDEX delivery_newest ON public.outbox_delivery USING btree (created_at DESC, id DESC);
CREATE INDEX delivery_next ON public.outbox_delivery USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX delivery_stopped ON public.outbox_delivery USING btree (created_at DESC, id DESC) WHERE ((state)::text = ANY ((ARRAY['failed'::character varying, 'uncertain'::character varying])::text[]));
CREATE INDEX delivery_subject ON public.outbox_delivery USING btree (subject_id);
CREATE INDEX delivery_unit ON public.outbox_delivery USING btree (unit_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX device_held_by_one ON public.security_holding USING btree (device_id) WHERE (ends IS NULL);
CREATE INDEX device_unit ON public.security_device USING btree (unit_id, registered_at DESC, id DESC);
CREATE INDEX disclosure_asker ON public.confidentiality_disclosure USING btree (asked_by_id, asked_at DESC, id DESC);
CREATE INDEX disclosure_ends ON public.confidentiality_disclosure USING btree (until) WHERE (NOT ((file)::text = ''::text));
CREATE INDEX disclosure_items ON public.confidentiality_disclosure USING gin (items);
CREATE INDEX disclosure_state ON public.confidentiality_disclosure USING btree (unit_id, state, asked_at DESC, id DESC);
CREATE INDEX disclosure_unit ON public.confidentiality_disclosure USING btree (unit_id, asked_at DESC, id DESC);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE UNIQUE INDEX document_number_once ON public.documents_document USING btree (number, version) WHERE (NOT ((number)::text = ''::text));
CREATE INDEX document_original ON public.documents_document USING btree (original_pdf) WHERE (NOT ((original_pdf)::text = ''::text));
CREATE INDEX documents_d_pdf_28617a_idx ON public.documents_document USING btree (pdf);
CREATE INDEX documents_d_subject_2e1680_idx ON public.documents_document USING btree (subject_id);
CREATE INDEX documents_document_code_06f0bf8e_like ON public.documents_document USING btree (code varchar_pattern_ops);
CREATE INDEX documents_document_issued_by_id_8e551c80 ON public.documents_document USING btree (issued_by_id);
CREATE INDEX documents_document_seal_id_d5c79bda ON public.documents_document USING btree (seal_id);
CREATE INDEX documents_document_sealed_by_id_feca6d46 ON public.documents_document USING btree (sealed_by_id);
CREATE INDEX documents_document_unit_id_f4f8a781 ON public.documents_document USING btree (unit_id);
CREATE INDEX documents_seal_custodian_id_7079eb4f ON public.documents_seal USING btree (custodian_id);
CREATE INDEX documents_seal_made_by_id_b780ee86 ON public.documents_seal USING btree (made_by_id);
CREATE INDEX documents_seal_person_id_9b49085a ON public.documents_seal USING btree (person_id);
CREATE INDEX documents_seal_serial_cb3e6c8e ON public.documents_seal USING btree (serial);
CREATE INDEX documents_seal_serial_cb3e6c8e_like ON public.documents_seal USING btree (serial varchar_pattern_ops);
CREATE INDEX documents_seal_unit_id_7503921c ON public.documents_seal USING btree (unit_id);
CREATE INDEX documents_sealuse_by_id_703f785a ON public.documents_sealuse USING btree (by_id);
CREATE INDEX documents_sealuse_document_id_1073f709 ON public.documents_sealuse USING btree (document_id);
CREATE INDEX documents_sealuse_seal_id_c2bb824d ON public.documents_sealuse USING btree (seal_id);
CREATE INDEX documents_template_unit_id_fece6600 ON public.documents_template USING btree (unit_id);
CREATE INDEX documents_template_uploaded_by_id_bdb88824 ON public.documents_template USING btree (uploaded_by_id);
CREATE INDEX duties_handover_by_id_12341e45 ON public.duties_handover USING btree (by_id);
CREATE INDEX duties_handover_taken_by_id_003fbc17 ON public.duties_handover USING btree (taken_by_id);
CREATE INDEX duties_leave_stand_in_id_208073a3 ON public.duties_leave USING btree (stand_in_id);
CREATE INDEX duties_obligation_key_51f2c001_like ON public.duties_obligation USING btree (key varchar_pattern_ops);
CREATE INDEX duties_obligation_leave_id_76ee9ef3 ON public.duties_obligation USING btree (leave_id);
CREATE INDEX duties_shift_person_id_ef33c2b4 ON public.duties_shift USING btree (person_id);
CREATE INDEX duties_shift_stand_in_id_1fbf158f ON public.duties_shift USING btree (stand_in_id);
CREATE INDEX emergencies_afteraction_by_id_5c58bc78 ON public.emergencies_afteraction USING btree (by_id);
CREATE INDEX emergencies_alarm_acknowledged_by_id_67835d52 ON public.emergencies_alarm USING btree (acknowledged_by_id);
CREATE INDEX emergencies_alarm_report_id_7dfc71d8 ON public.emergencies_alarm USING btree (report_id);
CREATE INDEX emergencies_alarm_sent_with_id_c57dc969 ON public.emergencies_alarm USING btree (sent_with_id);
CREATE INDEX emergencies_alarmcall_alarm_id_2c3d20b3 ON public.emergencies_alarmcall USING btree (alarm_id);
CREATE INDEX emergencies_alarmcall_person_id_29f089d3 ON public.emergencies_alarmcall USING btree (person_id);
CREATE INDEX emergencies_urgentreport_joined_to_id_82b7311c ON public.emergencies_urgentreport USING btree (joined_to_id);
CREATE INDEX emergencies_urgentreport_work_group_id_aa12f7e1 ON public.emergencies_urgentreport USING btree (work_group_id);
CREATE INDEX emergencies_urgentversion_by_id_581cba4b ON public.emergencies_urgentversion USING btree (by_id);
CREATE INDEX emergencies_urgentversion_report_id_c0b73e8f ON public.emergencies_urgentversion USING btree (report_id);
CREATE INDEX emergencies_urgentversion_seal_id_e1fad937 ON public.emergencies_urgentversion USING btree (seal_id);
CREATE INDEX emergencies_writtendraft_by_id_e8e52cc1 ON public.emergencies_writtendraft USING btree (by_id);
CREATE INDEX emergencies_writtendraft_report_id_0653d3f8 ON public.emergencies_writtendraft USING btree (report_id);
CREATE INDEX entry_inside ON public.security_entry USING btree (place_id) WHERE ((left_at IS NULL) AND (NOT refused));
CREATE INDEX entry_place ON public.security_entry USING btree (place_id, at DESC, id DESC);
CREATE INDEX evaluation_at ON public.handling_evaluation USING btree (at);
CREATE INDEX file_copy_person ON public.management_filecopy USING btree (person_id, at DESC, id DESC);
CREATE INDEX finding_unit ON public.security_finding USING btree (unit_id, found_at DESC, id DESC);
CREATE INDEX hand_over_unit ON public.duties_handover USING btree (unit_id, at DESC, id DESC);
CREATE INDEX handling_adoption_confirmed_by_id_7ee9f2e8 ON public.handling_adoption USING btree (confirmed_by_id);
CREATE INDEX handling_adoption_item_id_d8dbe321 ON public.handling_adoption USING btree (item_id);
CREATE INDEX handling_adoption_recorded_by_id_c46bded3 ON public.handling_adoption USING btree (recorded_by_id);
CREATE INDEX handling_assignment_assigned_by_id_9370f309 ON public.handling_assignment USING btree (assigned_by_id);
CREATE INDEX handling_assignment_handler_id_8d976b66 ON public.handling_assignment USING btree (handler_id);
CREATE INDEX handling_assignment_item_id_8c2c52d0 ON public.handling_assignment USING btree (item_id);
CREATE INDEX handling_assignment_unit_id_ff87caec ON public.handling_assignment USING btree (unit_id);
CREATE INDEX handling_callback_caller_id_35824fb1 ON public.handling_callback USING btree (caller_id);
CREATE INDEX handling_callback_community_id_ce7affc2 ON public.handling_callback USING btree (community_id);
CREATE INDEX handling_evaluation_item_id_598c4a10 ON public.handling_evaluation USING btree (item_id);
CREATE INDEX handling_evaluation_recorded_by_id_9444fdce ON public.handling_evaluation USING btree (recorded_by_id);
CREATE INDEX handling_extension_asked_by_id_180a0cd5 ON public.handling_extension USING btree (asked_by_id);
CREATE INDEX handling_extension_decided_by_id_44c2ad99 ON public.handling_extension USING btree (decided_by_id);
CREATE INDEX handling_informing_by_id_a44577e1 ON public.handling_informing USING btree (by_id);
CREATE INDEX handling_informing_item_id_9542d257 ON public.handling_informing USING btree (item_id);
CREATE INDEX handling_residentlink_digest_c9d320f7_like ON public.handling_residentlink USING btree (digest varchar_pattern_ops);
CREATE INDEX handling_supervision_answered_by_id_7d8f51f2 ON public.handling_supervision USING btree (answered_by_id);
CREATE INDEX handling_supervision_assignment_id_a4787b4b ON public.handling_supervision USING btree (assignment_id);
CREATE INDEX handling_supervision_by_id_c8c74019 ON public.handling_supervision USING btree (by_id);
CREATE UNIQUE INDEX hold_once ON public.confidentiality_hold USING btree (item_id) WHERE (released_at IS NULL);
CREATE INDEX host_event_at ON public.security_hostevent USING btree (at);
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));
CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);
CREATE INDEX import_run_user ON public.items_importrun USING btree (user_id, created_at DESC);
CREATE INDEX incident_noticed_by ON public.security_incident USING btree (noticed_by_id);
CREATE INDEX incident_unit ON public.security_incident USING btree (unit_id, noticed_at DESC, id DESC);
CREATE INDEX inspection_unit ON public.security_inspection USING btree (unit_id, at DESC, id DESC);
CREATE INDEX item_activity ON public.items_item USING btree (activity_id) WHERE (activity_id IS NOT NULL);
CREATE INDEX item_all ON public.items_item USING btree (priority DESC, reported_at DESC, id DESC);
CREATE INDEX item_all_open ON public.items_item USING btree (priority DESC, reported_at DESC, id DESC) WHERE ((status)::text = ANY ((ARRAY['submitted'::character varying, 'returned'::character varying, 'approved'::character varying, 'handling'::character varying, 'resolved'::character varying, 'informed'::character varying, 'evaluated'::character varying])::text[]));
CREATE INDEX item_closed ON public.items_item USING btree (community_id, closed_at) WHERE (closed_at IS NOT NULL);
CREATE INDEX item_community ON public.items_item USING btree (community_id, priority DESC, reported_at DESC, id DESC);
CREATE INDEX item_due ON public.items_item USING btree (community_id, priority DESC, due_at, id) WHERE ((status)::text = 'handling'::text);
CREATE INDEX item_grid ON public.items_item USING btree (grid_id, reported_at DESC, id DESC);
CREATE INDEX item_handled ON public.items_item USING btree (handler_id, reported_at DESC, id DESC) WHERE (handler_id IS NOT NULL);
CREATE INDEX item_handler ON public.items_item USING btree (handler_id, due_at) WHERE ((status)::text = 'handling'::text);
CREATE INDEX item_handling_unit ON public.items_item USING btree (handling_unit_id, due_at) WHERE ((status)::text = 'handling'::text);
CREATE INDEX item_merged ON public.items_item USING btree (merged_into_id) WHERE (merged_into_id IS NOT NULL);
CREATE INDEX item_open ON public.items_item USING btree (community_id, status, priority DESC, reported_at, id) WHERE ((status)::text = ANY ((ARRAY['submitted'::character varying, 'returned'::character varying, 'approved'::character varying, 'handling'::character varying, 'resolved'::character varying, 'informed'::character varying, 'evaluated'::character varying])::text[]));
CREATE INDEX item_report ON public.items_item USING btree (weekly_report) WHERE (weekly_report IS NOT NULL);
CREATE INDEX item_reporter ON public.items_item USING btree (reporter_id, created_at DESC, id DESC);
CREATE INDEX item_subcategory ON public.items_item USING btree (community_id, subcategory, reported_at DESC, id DESC);
CREATE INDEX item_text_all ON public.items_itemtext USING btree (reported_at DESC);
CREATE INDEX item_text_community ON public.items_itemtext USING btree (community_id, reported_at DESC);
CREATE INDEX item_text_terms ON public.items_itemtext USING gin (terms) WITH (gin_pending_list_limit='2048');
CREATE INDEX item_topic ON public.items_item USING btree (topic, reported_at DESC, id DESC) WHERE (NOT ((topic)::text = ''::text));
CREATE INDEX item_unreported ON public.items_item USING btree (reporter_id) WHERE ((arrived_at IS NOT NULL) AND (weekly_report IS NULL));
CREATE INDEX item_urgent ON public.items_item USING btree (community_id, reported_at DESC, id DESC) WHERE urgent;
CREATE INDEX items_activity_community_id_0e6a9528 ON public.items_activity USING btree (community_id);
CREATE INDEX items_activity_grid_id_e6059159 ON public.items_activity USING btree (grid_id);
CREATE INDEX items_activity_reporter_id_0599a479 ON public.items_activity USING btree (reporter_id);
CREATE INDEX items_activity_work_group_id_6ec65a40 ON public.items_activity USING btree (work_group_id);
CREATE INDEX items_attac_sha256_b21f91_idx ON public.items_attachment USING btree (sha256);
CREATE INDEX items_attachment_activity_id_64939aa5 ON public.items_attachment USING btree (activity_id);
CREATE INDEX items_attachment_item_id_5c0510c5 ON public.items_attachment USING btree (item_id);
CREATE INDEX items_attachment_owner_id_d723655b ON public.items_attachment USING btree (owner_id);
CREATE INDEX items_cataloguefield_subcategory_id_99cdab63 ON public.items_cataloguefield USING btree (subcategory_id);
CREATE INDEX items_cataloguefield_subcategory_id_99cdab63_like ON public.items_cataloguefield USING btree (subcategory_id varchar_pattern_ops);
CREATE INDEX items_entry_1 ON ONLY public.items_entry USING btree (item_id, at);
CREATE INDEX items_entry_when ON ONLY public.items_entry USING brin (at);
CREATE INDEX items_entry_rest_at_idx ON public.items_entry_rest USING brin (at);
CREATE INDEX items_entry_rest_item_id_at_idx ON public.items_entry_rest USING btree (item_id, at);
CREATE INDEX items_hint_item_id_a1553215 ON public.items_hint USING btree (item_id);
CREATE INDEX items_hint_other_id_68c8d59e ON public.items_hint USING btree (other_id);
CREATE INDEX items_importrun_community_id_53b92bde ON public.items_importrun USING btree (community_id);
CREATE INDEX items_importrun_user_id_7e7cff52 ON public.items_importrun USING btree (user_id);
CREATE INDEX items_party_item_id_a63a6cba ON public.items_party USING btree (item_id);
CREATE INDEX items_subcategory_code_31ba1101_like ON public.items_subcategory USING btree (code varchar_pattern_ops);
CREATE INDEX items_subcategory_default_unit_id_47f8c7b6 ON public.items_subcategory USING btree (default_unit_id);
CREATE INDEX items_uncheckeditem_item_id_8d727f86 ON public.items_uncheckeditem USING btree (item_id);
CREATE INDEX leave_person ON public.duties_leave USING btree (person_id, starts DESC, id DESC);
CREATE INDEX leave_unit ON public.duties_leave USING btree (unit_id, starts DESC, id DESC);
CREATE INDEX linbao_jobs_due ON public.procrastinate_jobs USING btree (queue_name, scheduled_at) WHERE ((status = 'todo'::public.procrastinate_job_status) AND (lock IS NULL) AND (scheduled_at IS NOT NULL));
CREATE INDEX linbao_jobs_locked ON public.procrastinate_jobs USING btree (lock, priority DESC, id) WHERE ((status = 'todo'::public.procrastinate_job_status) AND (lock IS NOT NULL));
CREATE INDEX linbao_jobs_ready ON public.procrastinate_jobs USING btree (queue_name, priority DESC, id) WHERE ((status = 'todo'::public.procrastinate_job_status) AND (lock IS NULL) AND (scheduled_at IS NULL));
CREATE INDEX management_agendapoint_meeting_id_eaa8d668 ON public.management_agendapoint USING btree (meeting_id);
CREATE INDEX management_filecopy_unit_id_a6a1b37c ON public.management_filecopy USING btree (unit_id);
CREATE INDEX management_meetingperson_meeting_id_ed0779eb ON public.management_meetingperson USING btree (meeting_id);
CREATE INDEX management_meetingperson_person_id_d2803f6d ON public.management_meetingperson USING btree (person_id);
CREATE INDEX management_minutes_meeting_id_9555a831 ON public.management_minutes USING btree (meeting_id);
CREATE INDEX management_opinion_author_id_723ee9ac ON public.management_opinion USING btree (author_id);
CREATE INDEX management_opinion_meeting_id_a2e0b963 ON public.management_opinion USING btree (meeting_id);
CREATE INDEX management_problem_meeting_id_0edb4da7 ON public.management_problem USING btree (meeting_id);
CREATE INDEX management_series_given_by_id_32c6bba9 ON public.management_series USING btree (given_by_id);
CREATE INDEX management_series_unit_id_fd5ff147 ON public.management_series USING btree (unit_id);
CREATE INDEX management_task_meeting_id_4912da74 ON public.management_task USING btree (meeting_id);
CREATE INDEX management_taskfile_series_id_0b7b565d ON public.management_taskfile USING btree (series_id);
CREATE INDEX management_taskfile_task_id_512f7da0 ON public.management_taskfile USING btree (task_id);
CREATE INDEX management_taskpart_task_id_48948f2f ON public.management_taskpart USING btree (task_id);
CREATE INDEX meeting_unit ON public.management_meeting USING btree (unit_id, starts_at DESC, id DESC);
CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);
CREATE UNIQUE INDEX name_seal_once ON public.documents_seal USING btree (person_id) WHERE ((person_id IS NOT NULL) AND (NOT ((state)::text = 'revoked'::text)));
CREATE INDEX nomination_list ON public.conduct_nomination USING btree (community_id, at DESC, id DESC);
CREATE INDEX nomination_state ON public.conduct_nomination USING btree (community_id, state, at DESC, id DESC);
CREATE INDEX notice_mail ON public.outbox_notice USING btree (mail_at) WHERE (mail_at IS NOT NULL);
CREATE INDEX notice_unread ON public.outbox_notice USING btree (user_id) WHERE (read_at IS NULL);
CREATE INDEX notice_user ON public.outbox_notice USING btree (user_id, created_at DESC, id DESC);
CREATE INDEX obligation_history ON public.duties_obligation USING btree (owner_id, kind, due_at DESC);
CREATE INDEX obligation_moved ON public.duties_obligation USING btree (moved_from_id, kind) WHERE (moved_from_id IS NOT NULL);
CREATE INDEX obligation_next ON public.duties_obligation USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX obligation_open ON public.duties_obligation USING btree (community_id, kind, due_at) WHERE ((met_at IS NULL) AND (missed_at IS NULL) AND (waived_at IS NULL));
CREATE INDEX obligation_owner_open ON public.duties_obligation USING btree (owner_id, due_at) WHERE ((met_at IS NULL) AND (missed_at IS NULL) AND (waived_at IS NULL));
CREATE INDEX obligation_period ON public.duties_obligation USING btree (community_id, kind, period);
CREATE INDEX obligation_stood ON public.duties_obligation USING btree (owner_id) WHERE (moved_from_id IS NOT NULL);
CREATE INDEX obligation_subject ON public.duties_obligation USING btree (subject_id, kind);
CREATE UNIQUE INDEX one_current_key ON public.platform_datakey USING btree (purpose) WHERE ((state)::text = 'current'::text);
CREATE UNIQUE INDEX one_group_report_a_week ON public.weekly_reports_weeklyreport USING btree (work_group_id, week) WHERE by_group;
CREATE UNIQUE INDEX one_open_assignment ON public.handling_assignment USING btree (item_id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX one_open_nomination ON public.conduct_nomination USING btree (nominee_id, half) WHERE ((state)::text = 'open'::text);
CREATE UNIQUE INDEX one_report_a_week ON public.weekly_reports_weeklyreport USING btree (reporter_id, week) WHERE (NOT by_group);
CREATE INDEX opinion_unit ON public.management_opinion USING btree (unit_id, day DESC, id DESC);
CREATE INDEX organisatio_unit_id_6b5a01_idx ON public.organisation_rolegrant USING btree (unit_id, role);
CREATE INDEX organisation_calendarday_unit_id_2ac88df0 ON public.organisation_calendarday USING btree (unit_id);
CREATE INDEX organisation_rolegrant_granted_by_id_a5f3d185 ON public.organisation_rolegrant USING btree (granted_by_id);
CREATE INDEX organisation_rolegrant_unit_id_1e121ad9 ON public.organisation_rolegrant USING btree (unit_id);
CREATE INDEX organisation_rolegrant_user_id_328cf486 ON public.organisation_rolegrant USING btree (user_id);
CREATE INDEX organisation_unit_code_102ddd3a_like ON public.organisation_unit USING btree (code varchar_pattern_ops);
CREATE INDEX organisation_unit_parent_id_1a56e487 ON public.organisation_unit USING btree (parent_id);
CREATE INDEX organisation_user_username_489f9b76_like ON public.organisation_user USING btree (username varchar_pattern_ops);
CREATE INDEX outbox_channel_stand_in_id_ea2523d9 ON public.outbox_channel USING btree (stand_in_id);
CREATE INDEX outbox_channel_unit_id_9e27d095 ON public.outbox_channel USING btree (unit_id);
CREATE INDEX outbox_delivery_key_0cd5c44f_like ON public.outbox_delivery USING btree (key varchar_pattern_ops);
CREATE INDEX outbox_deliverystep_delivery_id_68ddb677 ON public.outbox_deliverystep USING btree (delivery_id);
CREATE INDEX paper_state ON public.confidentiality_papersignature USING btree (unit_id, state, recorded_at DESC, id DESC);
CREATE UNIQUE INDEX paper_waiting_once ON public.confidentiality_papersignature USING btree (user_id, agreement_id) WHERE ((state)::text = 'waiting'::text);
CREATE INDEX party_name ON public.items_party USING btree (name_index) WHERE (NOT ((name_index)::text = ''::text));
CREATE INDEX party_phone ON public.items_party USING btree (phone_index) WHERE (NOT ((phone_index)::text = ''::text));
CREATE INDEX password_waiting ON public.accounts_passwordreset USING btree (unit_id) WHERE (opened_at IS NULL);
CREATE UNIQUE INDEX permit_once ON public.security_permit USING btree (place_id, person_id) WHERE (ended_at IS NULL);
CREATE INDEX place_unit ON public.security_place USING btree (unit_id, made_at DESC, id DESC);
CREATE INDEX platform_cache_expires ON public.platform_cache USING btree (expires);
CREATE INDEX platform_counter_scope_8ef901e7_like ON public.platform_counter USING btree (scope varchar_pattern_ops);
CREATE INDEX platform_datakey_id_995cf882_like ON public.platform_datakey USING btree (id varchar_pattern_ops);
CREATE INDEX platform_jobfault_key_1ac748ce_like ON public.platform_jobfault USING btree (key varchar_pattern_ops);
CREATE INDEX platform_referenceversion_name_79654702_like ON public.platform_referenceversion USING btree (name varchar_pattern_ops);
CREATE INDEX platform_resealing_part_40eee525_like ON public.platform_resealing USING btree (part varchar_pattern_ops);
CREATE INDEX platform_tally_key_b6d83a10_like ON public.platform_tally USING btree (key varchar_pattern_ops);
CREATE INDEX privacy_state ON public.confidentiality_privacyrequest USING btree (unit_id, state, received_at DESC, id DESC);
CREATE INDEX privacy_unit ON public.confidentiality_privacyrequest USING btree (unit_id, received_at DESC, id DESC);
CREATE INDEX problem_unit ON public.management_problem USING btree (unit_id, raised_at DESC, id DESC);
CREATE INDEX problem_unit_open ON public.management_problem USING btree (unit_id, due_at) WHERE ((state)::text = 'open'::text);
CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);
CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);
CREATE INDEX proposal_unit ON public.accounts_roleproposal USING btree (unit_id, proposed_at DESC, id DESC);
CREATE UNIQUE INDEX proposal_waiting_once ON public.accounts_roleproposal USING btree (user_id, role, unit_id) WHERE ((state)::text = 'waiting'::text);
CREATE INDEX removal_unit ON public.confidentiality_removal USING btree (unit_id, at DESC, id DESC);
CREATE INDEX report_community ON public.weekly_reports_weeklyreport USING btree (community_id, week DESC, id DESC);
CREATE INDEX report_reporter ON public.weekly_reports_weeklyreport USING btree (reporter_id, week DESC, id DESC);
CREATE INDEX report_sent ON public.weekly_reports_weeklyreport USING btree (sent_at);
CREATE INDEX report_to_send ON public.weekly_reports_weeklyreport USING btree (confirmed_at) WHERE ((sent_at IS NULL) AND ((status)::text = 'confirmed'::text));
CREATE INDEX review_claim_reviewer_id_2efe07c1 ON public.review_claim USING btree (reviewer_id);
CREATE INDEX review_finding_reason_id_aa120045 ON public.review_finding USING btree (reason_id);
CREATE INDEX review_finding_reason_id_aa120045_like ON public.review_finding USING btree (reason_id varchar_pattern_ops);
CREATE INDEX review_finding_review_id_ce832b24 ON public.review_finding USING btree (review_id);
CREATE INDEX review_mergesuggestion_community_id_0e44249c ON public.review_mergesuggestion USING btree (community_id);
CREATE INDEX review_mergesuggestion_dismissed_by_id_85d69ca4 ON public.review_mergesuggestion USING btree (dismissed_by_id);
CREATE INDEX review_mergesuggestion_item_id_57df3074 ON public.review_mergesuggestion USING btree (item_id);
CREATE INDEX review_mergesuggestion_other_id_b3811465 ON public.review_mergesuggestion USING btree (other_id);
CREATE INDEX review_review_item_id_5f5d82ed ON public.review_review USING btree (item_id);
CREATE INDEX review_review_reviewer_id_3cc1d98b ON public.review_review USING btree (reviewer_id);
CREATE INDEX review_standardreason_code_d977143b_like ON public.review_standardreason USING btree (code varchar_pattern_ops);
CREATE UNIQUE INDEX revoked_once ON public.conduct_revocation USING btree (person_id) WHERE (undone_at IS NULL);
CREATE INDEX rule_unit ON public.security_securityrule USING btree (unit_id, made_at DESC, id DESC);
CREATE UNIQUE INDEX seal_once ON public.documents_seal USING btree (unit_id, kind, name) WHERE ((person_id IS NULL) AND (NOT ((state)::text = 'revoked'::text)));
CREATE INDEX seal_use_log ON public.documents_sealuse USING btree (seal_id, at DESC, id DESC);
CREATE INDEX security_alert_about_id_258f3bf6 ON public.security_alert USING btree (about_id);
CREATE INDEX security_alert_handled_by_id_aa9ebb9b ON public.security_alert USING btree (handled_by_id);
CREATE INDEX security_checklist_changed_by_id_736e1908 ON public.security_checklist USING btree (changed_by_id);
CREATE INDEX security_checklist_unit_id_5f1407d8 ON public.security_checklist USING btree (unit_id);
CREATE INDEX security_confirmation_person_id_3fd27f2a ON public.security_confirmation USING btree (person_id);
CREATE INDEX security_confirmation_version_id_49915f70 ON public.security_confirmation USING btree (version_id);
CREATE INDEX security_device_disposed_by_id_9b0c7193 ON public.security_device USING btree (disposed_by_id);
CREATE INDEX security_device_holder_id_18abc67d ON public.security_device USING btree (holder_id);
CREATE INDEX security_device_phone_id_022cd2d8 ON public.security_device USING btree (phone_id);
CREATE INDEX security_device_registered_by_id_8352bdd8 ON public.security_device USING btree (registered_by_id);
CREATE INDEX security_device_witness_id_6d2cf784 ON public.security_device USING btree (witness_id);
CREATE INDEX security_entry_by_id_870a22c1 ON public.security_entry USING btree (by_id);
CREATE INDEX security_entry_escort_id_ce788dbb ON public.security_entry USING btree (escort_id);
CREATE INDEX security_entry_person_id_184eafff ON public.security_entry USING btree (person_id);
CREATE INDEX security_finding_closed_by_id_4f8e2474 ON public.security_finding USING btree (closed_by_id);
CREATE INDEX security_finding_inspection_id_ae4f581e ON public.security_finding USING btree (inspection_id);
CREATE INDEX security_finding_owner_id_90f1af75 ON public.security_finding USING btree (owner_id);
CREATE INDEX security_guardstatus_guard_fc584bda_like ON public.security_guardstatus USING btree (guard varchar_pattern_ops);
CREATE INDEX security_holding_by_id_c97ad73a ON public.security_holding USING btree (by_id);
CREATE INDEX security_holding_device_id_3e93fb10 ON public.security_holding USING btree (device_id);
CREATE INDEX security_holding_person_id_1385e38f ON public.security_holding USING btree (person_id);
CREATE INDEX security_hostevent_id_ccd014e6_like ON public.security_hostevent USING btree (id varchar_pattern_ops);
CREATE INDEX security_incident_device_id_90fdb544 ON public.security_incident USING btree (device_id);
CREATE INDEX security_incident_noticed_by_id_0cceec7f ON public.security_incident USING btree (noticed_by_id);
CREATE INDEX security_incident_number_d9a109f3_like ON public.security_incident USING btree (number varchar_pattern_ops);
CREATE INDEX security_incidentstep_by_id_a9f8b341 ON public.security_incidentstep USING btree (by_id);
CREATE INDEX security_incidentstep_incident_id_ad17efc6 ON public.security_incidentstep USING btree (incident_id);
CREATE INDEX security_inspection_by_id_2d58d07d ON public.security_inspection USING btree (by_id);
CREATE INDEX security_inspection_device_id_07c762a3 ON public.security_inspection USING btree (device_id);
CREATE INDEX security_inspection_place_id_7692d604 ON public.security_inspection USING btree (place_id);
CREATE INDEX security_permit_by_id_f7c3c576 ON public.security_permit USING btree (by_id);
CREATE INDEX security_permit_person_id_2547fbe4 ON public.security_permit USING btree (person_id);
CREATE INDEX security_permit_place_id_05714122 ON public.security_permit USING btree (place_id);
CREATE INDEX security_place_code_b1b874d9_like ON public.security_place USING btree (code varchar_pattern_ops);
CREATE INDEX security_place_keeper_id_eeb818b9 ON public.security_place USING btree (keeper_id);
CREATE INDEX security_rightsreview_by_id_9d422d05 ON public.security_rightsreview USING btree (by_id);
CREATE INDEX security_rightsreview_unit_id_181d1380 ON public.security_rightsreview USING btree (unit_id);
CREATE INDEX security_ruleversion_issued_by_id_b509817d ON public.security_ruleversion USING btree (issued_by_id);
CREATE INDEX security_ruleversion_rule_id_65558d92 ON public.security_ruleversion USING btree (rule_id);
CREATE INDEX security_securitycheck_done_by_id_a67b3b56 ON public.security_securitycheck USING btree (done_by_id);
CREATE INDEX security_securitycheck_planned_by_id_155473c6 ON public.security_securitycheck USING btree (planned_by_id);
CREATE INDEX security_substitute_by_id_6e3ea8cd ON public.security_substitute USING btree (by_id);
CREATE INDEX security_substitute_ended_by_id_cf0d6652 ON public.security_substitute USING btree (ended_by_id);
CREATE INDEX series_running ON public.management_series USING btree (starts) WHERE (stopped_at IS NULL);
CREATE INDEX share_half ON public.conduct_share USING btree (person_id, half);
CREATE INDEX shift_unit ON public.duties_shift USING btree (unit_id, ends);
CREATE INDEX signature_unit ON public.confidentiality_signature USING btree (unit_id, signed_at DESC, id DESC);
CREATE INDEX signature_user ON public.confidentiality_signature USING btree (user_id, valid_until);
CREATE UNIQUE INDEX substitute_one_at_a_time ON public.security_substitute USING btree (unit_id, guard) WHERE (ended_at IS NULL);
CREATE INDEX substitute_unit ON public.security_substitute USING btree (unit_id, at DESC, id DESC);
CREATE INDEX task_given_due ON public.management_task USING btree (given_by_id, due_at, id);
CREATE INDEX task_group_open ON public.management_task USING btree (unit_id) WHERE (((state)::text = 'open'::text) AND whole_group);
CREATE INDEX task_note_thread ON public.management_tasknote USING btree (task_id, at, id);
CREATE INDEX task_part_person ON public.management_taskpart USING btree (person_id, joined_at DESC, id DESC);
CREATE INDEX task_unit_due ON public.management_task USING btree (unit_id, due_at, id);
CREATE INDEX trace_asker ON public.confidentiality_trace USING btree (asked_by_id, asked_at DESC, id DESC);
CREATE INDEX training_course_created_by_id_f03d2d1d ON public.training_course USING btree (created_by_id);
CREATE INDEX training_course_list ON public.training_course USING btree (community_id, subject, title);
CREATE INDEX training_feedback_person_id_3676e00e ON public.training_feedback USING btree (person_id);
CREATE INDEX training_feedback_session_id_f0b4ae62 ON public.training_feedback USING btree (session_id);
CREATE INDEX training_lecturer_created_by_id_8f3b2745 ON public.training_lecturer USING btree (created_by_id);
CREATE INDEX training_lecturer_person_id_11373b36 ON public.training_lecturer USING btree (person_id);
CREATE INDEX training_material_session_id_e8472395 ON public.training_material USING btree (session_id);
CREATE INDEX training_material_sha256_2b62f328 ON public.training_material USING btree (sha256);
CREATE INDEX training_material_sha256_2b62f328_like ON public.training_material USING btree (sha256 varchar_pattern_ops);
CREATE INDEX training_material_uploaded_by_id_ac0a3f3c ON public.training_material USING btree (uploaded_by_id);
CREATE INDEX training_plan_community_id_3601f5aa ON public.training_plan USING btree (community_id);
CREATE INDEX training_plan_created_by_id_1b05286a ON public.training_plan USING btree (created_by_id);
CREATE INDEX training_question_created_by_id_4d5dab2f ON public.training_question USING btree (created_by_id);
CREATE INDEX training_question_list ON public.training_question USING btree (community_id, created_at DESC, id DESC);
CREATE INDEX training_quiz_questions_question_id_cbd5e364 ON public.training_quiz_questions USING btree (question_id);
CREATE INDEX training_quiz_questions_quiz_id_a04c2149 ON public.training_quiz_questions USING btree (quiz_id);
CREATE INDEX training_quiz_set_by_id_840ab58f ON public.training_quiz USING btree (set_by_id);
CREATE INDEX training_seat_by_hand_id_d905e92b ON public.training_seat USING btree (by_hand_id);
CREATE INDEX training_seat_decided_by_id_af9c37c6 ON public.training_seat USING btree (decided_by_id);
CREATE INDEX training_seat_invited_by_id_a3b2594d ON public.training_seat USING btree (invited_by_id);
CREATE INDEX training_seat_person ON public.training_seat USING btree (person_id, session_id);
CREATE INDEX training_session_course_id_e49368c8 ON public.training_session USING btree (course_id);
CREATE INDEX training_session_created_by_id_eea12a36 ON public.training_session USING btree (created_by_id);
CREATE INDEX training_session_list ON public.training_session USING btree (community_id, starts_at DESC, id DESC);
CREATE INDEX training_session_quarter ON public.training_session USING btree (community_id, quarter, status);
CREATE INDEX training_session_record_by_id_26695ca2 ON public.training_session USING btree (record_by_id);
CREATE INDEX training_session_topic_id_5dfeda99 ON public.training_session USING btree (topic_id);
CREATE INDEX training_sheet_person_id_07dd98e0 ON public.training_sheet USING btree (person_id);
CREATE INDEX training_sheet_quiz_id_b50ac2ec ON public.training_sheet USING btree (quiz_id);
CREATE INDEX training_teaching_added_by_id_b843294f ON public.training_teaching USING btree (added_by_id);
CREATE INDEX training_teaching_lecturer_id_ae4e19a5 ON public.training_teaching USING btree (lecturer_id);
CREATE INDEX training_teaching_session_id_43c4f3cf ON public.training_teaching USING btree (session_id);
CREATE INDEX training_topic_added_by_id_0b332fa1 ON public.training_topic USING btree (added_by_id);
CREATE INDEX training_topic_group_id_f0187714 ON public.training_topic USING btree (group_id);
CREATE INDEX training_topic_plan_id_0b969284 ON public.training_topic USING btree (plan_id);
CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));
CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";
CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;
CREATE INDEX urgent_community ON public.emergencies_urgentreport USING btree (community_id, opened_at DESC, id DESC);
CREATE INDEX urgent_open ON public.emergencies_urgentreport USING btree (community_id) WHERE (finished_at IS NULL);
CREATE INDEX urgent_reporter ON public.emergencies_urgentreport USING btree (reporter_id, opened_at DESC, id DESC);
CREATE INDEX usersessions_usersession_session_key_fd35de43_like ON public.usersessions_usersession USING btree (session_key varchar_pattern_ops);
CREATE INDEX usersessions_usersession_user_id_af5e0a6d ON public.usersessions_usersession USING btree (user_id);
CREATE INDEX weekly_reports_weeklyreport_community_id_a0c4d369 ON public.weekly_reports_weeklyreport USING btree (community_id);
CREATE INDEX weekly_reports_weeklyreport_reporter_id_3873c3eb ON public.weekly_reports_weeklyreport USING btree (reporter_id);
CREATE INDEX weekly_reports_weeklyreport_reviewed_by_id_7e46a529 ON public.weekly_reports_weeklyreport USING btree (reviewed_by_id);
CREATE INDEX weekly_reports_weeklyreport_work_group_id_3565dd04 ON public.weekly_reports_weeklyreport USING btree (work_group_id);
ALTER INDEX public.audit_fact_pkey ATTACH PARTITION public.audit_fact_rest_pkey;
ALTER INDEX public.audit_fact_2 ATTACH PARTITION public.audit_fact_rest_seq_idx;
ALTER INDEX public.audit_fact_1 ATTACH PARTITION public.audit_fact_rest_source_subject_seq_idx;
ALTER INDEX public.audit_record_action ATTACH PARTITION public.audit_record_rest_action_at_id_idx;
ALTER INDEX public.audit_record_3 ATTACH PARTITION public.audit_record_rest_actor_id_at_idx;
ALTER INDEX public.audit_record_1 ATTACH PARTITION public.audit_record_rest_at_id_idx;
ALTER INDEX public.audit_record_pkey ATTACH PARTITION public.audit_record_rest_pkey;
ALTER INDEX public.audit_record_2 ATTACH PARTITION public.audit_record_rest_subject_type_subject_id_at_idx;
ALTER INDEX public.items_entry_when ATTACH PARTITION public.items_entry_rest_at_idx;
ALTER INDEX public.items_entry_1 ATTACH PARTITION public.items_entry_rest_item_id_at_idx;
ALTER INDEX public.items_entry_pkey ATTACH PARTITION public.items_entry_rest_pkey;
CREATE TRIGGER audit_block_append_only BEFORE DELETE OR UPDATE ON public.audit_block FOR EACH ROW EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER audit_block_whole BEFORE TRUNCATE ON public.audit_block FOR EACH STATEMENT EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER audit_fact_accounts_roleproposal_delete AFTER DELETE ON public.accounts_roleproposal REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_accounts_roleproposal();
CREATE TRIGGER audit_fact_accounts_roleproposal_insert AFTER INSERT ON public.accounts_roleproposal REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_accounts_roleproposal();
CREATE TRIGGER audit_fact_accounts_roleproposal_update AFTER UPDATE ON public.accounts_roleproposal REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_accounts_roleproposal();
CREATE TRIGGER audit_fact_append_only BEFORE DELETE OR UPDATE ON public.audit_fact FOR EACH ROW EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER audit_fact_appraisal_appraisal_delete AFTER DELETE ON public.appraisal_appraisal REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_appraisal();
CREATE TRIGGER audit_fact_appraisal_appraisal_insert AFTER INSERT ON public.appraisal_appraisal REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_appraisal();
CREATE TRIGGER audit_fact_appraisal_appraisal_update AFTER UPDATE ON public.appraisal_appraisal REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_appraisal();
CREATE TRIGGER audit_fact_appraisal_change_delete AFTER DELETE ON public.appraisal_change REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_change();
CREATE TRIGGER audit_fact_appraisal_change_insert AFTER INSERT ON public.appraisal_change REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_change();
CREATE TRIGGER audit_fact_appraisal_change_update AFTER UPDATE ON public.appraisal_change REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_change();
CREATE TRIGGER audit_fact_appraisal_cycle_delete AFTER DELETE ON public.appraisal_cycle REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_cycle();
CREATE TRIGGER audit_fact_appraisal_cycle_insert AFTER INSERT ON public.appraisal_cycle REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_cycle();
CREATE TRIGGER audit_fact_appraisal_cycle_update AFTER UPDATE ON public.appraisal_cycle REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_cycle();
CREATE TRIGGER audit_fact_appraisal_objection_delete AFTER DELETE ON public.appraisal_objection REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_objection();
CREATE TRIGGER audit_fact_appraisal_objection_insert AFTER INSERT ON public.appraisal_objection REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_objection();
CREATE TRIGGER audit_fact_appraisal_objection_update AFTER UPDATE ON public.appraisal_objection REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_objection();
CREATE TRIGGER audit_fact_appraisal_proposal_delete AFTER DELETE ON public.appraisal_proposal REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_proposal();
CREATE TRIGGER audit_fact_appraisal_proposal_insert AFTER INSERT ON public.appraisal_proposal REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_proposal();
CREATE TRIGGER audit_fact_appraisal_proposal_update AFTER UPDATE ON public.appraisal_proposal REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_proposal();
CREATE TRIGGER audit_fact_appraisal_rating_delete AFTER DELETE ON public.appraisal_rating REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_rating();
CREATE TRIGGER audit_fact_appraisal_rating_insert AFTER INSERT ON public.appraisal_rating REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_rating();
CREATE TRIGGER audit_fact_appraisal_rating_update AFTER UPDATE ON public.appraisal_rating REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_appraisal_rating();
CREATE TRIGGER audit_fact_conduct_award_delete AFTER DELETE ON public.conduct_award REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_award();
CREATE TRIGGER audit_fact_conduct_award_insert AFTER INSERT ON public.conduct_award REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_award();
CREATE TRIGGER audit_fact_conduct_award_update AFTER UPDATE ON public.conduct_award REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_award();
CREATE TRIGGER audit_fact_conduct_case_delete AFTER DELETE ON public.conduct_case REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_case();
CREATE TRIGGER audit_fact_conduct_case_insert AFTER INSERT ON public.conduct_case REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_case();
CREATE TRIGGER audit_fact_conduct_case_update AFTER UPDATE ON public.conduct_case REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_case();
CREATE TRIGGER audit_fact_conduct_contribution_delete AFTER DELETE ON public.conduct_contribution REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_contribution();
CREATE TRIGGER audit_fact_conduct_contribution_insert AFTER INSERT ON public.conduct_contribution REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_contribution();
CREATE TRIGGER audit_fact_conduct_contribution_update AFTER UPDATE ON public.conduct_contribution REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_contribution();
CREATE TRIGGER audit_fact_conduct_evidence_delete AFTER DELETE ON public.conduct_evidence REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_evidence();
CREATE TRIGGER audit_fact_conduct_evidence_insert AFTER INSERT ON public.conduct_evidence REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_evidence();
CREATE TRIGGER audit_fact_conduct_evidence_update AFTER UPDATE ON public.conduct_evidence REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_evidence();
CREATE TRIGGER audit_fact_conduct_nomination_delete AFTER DELETE ON public.conduct_nomination REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_nomination();
CREATE TRIGGER audit_fact_conduct_nomination_insert AFTER INSERT ON public.conduct_nomination REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_nomination();
CREATE TRIGGER audit_fact_conduct_nomination_update AFTER UPDATE ON public.conduct_nomination REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_nomination();
CREATE TRIGGER audit_fact_conduct_revocation_delete AFTER DELETE ON public.conduct_revocation REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_revocation();
CREATE TRIGGER audit_fact_conduct_revocation_insert AFTER INSERT ON public.conduct_revocation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_revocation();
CREATE TRIGGER audit_fact_conduct_revocation_update AFTER UPDATE ON public.conduct_revocation REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_conduct_revocation();
CREATE TRIGGER audit_fact_confidentiality_agreement_delete AFTER DELETE ON public.confidentiality_agreement REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_agreement();
CREATE TRIGGER audit_fact_confidentiality_agreement_insert AFTER INSERT ON public.confidentiality_agreement REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_agreement();
CREATE TRIGGER audit_fact_confidentiality_agreement_update AFTER UPDATE ON public.confidentiality_agreement REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_agreement();
CREATE TRIGGER audit_fact_confidentiality_approval_delete AFTER DELETE ON public.confidentiality_approval REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_approval();
CREATE TRIGGER audit_fact_confidentiality_approval_insert AFTER INSERT ON public.confidentiality_approval REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_approval();
CREATE TRIGGER audit_fact_confidentiality_approval_update AFTER UPDATE ON public.confidentiality_approval REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_approval();
CREATE TRIGGER audit_fact_confidentiality_disclosure_delete AFTER DELETE ON public.confidentiality_disclosure REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_disclosure();
CREATE TRIGGER audit_fact_confidentiality_disclosure_insert AFTER INSERT ON public.confidentiality_disclosure REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_disclosure();
CREATE TRIGGER audit_fact_confidentiality_disclosure_update AFTER UPDATE ON public.confidentiality_disclosure REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_disclosure();
CREATE TRIGGER audit_fact_confidentiality_papersignature_delete AFTER DELETE ON public.confidentiality_papersignature REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_papersignature();
CREATE TRIGGER audit_fact_confidentiality_papersignature_insert AFTER INSERT ON public.confidentiality_papersignature REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_papersignature();
CREATE TRIGGER audit_fact_confidentiality_papersignature_update AFTER UPDATE ON public.confidentiality_papersignature REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_papersignature();
CREATE TRIGGER audit_fact_confidentiality_privacyrequest_delete AFTER DELETE ON public.confidentiality_privacyrequest REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_privacyrequest();
CREATE TRIGGER audit_fact_confidentiality_privacyrequest_insert AFTER INSERT ON public.confidentiality_privacyrequest REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_privacyrequest();
CREATE TRIGGER audit_fact_confidentiality_privacyrequest_update AFTER UPDATE ON public.confidentiality_privacyrequest REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_privacyrequest();
CREATE TRIGGER audit_fact_confidentiality_signature_delete AFTER DELETE ON public.confidentiality_signature REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_signature();
CREATE TRIGGER audit_fact_confidentiality_signature_insert AFTER INSERT ON public.confidentiality_signature REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_signature();
CREATE TRIGGER audit_fact_confidentiality_signature_update AFTER UPDATE ON public.confidentiality_signature REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_confidentiality_signature();
CREATE TRIGGER audit_fact_documents_document_delete AFTER DELETE ON public.documents_document REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_document();
CREATE TRIGGER audit_fact_documents_document_insert AFTER INSERT ON public.documents_document REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_document();
CREATE TRIGGER audit_fact_documents_document_update AFTER UPDATE ON public.documents_document REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_document();
CREATE TRIGGER audit_fact_documents_seal_delete AFTER DELETE ON public.documents_seal REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_seal();
CREATE TRIGGER audit_fact_documents_seal_insert AFTER INSERT ON public.documents_seal REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_seal();
CREATE TRIGGER audit_fact_documents_seal_update AFTER UPDATE ON public.documents_seal REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_seal();
CREATE TRIGGER audit_fact_documents_sealuse_delete AFTER DELETE ON public.documents_sealuse REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_sealuse();
CREATE TRIGGER audit_fact_documents_sealuse_insert AFTER INSERT ON public.documents_sealuse REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_sealuse();
CREATE TRIGGER audit_fact_documents_sealuse_update AFTER UPDATE ON public.documents_sealuse REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_documents_sealuse();
CREATE TRIGGER audit_fact_duties_leave_delete AFTER DELETE ON public.duties_leave REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_duties_leave();
CREATE TRIGGER audit_fact_duties_leave_insert AFTER INSERT ON public.duties_leave REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_duties_leave();
CREATE TRIGGER audit_fact_duties_leave_update AFTER UPDATE ON public.duties_leave REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_duties_leave();
CREATE TRIGGER audit_fact_duties_obligation_delete AFTER DELETE ON public.duties_obligation REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_duties_obligation();
CREATE TRIGGER audit_fact_duties_obligation_insert AFTER INSERT ON public.duties_obligation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_duties_obligation();
CREATE TRIGGER audit_fact_duties_obligation_update AFTER UPDATE ON public.duties_obligation REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_duties_obligation();
CREATE TRIGGER audit_fact_emergencies_alarm_delete AFTER DELETE ON public.emergencies_alarm REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_alarm();
CREATE TRIGGER audit_fact_emergencies_alarm_insert AFTER INSERT ON public.emergencies_alarm REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_alarm();
CREATE TRIGGER audit_fact_emergencies_alarm_update AFTER UPDATE ON public.emergencies_alarm REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_alarm();
CREATE TRIGGER audit_fact_emergencies_urgentreport_delete AFTER DELETE ON public.emergencies_urgentreport REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_urgentreport();
CREATE TRIGGER audit_fact_emergencies_urgentreport_insert AFTER INSERT ON public.emergencies_urgentreport REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_urgentreport();
CREATE TRIGGER audit_fact_emergencies_urgentreport_update AFTER UPDATE ON public.emergencies_urgentreport REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_urgentreport();
CREATE TRIGGER audit_fact_emergencies_urgentversion_delete AFTER DELETE ON public.emergencies_urgentversion REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_urgentversion();
CREATE TRIGGER audit_fact_emergencies_urgentversion_insert AFTER INSERT ON public.emergencies_urgentversion REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_urgentversion();
CREATE TRIGGER audit_fact_emergencies_urgentversion_update AFTER UPDATE ON public.emergencies_urgentversion REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_emergencies_urgentversion();
CREATE TRIGGER audit_fact_handling_adoption_delete AFTER DELETE ON public.handling_adoption REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_adoption();
CREATE TRIGGER audit_fact_handling_adoption_insert AFTER INSERT ON public.handling_adoption REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_adoption();
CREATE TRIGGER audit_fact_handling_adoption_update AFTER UPDATE ON public.handling_adoption REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_adoption();
CREATE TRIGGER audit_fact_handling_assignment_delete AFTER DELETE ON public.handling_assignment REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_assignment();
CREATE TRIGGER audit_fact_handling_assignment_insert AFTER INSERT ON public.handling_assignment REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_assignment();
CREATE TRIGGER audit_fact_handling_assignment_update AFTER UPDATE ON public.handling_assignment REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_assignment();
CREATE TRIGGER audit_fact_handling_callback_delete AFTER DELETE ON public.handling_callback REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_callback();
CREATE TRIGGER audit_fact_handling_callback_insert AFTER INSERT ON public.handling_callback REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_callback();
CREATE TRIGGER audit_fact_handling_callback_update AFTER UPDATE ON public.handling_callback REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_callback();
CREATE TRIGGER audit_fact_handling_evaluation_delete AFTER DELETE ON public.handling_evaluation REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_evaluation();
CREATE TRIGGER audit_fact_handling_evaluation_insert AFTER INSERT ON public.handling_evaluation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_evaluation();
CREATE TRIGGER audit_fact_handling_evaluation_update AFTER UPDATE ON public.handling_evaluation REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_evaluation();
CREATE TRIGGER audit_fact_handling_extension_delete AFTER DELETE ON public.handling_extension REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_extension();
CREATE TRIGGER audit_fact_handling_extension_insert AFTER INSERT ON public.handling_extension REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_extension();
CREATE TRIGGER audit_fact_handling_extension_update AFTER UPDATE ON public.handling_extension REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_extension();
CREATE TRIGGER audit_fact_handling_informing_delete AFTER DELETE ON public.handling_informing REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_informing();
CREATE TRIGGER audit_fact_handling_informing_insert AFTER INSERT ON public.handling_informing REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_informing();
CREATE TRIGGER audit_fact_handling_informing_update AFTER UPDATE ON public.handling_informing REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_informing();
CREATE TRIGGER audit_fact_handling_supervision_delete AFTER DELETE ON public.handling_supervision REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_supervision();
CREATE TRIGGER audit_fact_handling_supervision_insert AFTER INSERT ON public.handling_supervision REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_supervision();
CREATE TRIGGER audit_fact_handling_supervision_update AFTER UPDATE ON public.handling_supervision REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_handling_supervision();
CREATE TRIGGER audit_fact_items_activity_delete AFTER DELETE ON public.items_activity REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_activity();
CREATE TRIGGER audit_fact_items_activity_insert AFTER INSERT ON public.items_activity REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_activity();
CREATE TRIGGER audit_fact_items_activity_update AFTER UPDATE ON public.items_activity REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_activity();
CREATE TRIGGER audit_fact_items_attachment_delete AFTER DELETE ON public.items_attachment REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_attachment();
CREATE TRIGGER audit_fact_items_attachment_insert AFTER INSERT ON public.items_attachment REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_attachment();
CREATE TRIGGER audit_fact_items_attachment_update AFTER UPDATE ON public.items_attachment REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_attachment();
CREATE TRIGGER audit_fact_items_item_delete AFTER DELETE ON public.items_item REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_item();
CREATE TRIGGER audit_fact_items_item_insert AFTER INSERT ON public.items_item REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_item();
CREATE TRIGGER audit_fact_items_item_update AFTER UPDATE ON public.items_item REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_item();
CREATE TRIGGER audit_fact_items_party_delete AFTER DELETE ON public.items_party REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_party();
CREATE TRIGGER audit_fact_items_party_insert AFTER INSERT ON public.items_party REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_party();
CREATE TRIGGER audit_fact_items_party_update AFTER UPDATE ON public.items_party REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_items_party();
CREATE TRIGGER audit_fact_management_meetingperson_delete AFTER DELETE ON public.management_meetingperson REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_management_meetingperson();
CREATE TRIGGER audit_fact_management_meetingperson_insert AFTER INSERT ON public.management_meetingperson REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_management_meetingperson();
CREATE TRIGGER audit_fact_management_meetingperson_update AFTER UPDATE ON public.management_meetingperson REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_management_meetingperson();
CREATE TRIGGER audit_fact_management_minutes_delete AFTER DELETE ON public.management_minutes REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_management_minutes();
CREATE TRIGGER audit_fact_management_minutes_insert AFTER INSERT ON public.management_minutes REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_management_minutes();
CREATE TRIGGER audit_fact_management_minutes_update AFTER UPDATE ON public.management_minutes REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_management_minutes();
CREATE TRIGGER audit_fact_organisation_rolegrant_delete AFTER DELETE ON public.organisation_rolegrant REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_organisation_rolegrant();
CREATE TRIGGER audit_fact_organisation_rolegrant_insert AFTER INSERT ON public.organisation_rolegrant REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_organisation_rolegrant();
CREATE TRIGGER audit_fact_organisation_rolegrant_update AFTER UPDATE ON public.organisation_rolegrant REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_organisation_rolegrant();
CREATE TRIGGER audit_fact_outbox_delivery_delete AFTER DELETE ON public.outbox_delivery REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_outbox_delivery();
CREATE TRIGGER audit_fact_outbox_delivery_insert AFTER INSERT ON public.outbox_delivery REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_outbox_delivery();
CREATE TRIGGER audit_fact_outbox_delivery_update AFTER UPDATE ON public.outbox_delivery REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_outbox_delivery();
CREATE TRIGGER audit_fact_pending AFTER INSERT ON public.audit_fact REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_note();
CREATE TRIGGER audit_fact_review_finding_delete AFTER DELETE ON public.review_finding REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_review_finding();
CREATE TRIGGER audit_fact_review_finding_insert AFTER INSERT ON public.review_finding REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_review_finding();
CREATE TRIGGER audit_fact_review_finding_update AFTER UPDATE ON public.review_finding REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_review_finding();
CREATE TRIGGER audit_fact_review_review_delete AFTER DELETE ON public.review_review REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_review_review();
CREATE TRIGGER audit_fact_review_review_insert AFTER INSERT ON public.review_review REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_review_review();
CREATE TRIGGER audit_fact_review_review_update AFTER UPDATE ON public.review_review REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_review_review();
CREATE TRIGGER audit_fact_security_confirmation_delete AFTER DELETE ON public.security_confirmation REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_confirmation();
CREATE TRIGGER audit_fact_security_confirmation_insert AFTER INSERT ON public.security_confirmation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_confirmation();
CREATE TRIGGER audit_fact_security_confirmation_update AFTER UPDATE ON public.security_confirmation REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_confirmation();
CREATE TRIGGER audit_fact_security_finding_delete AFTER DELETE ON public.security_finding REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_finding();
CREATE TRIGGER audit_fact_security_finding_insert AFTER INSERT ON public.security_finding REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_finding();
CREATE TRIGGER audit_fact_security_finding_update AFTER UPDATE ON public.security_finding REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_finding();
CREATE TRIGGER audit_fact_security_incident_delete AFTER DELETE ON public.security_incident REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_incident();
CREATE TRIGGER audit_fact_security_incident_insert AFTER INSERT ON public.security_incident REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_incident();
CREATE TRIGGER audit_fact_security_incident_update AFTER UPDATE ON public.security_incident REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_incident();
CREATE TRIGGER audit_fact_security_inspection_delete AFTER DELETE ON public.security_inspection REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_inspection();
CREATE TRIGGER audit_fact_security_inspection_insert AFTER INSERT ON public.security_inspection REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_inspection();
CREATE TRIGGER audit_fact_security_inspection_update AFTER UPDATE ON public.security_inspection REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_inspection();
CREATE TRIGGER audit_fact_security_rightsreview_delete AFTER DELETE ON public.security_rightsreview REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_rightsreview();
CREATE TRIGGER audit_fact_security_rightsreview_insert AFTER INSERT ON public.security_rightsreview REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_rightsreview();
CREATE TRIGGER audit_fact_security_rightsreview_update AFTER UPDATE ON public.security_rightsreview REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_rightsreview();
CREATE TRIGGER audit_fact_security_substitute_delete AFTER DELETE ON public.security_substitute REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_substitute();
CREATE TRIGGER audit_fact_security_substitute_insert AFTER INSERT ON public.security_substitute REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_substitute();
CREATE TRIGGER audit_fact_security_substitute_update AFTER UPDATE ON public.security_substitute REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_security_substitute();
CREATE TRIGGER audit_fact_training_seat_delete AFTER DELETE ON public.training_seat REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_training_seat();
CREATE TRIGGER audit_fact_training_seat_insert AFTER INSERT ON public.training_seat REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_training_seat();
CREATE TRIGGER audit_fact_training_seat_update AFTER UPDATE ON public.training_seat REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_training_seat();
CREATE TRIGGER audit_fact_training_session_delete AFTER DELETE ON public.training_session REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_training_session();
CREATE TRIGGER audit_fact_training_session_insert AFTER INSERT ON public.training_session REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_training_session();
CREATE TRIGGER audit_fact_training_session_update AFTER UPDATE ON public.training_session REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_training_session();
CREATE TRIGGER audit_fact_weekly_reports_weeklyreport_delete AFTER DELETE ON public.weekly_reports_weeklyreport REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_weekly_reports_weeklyreport();
CREATE TRIGGER audit_fact_weekly_reports_weeklyreport_insert AFTER INSERT ON public.weekly_reports_weeklyreport REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_weekly_reports_weeklyreport();
CREATE TRIGGER audit_fact_weekly_reports_weeklyreport_update AFTER UPDATE ON public.weekly_reports_weeklyreport REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_fact_weekly_reports_weeklyreport();
CREATE TRIGGER audit_fact_whole BEFORE TRUNCATE ON public.audit_fact FOR EACH STATEMENT EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER audit_record_append_only BEFORE DELETE OR UPDATE ON public.audit_record FOR EACH ROW EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER audit_record_pending AFTER INSERT ON public.audit_record REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.audit_note();
CREATE TRIGGER audit_record_whole BEFORE TRUNCATE ON public.audit_record FOR EACH STATEMENT EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER conduct_evidence_frozen BEFORE DELETE OR UPDATE ON public.conduct_evidence FOR EACH ROW EXECUTE FUNCTION public.conduct_evidence_frozen();
CREATE TRIGGER items_entry_append_only BEFORE DELETE OR UPDATE ON public.items_entry FOR EACH ROW EXECUTE FUNCTION public.linbao_entry_append_only();
CREATE TRIGGER items_entry_audited AFTER INSERT ON public.items_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.items_entry_audit();
CREATE TRIGGER items_entry_reworded AFTER UPDATE ON public.items_entry REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.items_entry_audit();
CREATE TRIGGER items_entry_whole BEFORE TRUNCATE ON public.items_entry FOR EACH STATEMENT EXECUTE FUNCTION public.linbao_append_only();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();
CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();
CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();
CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();
CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();
CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_apitoken
    ADD CONSTRAINT accounts_apitoken_user_id_bbee13e0_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordres_asked_by_id_f8df1390_fk_organisat FOREIGN KEY (asked_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordres_opened_by_id_d3d04f82_fk_organisat FOREIGN KEY (opened_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordres_person_id_c2ba9015_fk_organisat FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_passwordreset
    ADD CONSTRAINT accounts_passwordreset_unit_id_13c8208e_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_phone
    ADD CONSTRAINT accounts_phone_user_id_131dd7a5_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_roleproposal
    ADD CONSTRAINT accounts_roleproposa_decided_by_id_df384efa_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_roleproposal
    ADD CONSTRAINT accounts_roleproposa_proposed_by_id_57ab2eac_fk_organisat FOREIGN KEY (proposed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_roleproposal
    ADD CONSTRAINT accounts_roleproposal_unit_id_d7610cdb_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_roleproposal
    ADD CONSTRAINT accounts_roleproposal_user_id_574b4dd4_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_appraisal
    ADD CONSTRAINT appraisal_appraisal_cycle_id_97daee98_fk_appraisal_cycle_id FOREIGN KEY (cycle_id) REFERENCES public.appraisal_cycle(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_appraisal
    ADD CONSTRAINT appraisal_appraisal_group_id_75ddc51c_fk_organisation_unit_id FOREIGN KEY (group_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_appraisal
    ADD CONSTRAINT appraisal_appraisal_person_id_22d898a8_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_cap
    ADD CONSTRAINT appraisal_cap_by_id_c753e212_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_cap
    ADD CONSTRAINT appraisal_cap_person_id_1f19cc4e_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_change
    ADD CONSTRAINT appraisal_change_appraisal_id_36d3c28a_fk_appraisal FOREIGN KEY (appraisal_id) REFERENCES public.appraisal_appraisal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_change
    ADD CONSTRAINT appraisal_change_by_id_ce835cd9_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_opened_by_id_0ec7f0d9_fk_organisation_user_id FOREIGN KEY (opened_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_previous_id_d86b21e9_fk_appraisal_cycle_id FOREIGN KEY (previous_id) REFERENCES public.appraisal_cycle(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_published_by_id_535b4e1a_fk_organisat FOREIGN KEY (published_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_cycle
    ADD CONSTRAINT appraisal_cycle_unit_id_e15bb09f_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_objection
    ADD CONSTRAINT appraisal_objection_appraisal_id_dc017283_fk_appraisal FOREIGN KEY (appraisal_id) REFERENCES public.appraisal_appraisal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_objection
    ADD CONSTRAINT appraisal_objection_decided_by_id_703ac747_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_objection
    ADD CONSTRAINT appraisal_objection_decider_id_dea262e2_fk_organisation_user_id FOREIGN KEY (decider_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_proposal
    ADD CONSTRAINT appraisal_proposal_appraisal_id_a3762795_fk_appraisal FOREIGN KEY (appraisal_id) REFERENCES public.appraisal_appraisal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_proposal
    ADD CONSTRAINT appraisal_proposal_decided_by_id_744e07db_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_rating
    ADD CONSTRAINT appraisal_rating_appraisal_id_160326f8_fk_appraisal FOREIGN KEY (appraisal_id) REFERENCES public.appraisal_appraisal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_rating
    ADD CONSTRAINT appraisal_rating_rater_id_02c8aed0_fk_organisation_user_id FOREIGN KEY (rater_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_ruleset
    ADD CONSTRAINT appraisal_ruleset_made_by_id_89e7b1f6_fk_organisation_user_id FOREIGN KEY (made_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appraisal_ruleset
    ADD CONSTRAINT appraisal_ruleset_unit_id_f623bcf5_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.archive_gridday
    ADD CONSTRAINT archive_gridday_community_id_c0257a19_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.archive_gridday
    ADD CONSTRAINT archive_gridday_grid_id_eb75e68b_fk_organisation_unit_id FOREIGN KEY (grid_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.archive_rollup
    ADD CONSTRAINT archive_rollup_community_id_ad938432_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.archive_savedview
    ADD CONSTRAINT archive_savedview_user_id_40774fa5_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptex_access_attempt_id_6b73a47a_fk_axes_acce FOREIGN KEY (access_attempt_id) REFERENCES public.axes_accessattempt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT conduct_award_community_id_437137d6_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT conduct_award_decided_by_id_9fbcf724_fk_organisation_user_id FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT conduct_award_handed_over_by_id_87dd016b_fk_organisat FOREIGN KEY (handed_over_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT conduct_award_nomination_id_2193f6b5_fk_conduct_nomination_id FOREIGN KEY (nomination_id) REFERENCES public.conduct_nomination(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_award
    ADD CONSTRAINT conduct_award_person_id_f0e2f884_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_budget
    ADD CONSTRAINT conduct_budget_set_by_id_13564415_fk_organisation_user_id FOREIGN KEY (set_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_budget
    ADD CONSTRAINT conduct_budget_unit_id_9a57875d_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_appeal_decided_by_id_0a130d3e_fk_organisat FOREIGN KEY (appeal_decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_community_id_c1b03ab4_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_decided_by_id_f25a1e27_fk_organisation_user_id FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case_items
    ADD CONSTRAINT conduct_case_items_case_id_3a036e34_fk_conduct_case_id FOREIGN KEY (case_id) REFERENCES public.conduct_case(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case_items
    ADD CONSTRAINT conduct_case_items_item_id_35e7f732_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_opened_by_id_5e4d85cc_fk_organisation_user_id FOREIGN KEY (opened_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_case
    ADD CONSTRAINT conduct_case_person_id_09392a12_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_adoption_id_d1c9cc47_fk_handling_ FOREIGN KEY (adoption_id) REFERENCES public.handling_adoption(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_community_id_93104477_fk_organisat FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_confirmed_by_id_7603b03b_fk_organisat FOREIGN KEY (confirmed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_item_id_ecb354b1_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_contribution
    ADD CONSTRAINT conduct_contribution_recorded_by_id_6ae07d5d_fk_organisat FOREIGN KEY (recorded_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_evidence
    ADD CONSTRAINT conduct_evidence_case_id_9d3ac0f6_fk_conduct_case_id FOREIGN KEY (case_id) REFERENCES public.conduct_case(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_evidence
    ADD CONSTRAINT conduct_evidence_taken_by_id_b2ae5928_fk_organisation_user_id FOREIGN KEY (taken_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_nomination
    ADD CONSTRAINT conduct_nomination_community_id_aaca220b_fk_organisat FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_nomination
    ADD CONSTRAINT conduct_nomination_decided_by_id_a3609997_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_nomination_items
    ADD CONSTRAINT conduct_nomination_i_nomination_id_fc7cf632_fk_conduct_n FOREIGN KEY (nomination_id) REFERENCES public.conduct_nomination(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_nomination_items
    ADD CONSTRAINT conduct_nomination_items_item_id_71ca2bbf_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_nomination
    ADD CONSTRAINT conduct_nomination_nominated_by_id_239265ab_fk_organisat FOREIGN KEY (nominated_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_nomination
    ADD CONSTRAINT conduct_nomination_nominee_id_32a9cbdc_fk_organisation_user_id FOREIGN KEY (nominee_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_revocation
    ADD CONSTRAINT conduct_revocation_case_id_a2c7a338_fk_conduct_case_id FOREIGN KEY (case_id) REFERENCES public.conduct_case(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_revocation
    ADD CONSTRAINT conduct_revocation_person_id_08cf8a32_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_share
    ADD CONSTRAINT conduct_share_contribution_id_6f0d0c81_fk_conduct_c FOREIGN KEY (contribution_id) REFERENCES public.conduct_contribution(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conduct_share
    ADD CONSTRAINT conduct_share_person_id_b6499375_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_agreement
    ADD CONSTRAINT confidentiality_agre_published_by_id_471983e9_fk_organisat FOREIGN KEY (published_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_agreement
    ADD CONSTRAINT confidentiality_agre_unit_id_a2e1451b_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_agreement
    ADD CONSTRAINT confidentiality_agre_written_by_id_6f862622_fk_organisat FOREIGN KEY (written_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_approval
    ADD CONSTRAINT confidentiality_appr_disclosure_id_1789e50e_fk_confident FOREIGN KEY (disclosure_id) REFERENCES public.confidentiality_disclosure(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_approval
    ADD CONSTRAINT confidentiality_approval_by_id_0d243d71_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_cleared
    ADD CONSTRAINT confidentiality_cleared_item_id_1aabed86_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_disclosure
    ADD CONSTRAINT confidentiality_disc_asked_by_id_422fcd64_fk_organisat FOREIGN KEY (asked_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_disclosure
    ADD CONSTRAINT confidentiality_disc_unit_id_f4d39139_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_hold
    ADD CONSTRAINT confidentiality_hold_by_id_68a3dd6e_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_hold
    ADD CONSTRAINT confidentiality_hold_item_id_b79bce92_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_hold
    ADD CONSTRAINT confidentiality_hold_released_by_id_74dfe3d4_fk_organisat FOREIGN KEY (released_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_hold
    ADD CONSTRAINT confidentiality_hold_unit_id_4fb0c80a_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_pape_agreement_id_9f48a7f6_fk_confident FOREIGN KEY (agreement_id) REFERENCES public.confidentiality_agreement(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_pape_decided_by_id_bb9336b9_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_pape_recorded_by_id_90005e53_fk_organisat FOREIGN KEY (recorded_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_pape_signature_id_b7c4321a_fk_confident FOREIGN KEY (signature_id) REFERENCES public.confidentiality_signature(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_pape_unit_id_e0287695_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_papersignature
    ADD CONSTRAINT confidentiality_pape_user_id_3cf2126a_fk_organisat FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_priv_agreed_by_id_7f607138_fk_organisat FOREIGN KEY (agreed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_priv_decided_by_id_eb99d81b_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_priv_entered_by_id_1ddcd5e3_fk_organisat FOREIGN KEY (entered_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_priv_identified_by_id_af9671a5_fk_organisat FOREIGN KEY (identified_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_privacyrequest
    ADD CONSTRAINT confidentiality_priv_unit_id_1fd2d811_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_relative
    ADD CONSTRAINT confidentiality_rela_user_id_aaa81865_fk_organisat FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_removal
    ADD CONSTRAINT confidentiality_remo_request_id_2498cd89_fk_confident FOREIGN KEY (request_id) REFERENCES public.confidentiality_privacyrequest(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_removal
    ADD CONSTRAINT confidentiality_remo_unit_id_ce163907_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_signature
    ADD CONSTRAINT confidentiality_sign_agreement_id_f1b42dde_fk_confident FOREIGN KEY (agreement_id) REFERENCES public.confidentiality_agreement(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_signature
    ADD CONSTRAINT confidentiality_sign_document_id_0f008223_fk_documents FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_signature
    ADD CONSTRAINT confidentiality_sign_unit_id_d2bab666_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_signature
    ADD CONSTRAINT confidentiality_sign_user_id_146acfb2_fk_organisat FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.confidentiality_trace
    ADD CONSTRAINT confidentiality_trac_asked_by_id_0ad1eedc_fk_organisat FOREIGN KEY (asked_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_issued_by_id_8e551c80_fk_organisat FOREIGN KEY (issued_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_seal_id_d5c79bda_fk_documents_seal_id FOREIGN KEY (seal_id) REFERENCES public.documents_seal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_sealed_by_id_feca6d46_fk_organisat FOREIGN KEY (sealed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_supersedes_id_32d64ad3_fk_documents FOREIGN KEY (supersedes_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_unit_id_f4f8a781_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_seal
    ADD CONSTRAINT documents_seal_custodian_id_7079eb4f_fk_organisation_user_id FOREIGN KEY (custodian_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_seal
    ADD CONSTRAINT documents_seal_made_by_id_b780ee86_fk_organisation_user_id FOREIGN KEY (made_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_seal
    ADD CONSTRAINT documents_seal_person_id_9b49085a_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_seal
    ADD CONSTRAINT documents_seal_unit_id_7503921c_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_sealuse
    ADD CONSTRAINT documents_sealuse_by_id_703f785a_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_sealuse
    ADD CONSTRAINT documents_sealuse_document_id_1073f709_fk_documents_document_id FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_sealuse
    ADD CONSTRAINT documents_sealuse_seal_id_c2bb824d_fk_documents_seal_id FOREIGN KEY (seal_id) REFERENCES public.documents_seal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_template
    ADD CONSTRAINT documents_template_unit_id_fece6600_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_template
    ADD CONSTRAINT documents_template_uploaded_by_id_bdb88824_fk_organisat FOREIGN KEY (uploaded_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_handover
    ADD CONSTRAINT duties_handover_by_id_12341e45_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_handover
    ADD CONSTRAINT duties_handover_taken_by_id_003fbc17_fk_organisation_user_id FOREIGN KEY (taken_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_handover
    ADD CONSTRAINT duties_handover_unit_id_60ca4194_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_leave
    ADD CONSTRAINT duties_leave_decided_by_id_8f436db0_fk_organisation_user_id FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_leave
    ADD CONSTRAINT duties_leave_person_id_5640157c_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_leave
    ADD CONSTRAINT duties_leave_stand_in_id_208073a3_fk_organisation_user_id FOREIGN KEY (stand_in_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_leave
    ADD CONSTRAINT duties_leave_unit_id_60ee9bc7_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_community_id_3f247bb1_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_leave_id_76ee9ef3_fk_duties_leave_id FOREIGN KEY (leave_id) REFERENCES public.duties_leave(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_moved_from_id_5d625263_fk_organisat FOREIGN KEY (moved_from_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_owner_id_83e0052e_fk_organisation_user_id FOREIGN KEY (owner_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_unit_id_ec968a8e_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_obligation
    ADD CONSTRAINT duties_obligation_waived_by_id_4b3b5809_fk_organisation_user_id FOREIGN KEY (waived_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_shift
    ADD CONSTRAINT duties_shift_person_id_ef33c2b4_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_shift
    ADD CONSTRAINT duties_shift_stand_in_id_1fbf158f_fk_organisation_user_id FOREIGN KEY (stand_in_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.duties_shift
    ADD CONSTRAINT duties_shift_unit_id_31d96c0e_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_afteraction
    ADD CONSTRAINT emergencies_afteract_report_id_7d3df78f_fk_emergenci FOREIGN KEY (report_id) REFERENCES public.emergencies_urgentreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_afteraction
    ADD CONSTRAINT emergencies_afteraction_by_id_5c58bc78_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_alarm
    ADD CONSTRAINT emergencies_alarm_acknowledged_by_id_67835d52_fk_organisat FOREIGN KEY (acknowledged_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_alarm
    ADD CONSTRAINT emergencies_alarm_community_id_1329328c_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_alarm
    ADD CONSTRAINT emergencies_alarm_report_id_7dfc71d8_fk_emergenci FOREIGN KEY (report_id) REFERENCES public.emergencies_urgentreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_alarm
    ADD CONSTRAINT emergencies_alarm_sent_with_id_c57dc969_fk_emergencies_alarm_id FOREIGN KEY (sent_with_id) REFERENCES public.emergencies_alarm(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_alarmcall
    ADD CONSTRAINT emergencies_alarmcal_person_id_29f089d3_fk_organisat FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_alarmcall
    ADD CONSTRAINT emergencies_alarmcall_alarm_id_2c3d20b3_fk_emergencies_alarm_id FOREIGN KEY (alarm_id) REFERENCES public.emergencies_alarm(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentre_call_logged_by_id_b703930d_fk_organisat FOREIGN KEY (call_logged_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentre_community_id_df4e422a_fk_organisat FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentre_joined_to_id_82b7311c_fk_emergenci FOREIGN KEY (joined_to_id) REFERENCES public.emergencies_urgentreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentre_reporter_id_2d14bccf_fk_organisat FOREIGN KEY (reporter_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentre_work_group_id_aa12f7e1_fk_organisat FOREIGN KEY (work_group_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentreport
    ADD CONSTRAINT emergencies_urgentreport_item_id_4de93ab0_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentversion
    ADD CONSTRAINT emergencies_urgentve_by_id_581cba4b_fk_organisat FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentversion
    ADD CONSTRAINT emergencies_urgentve_report_id_c0b73e8f_fk_emergenci FOREIGN KEY (report_id) REFERENCES public.emergencies_urgentreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_urgentversion
    ADD CONSTRAINT emergencies_urgentversion_seal_id_e1fad937_fk_documents_seal_id FOREIGN KEY (seal_id) REFERENCES public.documents_seal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_writtendraft
    ADD CONSTRAINT emergencies_writtend_report_id_0653d3f8_fk_emergenci FOREIGN KEY (report_id) REFERENCES public.emergencies_urgentreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.emergencies_writtendraft
    ADD CONSTRAINT emergencies_writtendraft_by_id_e8e52cc1_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_adoption
    ADD CONSTRAINT handling_adoption_confirmed_by_id_7ee9f2e8_fk_organisat FOREIGN KEY (confirmed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_adoption
    ADD CONSTRAINT handling_adoption_item_id_d8dbe321_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_adoption
    ADD CONSTRAINT handling_adoption_recorded_by_id_c46bded3_fk_organisat FOREIGN KEY (recorded_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_assignment
    ADD CONSTRAINT handling_assignment_assigned_by_id_9370f309_fk_organisat FOREIGN KEY (assigned_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_assignment
    ADD CONSTRAINT handling_assignment_handler_id_8d976b66_fk_organisation_user_id FOREIGN KEY (handler_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_assignment
    ADD CONSTRAINT handling_assignment_item_id_8c2c52d0_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_assignment
    ADD CONSTRAINT handling_assignment_unit_id_ff87caec_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_callback
    ADD CONSTRAINT handling_callback_caller_id_35824fb1_fk_organisation_user_id FOREIGN KEY (caller_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_callback
    ADD CONSTRAINT handling_callback_community_id_ce7affc2_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_callback
    ADD CONSTRAINT handling_callback_item_id_503126ce_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_evaluation
    ADD CONSTRAINT handling_evaluation_item_id_598c4a10_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_evaluation
    ADD CONSTRAINT handling_evaluation_recorded_by_id_9444fdce_fk_organisat FOREIGN KEY (recorded_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_extension
    ADD CONSTRAINT handling_extension_asked_by_id_180a0cd5_fk_organisation_user_id FOREIGN KEY (asked_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_extension
    ADD CONSTRAINT handling_extension_assignment_id_03296523_fk_handling_ FOREIGN KEY (assignment_id) REFERENCES public.handling_assignment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_extension
    ADD CONSTRAINT handling_extension_decided_by_id_44c2ad99_fk_organisat FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_informing
    ADD CONSTRAINT handling_informing_by_id_a44577e1_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_informing
    ADD CONSTRAINT handling_informing_item_id_9542d257_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_residentlink
    ADD CONSTRAINT handling_residentlink_item_id_8fa19e4b_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_supervision
    ADD CONSTRAINT handling_supervision_answered_by_id_7d8f51f2_fk_organisat FOREIGN KEY (answered_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_supervision
    ADD CONSTRAINT handling_supervision_assignment_id_a4787b4b_fk_handling_ FOREIGN KEY (assignment_id) REFERENCES public.handling_assignment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.handling_supervision
    ADD CONSTRAINT handling_supervision_by_id_c8c74019_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_activity
    ADD CONSTRAINT items_activity_community_id_0e6a9528_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_activity
    ADD CONSTRAINT items_activity_grid_id_e6059159_fk_organisation_unit_id FOREIGN KEY (grid_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_activity
    ADD CONSTRAINT items_activity_reporter_id_0599a479_fk_organisation_user_id FOREIGN KEY (reporter_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_activity
    ADD CONSTRAINT items_activity_work_group_id_6ec65a40_fk_organisation_unit_id FOREIGN KEY (work_group_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_attachment
    ADD CONSTRAINT items_attachment_activity_id_64939aa5_fk_items_activity_id FOREIGN KEY (activity_id) REFERENCES public.items_activity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_attachment
    ADD CONSTRAINT items_attachment_item_id_5c0510c5_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_attachment
    ADD CONSTRAINT items_attachment_owner_id_d723655b_fk_organisation_user_id FOREIGN KEY (owner_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_cataloguefield
    ADD CONSTRAINT items_cataloguefield_subcategory_id_99cdab63_fk_items_sub FOREIGN KEY (subcategory_id) REFERENCES public.items_subcategory(code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_hint
    ADD CONSTRAINT items_hint_item_id_a1553215_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_hint
    ADD CONSTRAINT items_hint_other_id_68c8d59e_fk_items_item_id FOREIGN KEY (other_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_importrun
    ADD CONSTRAINT items_importrun_community_id_53b92bde_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_importrun
    ADD CONSTRAINT items_importrun_user_id_7e7cff52_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_activity_id_72823f75_fk_items_activity_id FOREIGN KEY (activity_id) REFERENCES public.items_activity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_community_id_18679791_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_grid_id_5f383da2_fk_organisation_unit_id FOREIGN KEY (grid_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_handler_id_d0a41efd_fk_organisation_user_id FOREIGN KEY (handler_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_handling_unit_id_4fd09c7c_fk_organisation_unit_id FOREIGN KEY (handling_unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_merged_into_id_a2c84127_fk_items_item_id FOREIGN KEY (merged_into_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_reporter_id_44f250e1_fk_organisation_user_id FOREIGN KEY (reporter_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_item
    ADD CONSTRAINT items_item_work_group_id_952d6e9e_fk_organisation_unit_id FOREIGN KEY (work_group_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_itemtext
    ADD CONSTRAINT items_itemtext_community_id_2ce499fe_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_itemtext
    ADD CONSTRAINT items_itemtext_item_id_6ee0df73_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_party
    ADD CONSTRAINT items_party_item_id_a63a6cba_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_subcategory
    ADD CONSTRAINT items_subcategory_default_unit_id_47f8c7b6_fk_organisat FOREIGN KEY (default_unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.items_uncheckeditem
    ADD CONSTRAINT items_uncheckeditem_item_id_8d727f86_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_agendapoint
    ADD CONSTRAINT management_agendapoi_meeting_id_eaa8d668_fk_managemen FOREIGN KEY (meeting_id) REFERENCES public.management_meeting(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_filecopy
    ADD CONSTRAINT management_filecopy_by_id_27658ae1_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_filecopy
    ADD CONSTRAINT management_filecopy_document_id_2315c8ac_fk_documents FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_filecopy
    ADD CONSTRAINT management_filecopy_person_id_24adcade_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_filecopy
    ADD CONSTRAINT management_filecopy_unit_id_a6a1b37c_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_meeting
    ADD CONSTRAINT management_meeting_called_by_id_5d59754e_fk_organisat FOREIGN KEY (called_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_meeting
    ADD CONSTRAINT management_meeting_unit_id_3d532420_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_meetingperson
    ADD CONSTRAINT management_meetingpe_meeting_id_ed0779eb_fk_managemen FOREIGN KEY (meeting_id) REFERENCES public.management_meeting(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_meetingperson
    ADD CONSTRAINT management_meetingpe_person_id_d2803f6d_fk_organisat FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_meetingperson
    ADD CONSTRAINT management_meetingpe_signed_by_id_eddc9327_fk_organisat FOREIGN KEY (signed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_minutes
    ADD CONSTRAINT management_minutes_by_id_da83c8e5_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_minutes
    ADD CONSTRAINT management_minutes_document_id_5cc3acd5_fk_documents FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_minutes
    ADD CONSTRAINT management_minutes_meeting_id_9555a831_fk_management_meeting_id FOREIGN KEY (meeting_id) REFERENCES public.management_meeting(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_opinion
    ADD CONSTRAINT management_opinion_answered_by_id_8990bef4_fk_organisat FOREIGN KEY (answered_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_opinion
    ADD CONSTRAINT management_opinion_author_id_723ee9ac_fk_organisation_user_id FOREIGN KEY (author_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_opinion
    ADD CONSTRAINT management_opinion_meeting_id_a2e0b963_fk_management_meeting_id FOREIGN KEY (meeting_id) REFERENCES public.management_meeting(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_opinion
    ADD CONSTRAINT management_opinion_unit_id_fbdb4ed2_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_closed_by_id_e91a1125_fk_organisat FOREIGN KEY (closed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_meeting_id_0edb4da7_fk_management_meeting_id FOREIGN KEY (meeting_id) REFERENCES public.management_meeting(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_opinion_id_ef617f44_fk_management_opinion_id FOREIGN KEY (opinion_id) REFERENCES public.management_opinion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_owner_id_ccfd998e_fk_organisation_user_id FOREIGN KEY (owner_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_raised_by_id_ee720e1b_fk_organisat FOREIGN KEY (raised_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_problem
    ADD CONSTRAINT management_problem_unit_id_7dd9b0d5_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_removal
    ADD CONSTRAINT management_removal_person_id_033480d0_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_series
    ADD CONSTRAINT management_series_given_by_id_32c6bba9_fk_organisation_user_id FOREIGN KEY (given_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_series
    ADD CONSTRAINT management_series_unit_id_fd5ff147_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT management_task_closed_by_id_3c7434f8_fk_organisation_user_id FOREIGN KEY (closed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT management_task_given_by_id_e1fe3e52_fk_organisation_user_id FOREIGN KEY (given_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT management_task_meeting_id_4912da74_fk_management_meeting_id FOREIGN KEY (meeting_id) REFERENCES public.management_meeting(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT management_task_series_id_6c62605e_fk_management_series_id FOREIGN KEY (series_id) REFERENCES public.management_series(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_task
    ADD CONSTRAINT management_task_unit_id_f7a2c2ba_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_taskfile
    ADD CONSTRAINT management_taskfile_by_id_dbf63af0_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_taskfile
    ADD CONSTRAINT management_taskfile_series_id_0b7b565d_fk_management_series_id FOREIGN KEY (series_id) REFERENCES public.management_series(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_taskfile
    ADD CONSTRAINT management_taskfile_task_id_512f7da0_fk_management_task_id FOREIGN KEY (task_id) REFERENCES public.management_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_tasknote
    ADD CONSTRAINT management_tasknote_by_id_6b339749_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_tasknote
    ADD CONSTRAINT management_tasknote_task_id_e5feb6d5_fk_management_task_id FOREIGN KEY (task_id) REFERENCES public.management_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_taskpart
    ADD CONSTRAINT management_taskpart_done_by_id_df72854a_fk_organisation_user_id FOREIGN KEY (done_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_taskpart
    ADD CONSTRAINT management_taskpart_person_id_8bf66afc_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.management_taskpart
    ADD CONSTRAINT management_taskpart_task_id_48948f2f_fk_management_task_id FOREIGN KEY (task_id) REFERENCES public.management_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.organisation_calendarday
    ADD CONSTRAINT organisation_calenda_unit_id_2ac88df0_fk_organisat FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.organisation_rolegrant
    ADD CONSTRAINT organisation_rolegra_granted_by_id_a5f3d185_fk_organisat FOREIGN KEY (granted_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.organisation_rolegrant
    ADD CONSTRAINT organisation_rolegrant_unit_id_1e121ad9_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.organisation_rolegrant
    ADD CONSTRAINT organisation_rolegrant_user_id_328cf486_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.organisation_unit
    ADD CONSTRAINT organisation_unit_parent_id_1a56e487_fk_organisation_unit_id FOREIGN KEY (parent_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_channel
    ADD CONSTRAINT outbox_channel_stand_in_id_ea2523d9_fk_outbox_channel_id FOREIGN KEY (stand_in_id) REFERENCES public.outbox_channel(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_channel
    ADD CONSTRAINT outbox_channel_unit_id_9e27d095_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_delivery
    ADD CONSTRAINT outbox_delivery_caused_by_id_cc0c358c_fk_organisation_user_id FOREIGN KEY (caused_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_delivery
    ADD CONSTRAINT outbox_delivery_unit_id_31f2eee7_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_deliverystep
    ADD CONSTRAINT outbox_deliverystep_by_id_b8a6d416_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_deliverystep
    ADD CONSTRAINT outbox_deliverystep_delivery_id_68ddb677_fk_outbox_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.outbox_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_notice
    ADD CONSTRAINT outbox_notice_user_id_8b7881fb_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox_preference
    ADD CONSTRAINT outbox_preference_user_id_d86ffd60_fk_organisation_user_id FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);
ALTER TABLE ONLY public.review_claim
    ADD CONSTRAINT review_claim_item_id_cafb0f0f_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_claim
    ADD CONSTRAINT review_claim_reviewer_id_2efe07c1_fk_organisation_user_id FOREIGN KEY (reviewer_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_finding
    ADD CONSTRAINT review_finding_reason_id_aa120045_fk_review_standardreason_code FOREIGN KEY (reason_id) REFERENCES public.review_standardreason(code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_finding
    ADD CONSTRAINT review_finding_review_id_ce832b24_fk_review_review_id FOREIGN KEY (review_id) REFERENCES public.review_review(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_mergesuggestion
    ADD CONSTRAINT review_mergesuggesti_community_id_0e44249c_fk_organisat FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_mergesuggestion
    ADD CONSTRAINT review_mergesuggesti_dismissed_by_id_85d69ca4_fk_organisat FOREIGN KEY (dismissed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_mergesuggestion
    ADD CONSTRAINT review_mergesuggestion_item_id_57df3074_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_mergesuggestion
    ADD CONSTRAINT review_mergesuggestion_other_id_b3811465_fk_items_item_id FOREIGN KEY (other_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_review
    ADD CONSTRAINT review_review_item_id_5f5d82ed_fk_items_item_id FOREIGN KEY (item_id) REFERENCES public.items_item(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.review_review
    ADD CONSTRAINT review_review_reviewer_id_3cc1d98b_fk_organisation_user_id FOREIGN KEY (reviewer_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_alert
    ADD CONSTRAINT security_alert_about_id_258f3bf6_fk_organisation_user_id FOREIGN KEY (about_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_alert
    ADD CONSTRAINT security_alert_handled_by_id_aa9ebb9b_fk_organisation_user_id FOREIGN KEY (handled_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_alert
    ADD CONSTRAINT security_alert_unit_id_e0d6661d_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_checklist
    ADD CONSTRAINT security_checklist_changed_by_id_736e1908_fk_organisat FOREIGN KEY (changed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_checklist
    ADD CONSTRAINT security_checklist_unit_id_5f1407d8_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_confirmation
    ADD CONSTRAINT security_confirmatio_person_id_3fd27f2a_fk_organisat FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_confirmation
    ADD CONSTRAINT security_confirmatio_version_id_49915f70_fk_security_ FOREIGN KEY (version_id) REFERENCES public.security_ruleversion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_disposed_by_id_9b0c7193_fk_organisation_user_id FOREIGN KEY (disposed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_holder_id_18abc67d_fk_organisation_user_id FOREIGN KEY (holder_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_phone_id_022cd2d8_fk_accounts_phone_id FOREIGN KEY (phone_id) REFERENCES public.accounts_phone(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_registered_by_id_8352bdd8_fk_organisat FOREIGN KEY (registered_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_unit_id_c4c63d5a_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_device
    ADD CONSTRAINT security_device_witness_id_6d2cf784_fk_organisation_user_id FOREIGN KEY (witness_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_entry
    ADD CONSTRAINT security_entry_by_id_870a22c1_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_entry
    ADD CONSTRAINT security_entry_escort_id_ce788dbb_fk_organisation_user_id FOREIGN KEY (escort_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_entry
    ADD CONSTRAINT security_entry_person_id_184eafff_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_entry
    ADD CONSTRAINT security_entry_place_id_95e738db_fk_security_place_id FOREIGN KEY (place_id) REFERENCES public.security_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_finding
    ADD CONSTRAINT security_finding_closed_by_id_4f8e2474_fk_organisation_user_id FOREIGN KEY (closed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_finding
    ADD CONSTRAINT security_finding_inspection_id_ae4f581e_fk_security_ FOREIGN KEY (inspection_id) REFERENCES public.security_inspection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_finding
    ADD CONSTRAINT security_finding_owner_id_90f1af75_fk_organisation_user_id FOREIGN KEY (owner_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_finding
    ADD CONSTRAINT security_finding_unit_id_29dc0f02_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_holding
    ADD CONSTRAINT security_holding_by_id_c97ad73a_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_holding
    ADD CONSTRAINT security_holding_device_id_3e93fb10_fk_security_device_id FOREIGN KEY (device_id) REFERENCES public.security_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_holding
    ADD CONSTRAINT security_holding_person_id_1385e38f_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_incident
    ADD CONSTRAINT security_incident_device_id_90fdb544_fk_security_device_id FOREIGN KEY (device_id) REFERENCES public.security_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_incident
    ADD CONSTRAINT security_incident_noticed_by_id_0cceec7f_fk_organisat FOREIGN KEY (noticed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_incident
    ADD CONSTRAINT security_incident_unit_id_fa41a167_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_incidentstep
    ADD CONSTRAINT security_incidentste_incident_id_ad17efc6_fk_security_ FOREIGN KEY (incident_id) REFERENCES public.security_incident(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_incidentstep
    ADD CONSTRAINT security_incidentstep_by_id_a9f8b341_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_inspection
    ADD CONSTRAINT security_inspection_by_id_2d58d07d_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_inspection
    ADD CONSTRAINT security_inspection_device_id_07c762a3_fk_security_device_id FOREIGN KEY (device_id) REFERENCES public.security_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_inspection
    ADD CONSTRAINT security_inspection_place_id_7692d604_fk_security_place_id FOREIGN KEY (place_id) REFERENCES public.security_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_inspection
    ADD CONSTRAINT security_inspection_unit_id_912dad79_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_permit
    ADD CONSTRAINT security_permit_by_id_f7c3c576_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_permit
    ADD CONSTRAINT security_permit_person_id_2547fbe4_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_permit
    ADD CONSTRAINT security_permit_place_id_05714122_fk_security_place_id FOREIGN KEY (place_id) REFERENCES public.security_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_place
    ADD CONSTRAINT security_place_keeper_id_eeb818b9_fk_organisation_user_id FOREIGN KEY (keeper_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_place
    ADD CONSTRAINT security_place_unit_id_29c96200_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_rightsreview
    ADD CONSTRAINT security_rightsreview_by_id_9d422d05_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_rightsreview
    ADD CONSTRAINT security_rightsreview_unit_id_181d1380_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_ruleversion
    ADD CONSTRAINT security_ruleversion_issued_by_id_b509817d_fk_organisat FOREIGN KEY (issued_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_ruleversion
    ADD CONSTRAINT security_ruleversion_rule_id_65558d92_fk_security_ FOREIGN KEY (rule_id) REFERENCES public.security_securityrule(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_securitycheck
    ADD CONSTRAINT security_securityche_done_by_id_a67b3b56_fk_organisat FOREIGN KEY (done_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_securitycheck
    ADD CONSTRAINT security_securityche_planned_by_id_155473c6_fk_organisat FOREIGN KEY (planned_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_securitycheck
    ADD CONSTRAINT security_securitycheck_unit_id_b22e19a4_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_securityrule
    ADD CONSTRAINT security_securityrule_unit_id_459c5da4_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_substitute
    ADD CONSTRAINT security_substitute_by_id_6e3ea8cd_fk_organisation_user_id FOREIGN KEY (by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_substitute
    ADD CONSTRAINT security_substitute_ended_by_id_cf0d6652_fk_organisat FOREIGN KEY (ended_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.security_substitute
    ADD CONSTRAINT security_substitute_unit_id_98ff711c_fk_organisation_unit_id FOREIGN KEY (unit_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_course
    ADD CONSTRAINT training_course_community_id_8b6b9b1a_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_course
    ADD CONSTRAINT training_course_created_by_id_f03d2d1d_fk_organisation_user_id FOREIGN KEY (created_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_feedback
    ADD CONSTRAINT training_feedback_person_id_3676e00e_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_feedback
    ADD CONSTRAINT training_feedback_session_id_f0b4ae62_fk_training_session_id FOREIGN KEY (session_id) REFERENCES public.training_session(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_lecturer
    ADD CONSTRAINT training_lecturer_community_id_e49a5957_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_lecturer
    ADD CONSTRAINT training_lecturer_created_by_id_8f3b2745_fk_organisat FOREIGN KEY (created_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_lecturer
    ADD CONSTRAINT training_lecturer_person_id_11373b36_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_material
    ADD CONSTRAINT training_material_session_id_e8472395_fk_training_session_id FOREIGN KEY (session_id) REFERENCES public.training_session(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_material
    ADD CONSTRAINT training_material_uploaded_by_id_ac0a3f3c_fk_organisat FOREIGN KEY (uploaded_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_plan
    ADD CONSTRAINT training_plan_community_id_3601f5aa_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_plan
    ADD CONSTRAINT training_plan_created_by_id_1b05286a_fk_organisation_user_id FOREIGN KEY (created_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_question
    ADD CONSTRAINT training_question_community_id_6138c6e6_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_question
    ADD CONSTRAINT training_question_created_by_id_4d5dab2f_fk_organisat FOREIGN KEY (created_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_quiz_questions
    ADD CONSTRAINT training_quiz_questi_question_id_cbd5e364_fk_training_ FOREIGN KEY (question_id) REFERENCES public.training_question(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_quiz_questions
    ADD CONSTRAINT training_quiz_questi_quiz_id_a04c2149_fk_training_ FOREIGN KEY (quiz_id) REFERENCES public.training_quiz(session_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_quiz
    ADD CONSTRAINT training_quiz_session_id_a8f53db7_fk_training_session_id FOREIGN KEY (session_id) REFERENCES public.training_session(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_quiz
    ADD CONSTRAINT training_quiz_set_by_id_840ab58f_fk_organisation_user_id FOREIGN KEY (set_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_by_hand_id_d905e92b_fk_organisation_user_id FOREIGN KEY (by_hand_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_decided_by_id_af9c37c6_fk_organisation_user_id FOREIGN KEY (decided_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_invited_by_id_a3b2594d_fk_organisation_user_id FOREIGN KEY (invited_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_person_id_08005305_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_seat
    ADD CONSTRAINT training_seat_session_id_1560464d_fk_training_session_id FOREIGN KEY (session_id) REFERENCES public.training_session(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_session
    ADD CONSTRAINT training_session_community_id_f28e77e2_fk_organisation_unit_id FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_session
    ADD CONSTRAINT training_session_course_id_e49368c8_fk_training_course_id FOREIGN KEY (course_id) REFERENCES public.training_course(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_session
    ADD CONSTRAINT training_session_created_by_id_eea12a36_fk_organisation_user_id FOREIGN KEY (created_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_session
    ADD CONSTRAINT training_session_record_by_id_26695ca2_fk_organisation_user_id FOREIGN KEY (record_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_session
    ADD CONSTRAINT training_session_topic_id_5dfeda99_fk_training_topic_id FOREIGN KEY (topic_id) REFERENCES public.training_topic(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_sheet
    ADD CONSTRAINT training_sheet_person_id_07dd98e0_fk_organisation_user_id FOREIGN KEY (person_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_sheet
    ADD CONSTRAINT training_sheet_quiz_id_b50ac2ec_fk_training_quiz_session_id FOREIGN KEY (quiz_id) REFERENCES public.training_quiz(session_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_teaching
    ADD CONSTRAINT training_teaching_added_by_id_b843294f_fk_organisation_user_id FOREIGN KEY (added_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_teaching
    ADD CONSTRAINT training_teaching_lecturer_id_ae4e19a5_fk_training_lecturer_id FOREIGN KEY (lecturer_id) REFERENCES public.training_lecturer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_teaching
    ADD CONSTRAINT training_teaching_session_id_43c4f3cf_fk_training_session_id FOREIGN KEY (session_id) REFERENCES public.training_session(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_topic
    ADD CONSTRAINT training_topic_added_by_id_0b332fa1_fk_organisation_user_id FOREIGN KEY (added_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_topic
    ADD CONSTRAINT training_topic_group_id_f0187714_fk_organisation_unit_id FOREIGN KEY (group_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.training_topic
    ADD CONSTRAINT training_topic_plan_id_0b969284_fk_training_plan_id FOREIGN KEY (plan_id) REFERENCES public.training_plan(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_userses_user_id_af5e0a6d_fk_organisat FOREIGN KEY (user_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.weekly_reports_weeklyreport
    ADD CONSTRAINT weekly_reports_weekl_community_id_a0c4d369_fk_organisat FOREIGN KEY (community_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.weekly_reports_weeklyreport
    ADD CONSTRAINT weekly_reports_weekl_reporter_id_3873c3eb_fk_organisat FOREIGN KEY (reporter_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.weekly_reports_weeklyreport
    ADD CONSTRAINT weekly_reports_weekl_reviewed_by_id_7e46a529_fk_organisat FOREIGN KEY (reviewed_by_id) REFERENCES public.organisation_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.weekly_reports_weeklyreport
    ADD CONSTRAINT weekly_reports_weekl_work_group_id_3565dd04_fk_organisat FOREIGN KEY (work_group_id) REFERENCES public.organisation_unit(id) DEFERRABLE INITIALLY DEFERRED;
