-- Events, the facts from outside, and what they add to a profile: consents, purchases, survey answers.

create table events (
    id                text primary key check (id <> ''), -- given by whoever sends it; the same id is the same event
    type              text not null check (type <> ''),
    customer          text not null references customers (id),
    at                timestamptz not null,              -- when it happened
    data              jsonb not null default '{}' check (jsonb_typeof(data) = 'object'),
    received_at       timestamptz not null,
    dispatched_at     timestamptz,                       -- when it had been routed to the journeys; null until then
    dispatch_attempts integer not null default 0 check (dispatch_attempts >= 0)
);
-- What has not been routed yet. Fewest attempts first, so that one event that can't be routed holds up no other.
create index events_undispatched on events (dispatch_attempts, received_at, id) where dispatched_at is null;
-- What happened to one customer.
create index events_customer on events (customer, at);

-- Append-only: each row is one word that a customer gave. The latest word on a topic holds.
create table consents (
    id       bigint generated always as identity primary key,
    customer text not null references customers (id),
    topic    text not null check (topic <> ''),
    granted  boolean not null,
    at       timestamptz not null,
    source   text not null check (source <> ''), -- 'event', 'import', 'reply', …
    event    text references events (id)         -- the event that brought it, where one did
);
-- The latest word of a customer on each topic, from the index alone.
create index consents_latest on consents (customer, topic, at desc, id desc) include (granted);
-- One event says one word on a topic, however often it is handled.
create unique index consents_event on consents (event, topic) where event is not null;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % never change: write a new one', tg_table_name;
end
$$;
create trigger consents_are_append_only before update on consents
    for each row execute function refuse_change();

-- A purchase is known by its key: 'order:<order id>' where the business numbers its orders, so that the same order arriving by
-- event and by import is one purchase; otherwise 'event:<event id>' or 'import:<hash of its content>:<ordinal among equals>'.
create table purchases (
    customer     text not null references customers (id),
    key          text not null check (key <> ''),
    order_id     text,
    quantity     numeric not null,
    amount       numeric not null,            -- money, exact; a refund is negative
    currency     text not null default '' check (currency ~ '^([A-Z]{3})?$'),
    purchased_at timestamptz not null,
    -- The sums of one customer are read from this index alone.
    primary key (customer, key) include (amount, purchased_at)
);

create table survey_answers (
    event    text primary key references events (id),
    customer text not null references customers (id),
    survey   text not null check (survey <> ''),
    score    double precision not null,
    at       timestamptz not null
);
-- The newest answers of a customer.
create index survey_answers_customer on survey_answers (customer, at desc, event);

---- create above / drop below ----

drop table survey_answers;
drop table purchases;
drop table consents;
drop function refuse_change;
drop table events;
