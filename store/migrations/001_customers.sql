-- Customers and how each is reached.
--
-- Every timestamp of this schema is in the stack's time, given by the program; only touches.lease_until is the database's own.
-- Ids of customers are opaque: the program refuses any that looks like a phone number or an e-mail address.

create table customers (
    id              text primary key check (id <> ''),
    name            text not null default '',
    language        text not null default 'en' check (language <> ''),              -- BCP 47
    zone            text not null check (zone <> ''),                               -- IANA
    country         text not null default '' check (country ~ '^([A-Z]{2})?$'),     -- ISO 3166-1 alpha-2, '' unknown
    contact_windows text not null default '',                                       -- local time; '' is any decent hour
    channels        text[] not null default '{}'
                    check (channels <@ array['sms', 'email', 'slack', 'whatsapp']), -- the customer's order of preference
    owner           text not null default '',                                       -- the colleague who looks after them
    star            smallint not null default 3 check (star between 1 and 5),       -- service level
    birthday        date,
    attributes      jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
    closed_at       timestamptz,                                                    -- ended the relation: no touch ever
    erased_at       timestamptz check (erased_at is null or closed_at is not null), -- personal data gone; the id remains
    created_at      timestamptz not null,
    updated_at      timestamptz not null
);
-- The customers of one colleague.
create index customers_owner on customers (owner, id);

create table addresses (
    customer   text not null references customers (id),
    channel    text not null check (channel in ('sms', 'email', 'slack', 'whatsapp')),
    value      text not null check (value <> ''), -- E.164 for sms and whatsapp, addr-spec for email, user id for slack
    bad_reason text check (bad_reason <> ''),     -- why it can't be used; null while it can
    bad_since  timestamptz,
    primary key (customer, channel),
    check ((bad_reason is null) = (bad_since is null))
);
-- Whose reply is this? Not unique: a family may share one phone.
create index addresses_value on addresses (channel, value);

---- create above / drop below ----

drop table addresses;
drop table customers;
