-- The ledger of touches: one row for each attempt to reach a customer in one occurrence of a step, on one channel. A row is written
-- before the provider is called and decides whether it may be called at all.

create table touches (
    -- What the provider carries back to us.
    id            text generated always as
                  (enrollment::text || '.' || step || '.' || occurrence::text || '.' || try::text) stored primary key,
    enrollment    bigint not null references enrollments (id),
    step          text not null check (step ~ '^[^.]+$'),
    occurrence    integer not null check (occurrence >= 0),
    try           integer not null check (try >= 0), -- the channel try, as the machine numbers it
    customer      text not null,                    -- that of the enrollment
    channel       text not null check (channel in ('', 'sms', 'email', 'slack', 'whatsapp')), -- '' where none was chosen
    template      text not null,
    topic         text not null,
    kind          text not null check (kind in ('send', 'ask')),
    state         text not null check (state in
                  ('claimed', 'sent', 'delivered', 'undelivered', 'failed', 'skipped', 'expired', 'unconfirmed')),
    reason        text not null default '',         -- why it was skipped, expired or failed
    lease_until   timestamptz check (lease_until is null or state = 'claimed'),
    -- In the database's real time. A claim with a lease may be at the provider; without one it surely is not, and may be taken.
    attempts      integer not null default 0 check (attempts >= 0), -- claims so far; the newest one's number
    provider_id   text,
    provider_code text not null default '',
    due_at        timestamptz not null,             -- when it was planned for
    created_at    timestamptz not null,
    claimed_at    timestamptz,                      -- the newest claim
    sent_at       timestamptz,
    settled_at    timestamptz,                      -- when it reached the state it has, beyond sent
    unique (enrollment, step, occurrence, try),
    check (channel <> '' or state in ('skipped', 'expired'))
);
-- What was sent to one customer, newest first.
create index touches_customer on touches (customer, created_at desc, id);
-- What a person may have to look at: unconfirmed, or claimed by somebody who never came back.
create index touches_open on touches (created_at, id) where state in ('claimed', 'unconfirmed');
-- Which touch does a provider's receipt speak of?
create index touches_provider_id on touches (provider_id) where provider_id is not null;

---- create above / drop below ----

drop table touches;
