-- name: Breakers :many
-- Which channels' breakers were ever open, how does it stand, in how many seconds may a touch try it, and for how many has it been closed?
select sqlc.embed(breakers),
       coalesce(extract(epoch from greatest(try_at, trying_until) - clock_timestamp()), 0)::float8 as try_in,
       coalesce(extract(epoch from clock_timestamp() - closed_at), 0)::float8 as closed_for
from breakers where @channel::text in ('', channel) and (opened_at is not null or closed_at is not null) order by channel;

-- name: OpenBreaker :execrows
-- The provider does not work: nobody calls it for some seconds. Of many who say so at once one is heard; a worker for whom nothing at all worked is not heard
-- where something did for another within so many seconds, since then it is the worker's own trouble.
insert into breakers (channel, opened_at, kind, provider, code, try_at)
values (@channel, clock_timestamp(), @kind, @provider, @code, clock_timestamp() + make_interval(secs => @rest_seconds::float8))
on conflict (channel) do update
set opened_at = excluded.opened_at, kind = excluded.kind, provider = excluded.provider, code = excluded.code, tries = 0, try_at = excluded.try_at,
    trying_until = null
where breakers.opened_at is null
  and (not @nothing_worked::boolean or breakers.worked_at is null or breakers.worked_at < clock_timestamp() - make_interval(secs => @lately_seconds::float8));

-- name: BreakerWorked :exec
-- The provider took something from a worker.
insert into breakers (channel, worked_at) values (@channel, clock_timestamp())
on conflict (channel) do update set worked_at = excluded.worked_at;

-- name: TryBreaker :execrows
-- May I try whether the provider works again? One may, once it is time, and nobody else for so many seconds.
update breakers set trying_until = clock_timestamp() + make_interval(secs => @lease_seconds::float8)
where channel in (select b.channel from breakers b
                  where b.channel = @channel and b.opened_at is not null and greatest(b.try_at, b.trying_until) <= clock_timestamp()
                  for update skip locked);

-- name: KeepBreakerOpen :execrows
-- It was tried, and does not work yet.
update breakers
set kind = @kind, provider = @provider, code = @code, tries = tries + 1, trying_until = null,
    try_at = clock_timestamp() + make_interval(secs => @rest_seconds::float8)
where channel = @channel and opened_at is not null;

-- name: CloseBreaker :execrows
-- It works again.
update breakers set opened_at = null, closed_at = clock_timestamp(), try_at = null, trying_until = null
where channel = @channel and opened_at is not null;

-- name: TryBreakersNow :execrows
-- Somebody may have mended what was wrong: the next touch may try.
update breakers set try_at = clock_timestamp() where opened_at is not null and try_at > clock_timestamp();

-- name: TellBreakers :many
-- Of which channels are those on call to be told now: those that have been open for so many seconds, and those that have been closed for so many since
-- they were told? Whoever is answered tells it, and nobody else will.
update breakers set told_at = case when opened_at is null then null else clock_timestamp() end
where told_at is null and opened_at < clock_timestamp() - make_interval(secs => @open_seconds::float8)
   or told_at is not null and opened_at is null and closed_at < clock_timestamp() - make_interval(secs => @closed_seconds::float8)
returning *;
