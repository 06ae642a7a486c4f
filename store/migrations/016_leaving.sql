-- Customers who leave, closed or erased; and the audit log: who did what, and what came of it.

-- customers.closed_at and erased_at say that a customer has left: from then on nothing is sent. What follows from it, the end of what they are in and
-- for the erased the removal of all that is known of them, takes longer than a transaction.
alter table customers
    add column closed_reason text not null default '', -- why, in the words of whoever closed it; '' nobody said
    add column left_at timestamptz,                    -- when all that follows had been done; null until then
    add check (closed_at is not null or closed_reason = '' and left_at is null);
-- Those of whom something is left to do.
create index customers_leaving on customers (closed_at, id) where closed_at is not null and left_at is null;

-- No to a topic, or to a channel at its provider, that outlives whoever said it and was erased: the address must not be written to because a file brings
-- it again. Only hashes of addresses, keyed by a secret of this database, so that no other list of addresses tells whose they are.
create table refusals (
    address bytea not null,
    topic   text not null default '', -- they said no to it
    channel text not null default '' check (channel in ('', 'sms', 'email', 'slack', 'whatsapp')), -- they told its provider to stop
    at      timestamptz not null,
    primary key (address, topic, channel),
    check ((topic = '') = (channel <> ''))
);
insert into keys (name, secret) values ('address', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- One telephone has one hash, on whichever channel it is reached.
create function address_hash(channel text, value text) returns bytea language sql stable parallel safe
    return (select sha256(k.secret || convert_to(case when channel in ('sms', 'whatsapp') then 'phone' else channel end || ' ' || lower(btrim(value)), 'UTF8'))
            from keys k where k.name = 'address');

-- What nobody wrote is erased with whoever is reached at its address, however the sender's program writes that.
drop index replies_address;
create index replies_address on replies (channel, lower(btrim(address))) where address is not null;

-- The audit log only grows. It has ids and no personal data, so nothing in it is erased.
create table audit (
    id         bigint generated always as identity primary key,
    at         timestamptz not null,
    door       text not null check (door in ('cli', 'token', 'customer', 'worker')), -- by which they came
    name       text not null,                     -- at the door: user@host, the token's name; '' where there is none
    deed       text not null check (deed <> ''),
    of_kind    text not null default '',          -- what it was done to: 'customer', 'enrollment', 'journey', …
    subject    text not null default '',          -- its id
    customer   text not null default '',          -- whom it concerns; '' nobody in particular
    outcome    text not null check (outcome <> ''),
    check ((name = '') = (door in ('customer', 'worker')))
);
-- What was done that concerns one customer, or one thing.
create index audit_customer on audit (customer, id) where customer <> '';
create index audit_subject on audit (subject, id) where subject <> '';
create trigger audit_only_grows before update or delete or truncate on audit
    for each statement execute function refuse_change();

---- create above / drop below ----

drop table audit;
drop index replies_address;
create index replies_address on replies (channel, address) where address is not null;
drop function address_hash;
delete from keys where name = 'address';
drop table refusals;
drop index customers_leaving;
alter table customers drop column closed_reason, drop column left_at;
