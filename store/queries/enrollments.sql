-- name: EnrollmentEnteredBy :one
-- Did this event enter this journey already, under this key?
select * from enrollments where entered_by = @event::text and journey = @journey and key = @key;

-- name: EnrollmentEnteredFor :one
-- Did this customer enter this journey for this already, under this key?
select * from enrollments where customer = @customer and journey = @journey and key = @key and entered_for = @entered_for and entered_for <> '';

-- name: EnrollmentsEnteredForDays :many
-- For which days did this customer enter this journey, under this key? Newest first.
select * from enrollments
where customer = @customer and journey = @journey and key = @key and entered_for ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' order by id desc;

-- name: LatestEnrollment :one
-- When was this customer last in this journey, under this key?
select * from enrollments where customer = @customer and journey = @journey and key = @key order by id desc limit 1;

-- name: InsertEnrollment :one
-- The customer enters the journey.
insert into enrollments (journey, version, customer, key, entered_by, entered_for, entered_at, updated_at)
values (@journey, @version, @customer, @key, sqlc.narg(entered_by), @entered_for, @entered_at, @entered_at)
returning *;

-- name: Enrollment :one
-- How does this enrollment stand?
select * from enrollments where id = @id;

-- name: Enrollments :many
-- Which enrollments fit? Newest first, in pages. An outcome fits exactly or by its kind: 'exited' fits every 'exited: why'.
select e.* from enrollments e
where (@before::bigint = 0 or e.id < @before)
  and (@journey::text = '' or e.journey = @journey)
  and (@customer::text = '' or e.customer = @customer)
  and (@step::text = '' or e.step = @step)
  and (@outcome::text = '' or e.outcome = @outcome or split_part(e.outcome, ':', 1) = @outcome)
  and (@owner::text = '' or exists (select from customers c where c.id = e.customer and c.owner = @owner))
  and (not @running::boolean or e.ended_at is null)
order by e.id desc limit @page::bigint;

-- name: MarkStarted :execrows
-- The enrollment's workflow runs.
update enrollments set started_at = coalesce(started_at, @at::timestamptz), updated_at = @at::timestamptz where id = @id;

-- name: Project :execrows
-- Where the workflow stands now. An enrollment that has ended is not touched.
update enrollments
set step = @step, waiting_for = @waiting_for, next_at = sqlc.narg(next_at), paused = @paused, held_topic = @held_topic,
    held_since = sqlc.narg(held_since), held_for = @held_for, updated_at = @at
where id = @id and ended_at is null;

-- name: Unpause :execrows
-- A paused enrollment goes on: what it waits for is as it was, or is written by what it does next.
update enrollments set paused = false, updated_at = @at where id = @id and ended_at is null;

-- name: Finish :execrows
-- The enrollment is over. What has ended keeps its first outcome.
update enrollments
set ended_at = @at::timestamptz, outcome = @outcome::text, waiting_for = '', next_at = null, paused = false,
    held_topic = '', held_since = null, held_for = '', updated_at = @at::timestamptz
where id = @id and ended_at is null;

-- name: Listening :many
-- Which running enrollments of this customer want to hear of events of this type?
select e.* from enrollments e
join journey_versions v on v.journey = e.journey and v.version = e.version
where e.customer = @customer and e.ended_at is null and @event_type::text = any(v.listens)
order by e.id;

-- name: RunningEnrollments :many
-- Which enrollments run? In pages by id.
select * from enrollments where ended_at is null and id > @after order by id limit @page::bigint;

-- name: NotStarted :many
-- Which enrollments were entered before an instant, but are not known to have a workflow?
select * from enrollments where started_at is null and ended_at is null and entered_at < @entered_before
order by entered_at, id limit @page::bigint;

-- name: Outcomes :many
-- How did those fare who entered in this time, by journey, version and outcome? Who runs has no outcome. Reads every enrollment: for people's questions.
select e.journey, e.version, coalesce(e.outcome, '')::text as outcome, count(*) as enrollments, count(*) filter (where e.paused) as paused
from enrollments e
where (@journey::text = '' or e.journey = @journey)
  and (@owner::text = '' or exists (select from customers c where c.id = e.customer and c.owner = @owner))
  and e.entered_at >= coalesce(sqlc.narg(since)::timestamptz, '-infinity') and e.entered_at < coalesce(sqlc.narg(until)::timestamptz, 'infinity')
group by e.journey, e.version, e.outcome order by e.journey, e.version desc, e.outcome;
