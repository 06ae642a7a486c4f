-- Colleagues: those on our side who are told what is up with customers. customers.owner names one, and is no foreign key: customers may be
-- imported before those who look after them. Nor is deputy, so that two may stand in for each other.

create table colleagues (
    id            text primary key check (id <> ''),
    name          text not null default '',
    language      text not null default 'en' check (language <> ''),          -- BCP 47
    zone          text not null check (zone <> ''),                           -- IANA
    country       text not null default '' check (country ~ '^([A-Z]{2})?$'), -- ISO 3166-1 alpha-2, '' unknown
    channels      text[] not null default '{}' check (channels <@ array['slack', 'email']), -- in order; '{}' is slack, email
    working_hours text not null default '',                                   -- local time; '' is mon-fri 09:00-18:00
    deputy        text not null default '' check (deputy <> id),              -- who stands in; '' nobody
    created_at    timestamptz not null,
    updated_at    timestamptz not null
);

create table colleague_addresses (
    colleague  text not null references colleagues (id),
    channel    text not null check (channel in ('slack', 'email')),
    value      text not null check (value <> ''), -- user id for slack, addr-spec for email
    bad_reason text check (bad_reason <> ''),     -- why it can't be used; null while it can
    bad_since  timestamptz,
    primary key (colleague, channel),
    check ((bad_reason is null) = (bad_since is null))
);

-- Days on which a colleague is not at work, both included, by the calendar of the colleague's zone.
create table colleague_absences (
    colleague text not null references colleagues (id),
    first_day date not null,
    last_day  date not null,
    primary key (colleague, first_day, last_day),
    check (first_day <= last_day)
);

-- A touch of kind notify tells a colleague something about the customer. It never counts as a touch of the customer.
alter table touches
    drop constraint touches_kind_check,
    add constraint touches_kind_check check (kind in ('send', 'ask', 'notify')),
    add column colleague text not null default '', -- who is told; '' where nobody was chosen
    add check (colleague = '' or kind = 'notify');

drop index touches_reached;
-- What was or may have been sent to a customer, newest first.
create index touches_reached on touches (customer, claimed_at desc, id)
    where state in ('claimed', 'sent', 'delivered', 'undelivered', 'unconfirmed') and kind <> 'notify';

-- The colleague for whom a running enrollment holds a touch: part of its projection, so no index names it.
alter table enrollments
    add column held_for text not null default ''; -- '' while it holds none

---- create above / drop below ----

alter table enrollments drop column held_for;

drop index touches_reached;
create index touches_reached on touches (customer, claimed_at desc, id)
    where state in ('claimed', 'sent', 'delivered', 'undelivered', 'unconfirmed');

-- Refused while the ledger has touches to colleagues: nothing that was sent is forgotten.
alter table touches
    drop column colleague,
    drop constraint touches_kind_check,
    add constraint touches_kind_check check (kind in ('send', 'ask'));

drop table colleague_absences;
drop table colleague_addresses;
drop table colleagues;
