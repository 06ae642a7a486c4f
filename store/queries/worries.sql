-- name: Worries :one
-- How much should somebody look at? Reads every running enrollment: for people's questions, not for a hot path.
select
    (select count(*) from events where dispatched_at is null and received_at < @before::timestamptz) as unrouted,
    (select count(*) from enrollments
     where started_at is null and ended_at is null and entered_at < @before::timestamptz) as not_started,
    (select count(*) from enrollments
     where ended_at is null and not paused and next_at < @before::timestamptz) as overdue,
    (select count(*) from touches
     where state in ('claimed', 'unconfirmed') and (state = 'unconfirmed' or lease_until < clock_timestamp())) as unconfirmed;

-- name: OverdueEnrollments :many
-- Which running enrollments should have gone on before an instant? The longest overdue first.
select * from enrollments where ended_at is null and not paused and next_at < @before::timestamptz
order by next_at, id limit @page::bigint;
