-- name: LockJourney :exec
-- Publications of one journey wait for each other.
select pg_advisory_xact_lock(hashtextextended('journey ' || @journey::text, 0));

-- name: NewestHash :one
-- What was published last of this journey?
select version, hash from journey_versions where journey = @journey order by version desc limit 1;

-- name: InsertVersion :exec
-- A new version of a journey.
insert into journey_versions (journey, version, hash, source, plan, catalogue, enters_on, listens, author, message, published_at)
values (@journey, @version, @hash, @source, @plan, @catalogue, sqlc.narg(enters_on), @listens, @author, @message, @published_at);

-- name: InsertTemplates :exec
-- The templates of a new version.
insert into journey_templates (journey, version, name, channel, language, source)
select @journey, @version, unnest(@names::text[]), unnest(@channels::text[]), unnest(@languages::text[]), unnest(@sources::text[]);

-- name: JourneyVersion :one
-- What is this version of a journey?
select * from journey_versions where journey = @journey and version = @version;

-- name: NewestVersion :one
-- What is the newest version of a journey?
select * from journey_versions where journey = @journey order by version desc limit 1;

-- name: NewestVersions :many
-- What is the newest version of each journey?
select distinct on (journey) * from journey_versions order by journey, version desc;

-- name: NewestCatalogue :one
-- What was known of customers and of the business when a journey was last published? Reads every version: for people's questions.
select catalogue from journey_versions order by published_at desc, journey, version desc limit 1;

-- name: NewestPlans :many
-- What is the compiled form of the newest version of each journey? Without what people wrote, since workers ask every few seconds.
select distinct on (journey) journey, version, plan from journey_versions order by journey, version desc;

-- name: VersionsEnteringOn :many
-- Which journeys does an event of this type enter? Only the newest version of each counts.
select v.* from journey_versions v
where v.enters_on = @event_type::text
  and not exists (select from journey_versions n where n.journey = v.journey and n.version > v.version)
order by v.journey;

-- name: Templates :many
-- What texts does this version send?
select name, channel, language, source from journey_templates
where journey = @journey and version = @version order by name, channel, language;

-- name: RunningByStep :many
-- How many run in each journey, version and step? Reads every running enrollment: for people's lists, not for a hot path.
select journey, version, step, count(*) as running, count(*) filter (where paused) as paused
from enrollments where ended_at is null
group by journey, version, step order by journey, version, step;

-- name: Versions :many
-- Which versions of a journey were there, the newest first, and how many run in each?
select v.version, v.hash, v.author, v.message, v.published_at,
       count(e.id) as running, count(e.id) filter (where e.paused) as paused
from journey_versions v
left join enrollments e on e.journey = v.journey and e.version = v.version and e.ended_at is null
where v.journey = @journey
group by v.journey, v.version order by v.version desc;

-- name: JourneyNames :many
-- Which journeys were ever published?
select distinct journey from journey_versions order by journey;
