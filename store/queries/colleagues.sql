-- name: StandIns :many
-- Who is this colleague, and who stands in for whom from there on? Of absences only those that have not ended long since.
with recursive line (id) as (
    select @id::text
    union
    select c.deputy from line join colleagues c on c.id = line.id where c.deputy <> ''
)
select c.id, c.name, c.language, c.zone, c.country, c.channels, c.working_hours, c.deputy,
    (select coalesce(jsonb_object_agg(a.channel, jsonb_build_object('value', a.value, 'bad', coalesce(a.bad_reason, ''))), '{}')
     from colleague_addresses a where a.colleague = c.id)::jsonb as addresses,
    (select coalesce(jsonb_agg(jsonb_build_object('from', b.first_day, 'to', b.last_day) order by b.first_day, b.last_day), '[]')
     from colleague_absences b where b.colleague = c.id and b.last_day >= @since::date)::jsonb as absences
from colleagues c where c.id in (select line.id from line);

-- name: Colleagues :many
-- Who are all the colleagues? They are few.
select c.id, c.name, c.language, c.zone, c.country, c.channels, c.working_hours, c.deputy,
    (select coalesce(jsonb_object_agg(a.channel, jsonb_build_object('value', a.value, 'bad', coalesce(a.bad_reason, ''))), '{}')
     from colleague_addresses a where a.colleague = c.id)::jsonb as addresses,
    (select coalesce(jsonb_agg(jsonb_build_object('from', b.first_day, 'to', b.last_day) order by b.first_day, b.last_day), '[]')
     from colleague_absences b where b.colleague = c.id and b.last_day >= @since::date)::jsonb as absences
from colleagues c order by c.id;

-- name: KnownColleagues :many
-- Which of these ids are colleagues?
select id from colleagues where id = any(@ids::text[]);

-- name: UpdateColleague :execrows
-- What a file says of a colleague who is known. What it leaves empty stays.
update colleagues c
set name = coalesce(sqlc.narg(name), c.name), language = coalesce(sqlc.narg(language), c.language), zone = coalesce(sqlc.narg(zone), c.zone),
    country = coalesce(sqlc.narg(country), c.country), channels = coalesce(sqlc.narg(channels)::text[], c.channels),
    working_hours = coalesce(sqlc.narg(working_hours), c.working_hours), deputy = coalesce(sqlc.narg(deputy), c.deputy), updated_at = @at
where c.id = @id
  and (coalesce(sqlc.narg(name), c.name), coalesce(sqlc.narg(language), c.language), coalesce(sqlc.narg(zone), c.zone),
       coalesce(sqlc.narg(country), c.country), coalesce(sqlc.narg(channels)::text[], c.channels),
       coalesce(sqlc.narg(working_hours), c.working_hours), coalesce(sqlc.narg(deputy), c.deputy))
      is distinct from (c.name, c.language, c.zone, c.country, c.channels, c.working_hours, c.deputy);

-- name: InsertColleague :exec
-- A new colleague.
insert into colleagues (id, name, language, zone, country, channels, working_hours, deputy, created_at, updated_at)
values (@id, @name, @language, @zone, @country, @channels, @working_hours, @deputy, @at::timestamptz, @at::timestamptz);

-- name: MergeColleagueAddress :execrows
-- Where this colleague is reached. A new address is a good one until it proves bad.
insert into colleague_addresses as a (colleague, channel, value) values (@colleague, @channel, @value)
on conflict (colleague, channel) do update set value = excluded.value, bad_reason = null, bad_since = null
where a.value <> excluded.value;

-- name: MarkColleagueAddressBad :execrows
-- From now on this address can't be used. Only if it still is the colleague's, and not already known to be bad.
update colleague_addresses set bad_reason = @reason, bad_since = @at::timestamptz
where colleague = @colleague and channel = @channel and value = @value and bad_reason is null;

-- name: AddAbsence :execrows
-- Days on which a colleague is not at work. The same days twice are one absence.
insert into colleague_absences (colleague, first_day, last_day) values (@colleague, @first_day, @last_day)
on conflict do nothing;

-- name: RemoveAbsence :execrows
-- The colleague is at work on these days after all.
delete from colleague_absences where colleague = @colleague and first_day = @first_day and last_day = @last_day;

-- name: TellOfColleagues :exec
-- The running enrollments that hold a touch for a colleague are to look again, since colleagues changed. They hear of it by an event, as of
-- all else. Reads every running enrollment: colleagues change rarely.
insert into events (id, type, customer, at, received_at)
select 'colleague-' || gen_random_uuid(), 'profile.changed', e.customer, @at::timestamptz, @at::timestamptz
from (select distinct customer from enrollments where ended_at is null and held_for <> '') e;

-- name: UnknownColleagues :many
-- Which colleagues look after customers, or stand in for somebody, but are not known? With how many customers each has. Reads every customer:
-- for people's questions, not for a hot path.
select w.id, sum(w.customers)::bigint as customers
from (
    select owner as id, count(*) as customers from customers where owner <> '' and closed_at is null group by owner
    union all
    select deputy, 0 from colleagues where deputy <> ''
) w
where not exists (select from colleagues c where c.id = w.id)
group by w.id order by w.id;
