-- The next job, at the same cost whatever waits (docs/decisions/0015-queue-at-any-length.md). The library's own function
-- joins the table with itself; while its statistics say "empty" that is by reading all of it, for every job.
--
-- A job without a lock waits in `ready` or, until its time comes, in `due`; of those with a lock only the first one of
-- each may go, and there are as many locks as tasks that take turns. So a fetch looks at a few entries of three indexes.
--
-- "Equal" is written as "between" and no sorting is allowed: an order by a column that equals something is no order, so the
-- planner took any index with the rest of it, and read 20,000 rows when its statistics were those of an empty table.
CREATE INDEX linbao_jobs_ready ON procrastinate_jobs (queue_name, priority DESC, id)
    WHERE status = 'todo' AND lock IS NULL AND scheduled_at IS NULL;
CREATE INDEX linbao_jobs_due ON procrastinate_jobs (queue_name, scheduled_at)
    WHERE status = 'todo' AND lock IS NULL AND scheduled_at IS NOT NULL;
CREATE INDEX linbao_jobs_locked ON procrastinate_jobs (lock, priority DESC, id)
    WHERE status = 'todo' AND lock IS NOT NULL;

CREATE OR REPLACE FUNCTION procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off SET enable_incremental_sort = off SET plan_cache_mode = force_custom_plan SET jit = off
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

-- Rows change state twice and go: what they leave in the indexes is taken away before it slows the next fetch.
ALTER TABLE procrastinate_jobs SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0
);
