-- Enrollments: who passes through which journey. The row's start is written in the transaction that decides to enroll; its end
-- when the workflow finishes. Step, waiting_for, next_at and paused are a projection of the workflow, good enough to count and list.

create table enrollments (
    id          bigint generated always as identity primary key,
    journey     text not null,
    version     integer not null,
    customer    text not null references customers (id),
    key         text not null default '',         -- what tells apart two enrollments in one journey; '' where it has no key
    entered_by  text references events (id),      -- the event that entered; null for entry by hand
    entered_at  timestamptz not null,
    started_at  timestamptz,                      -- when its workflow was known to run
    step        text not null default '',
    waiting_for text not null default '',
    next_at     timestamptz,
    paused      boolean not null default false,
    ended_at    timestamptz,
    outcome     text check (outcome ~ '^(goal|completed|(exited|failed): .*)$'),
    updated_at  timestamptz not null,
    check ((ended_at is null) = (outcome is null))
    -- (journey, version) has no foreign key: every entry would lock that one row of journey_versions, which a mass entry turns
    -- into a queue. Versions can't be deleted, and entering reads the version first.
) with (fillfactor = 80);
-- No index names a projected column, so that moving a step rewrites one row and no index (HOT, for which the fillfactor leaves room).

-- One running enrollment a customer, journey and key; and all that run for a customer.
create unique index enrollments_one_running on enrollments (customer, journey, key) where ended_at is null;
-- One event enters once.
create unique index enrollments_entered_by on enrollments (entered_by, journey, key) where entered_by is not null;
-- The earlier enrollments of a customer in a journey, for the rule of entering again.
create index enrollments_customer on enrollments (customer, journey, key, id);
-- What runs, by journey, in pages.
create index enrollments_running on enrollments (journey, id) where ended_at is null;
create index enrollments_running_ids on enrollments (id) where ended_at is null;
-- Entered, but not yet running.
create index enrollments_not_started on enrollments (entered_at, id) where started_at is null and ended_at is null;

---- create above / drop below ----

drop table enrollments;
