-- name: RunningByJourney :many
-- How many enrollments run in each journey, and how many of them should somebody look at? One pass over those that run: for gauges that are
-- read now and then.
select journey, count(*) as running,
       count(*) filter (where paused) as paused,
       count(*) filter (where not paused and next_at < @before::timestamptz) as overdue,
       count(*) filter (where started_at is null and entered_at < @before::timestamptz) as not_started
from enrollments where ended_at is null group by journey order by journey;

-- name: Unsettled :one
-- How many events wait to be routed, since when does the oldest one (since now, where none does), and of how many touches does nobody know
-- whether they were sent?
select (select count(*) from events where dispatched_at is null) as unrouted,
       coalesce((select min(received_at) from events where dispatched_at is null), @now)::timestamptz as oldest_unrouted,
       (select count(*) from touches
        where state in ('claimed', 'unconfirmed') and (state = 'unconfirmed' or lease_until < clock_timestamp())) as unconfirmed;
