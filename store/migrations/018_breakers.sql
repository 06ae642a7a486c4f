-- Providers that do not work, and are left alone until they do.

-- A channel's breaker is open while its provider is not called, but for a touch now and then that tries it. All times are real, by the database's own
-- clock: a provider's outage does not run on the stack's.
create table breakers (
    channel    text primary key check (channel <> ''),
    opened_at  timestamptz,                     -- since when it is open; null while it is closed
    closed_at  timestamptz,                     -- when it was closed the last time
    worked_at  timestamptz,                     -- when a worker said the last time that the provider took something; said now and then
    kind       text not null default '',        -- what the provider answered when it was opened, as package channel classes it
    provider   text not null default '',
    code       text not null default '',
    tries      integer not null default 0,      -- how many touches tried it since it was opened, in vain
    try_at     timestamptz,                     -- when the next one may; null while it is closed
    trying_until timestamptz,                   -- one is on its way, and is given up for lost by then; null where none is
    told_at    timestamptz,                     -- when those on call were told that it is open; null once they were told that it works again
    check ((opened_at is null) = (try_at is null)),
    check (trying_until is null or opened_at is not null)
);

---- create above / drop below ----

drop table breakers;
