-- Of a touch of which nobody knows whether it was sent, the provider is asked. What it said until now decides what becomes of it.

alter table touches
    add column asks     integer not null default 0 check (asks >= 0), -- how often it said that it does not have it, since the newest claim
    add column asked_at timestamptz,                                  -- when it was asked last, in the database's real time, as lease_until is
    add column address_mark integer check (address_mark between 0 and 65535);
    -- Sixteen bits of a hash of the address that the newest claim wrote to: enough to see that there is another one by now, so that asking about
    -- that would prove nothing, and too few to find out what it was.

---- create above / drop below ----

alter table touches drop column asks, drop column asked_at, drop column address_mark;
