-- name: LimitLockWait :exec
-- For the rest of this transaction nobody is waited for any longer than this.
select set_config('lock_timeout', '2s', true);

-- name: LockImport :exec
-- This connection imports, and no other, beyond the end of the transaction. Waits for the connection of an import that was stopped
-- just now to be gone.
select pg_advisory_lock(hashtextextended('perennial import', 0));

-- name: UnlockImport :exec
-- The import is over.
select pg_advisory_unlock(hashtextextended('perennial import', 0));

-- name: DropStaging :exec
-- The import is over: its tables go.
drop table if exists import_seen, import_customers, import_addresses, import_consents, import_purchases;

-- name: ClearStaging :exec
-- The batch is merged.
truncate import_customers, import_addresses, import_consents, import_purchases;

-- name: SeeKeys :many
-- How often has each of these keys come in this file, the rows at hand included, and where first?
insert into import_seen as s (key, line, times)
select k.key, min(k.line), count(*) from (select unnest(@keys::text[]) as key, unnest(@lines::bigint[]) as line) k group by k.key
on conflict (key) do update set times = s.times + excluded.times
returning s.key, s.line, s.times;

-- name: StageCustomers :copyfrom
insert into import_customers (line, id, name, language, zone, country, contact_windows, channels, owner, star, attributes)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: StageAddresses :copyfrom
insert into import_addresses (customer, channel, value) values ($1, $2, $3);

-- name: StageConsents :copyfrom
insert into import_consents (line, customer, topic) values ($1, $2, $3);

-- name: StagePurchases :copyfrom
insert into import_purchases (line, customer, key, order_id, quantity, amount, currency, purchased_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: StandingOfCustomers :many
-- Which of these ids are customers, where do they live, and were they erased? Until the transaction ends none of them is: the lock is that of a
-- foreign key, so it holds off nothing else.
select id, zone, (erased_at is not null)::boolean as erased from customers where id = any(@ids::text[]) order by id for key share;

-- name: UpdateImportedCustomers :many
-- Which stored customers does the staged batch change, and is it something that enrollments go by? Changes them. What the file leaves
-- empty stays. Another owner matters to those that hold a touch for a colleague.
update customers c
set name = coalesce(s.name, c.name), language = coalesce(s.language, c.language), zone = coalesce(s.zone, c.zone),
    country = coalesce(s.country, c.country), contact_windows = coalesce(s.contact_windows, c.contact_windows),
    channels = coalesce(s.channels, c.channels), owner = coalesce(s.owner, c.owner), star = coalesce(s.star, c.star),
    attributes = c.attributes || attribute_news(c.attributes, c.attributes_at, s.attributes, attribute_times(s.attributes, @at)),
    attributes_at = c.attributes_at || attribute_news(c.attributes_at, c.attributes_at, attribute_times(s.attributes, @at), attribute_times(s.attributes, @at)),
    updated_at = @at
from import_customers s join customers o on o.id = s.id
where c.id = s.id
  and (coalesce(s.name, c.name), coalesce(s.language, c.language), coalesce(s.zone, c.zone), coalesce(s.country, c.country),
       coalesce(s.contact_windows, c.contact_windows), coalesce(s.channels, c.channels), coalesce(s.owner, c.owner),
       coalesce(s.star, c.star), c.attributes || attribute_news(c.attributes, c.attributes_at, s.attributes, attribute_times(s.attributes, @at)))
      is distinct from
      (c.name, c.language, c.zone, c.country, c.contact_windows, c.channels, c.owner, c.star, c.attributes)
returning c.id, ((c.language, c.zone, c.country, c.contact_windows, c.channels, c.star, c.attributes) is distinct from
                 (o.language, o.zone, o.country, o.contact_windows, o.channels, o.star, o.attributes)
                 or c.owner <> o.owner and exists (select from enrollments e where e.customer = c.id and e.ended_at is null
                                                                               and e.held_for <> ''))::boolean as noticeable;

-- name: InsertImportedCustomers :many
-- Which customers does the staged batch add? Adds them.
insert into customers (id, name, language, zone, country, contact_windows, channels, owner, star, attributes, attributes_at,
                       created_at, updated_at)
select s.id, coalesce(s.name, ''), coalesce(s.language, 'en'), s.zone, coalesce(s.country, ''), coalesce(s.contact_windows, ''),
       coalesce(s.channels, '{}'), coalesce(s.owner, ''), coalesce(s.star, 3), s.attributes,
       attribute_times(s.attributes, @at), @at::timestamptz, @at::timestamptz
from import_customers s
where not exists (select from customers c where c.id = s.id)
on conflict (id) do nothing
returning id;

-- name: MergeImportedAddresses :many
-- Whose addresses does the staged batch add or change? A new address is a good one until it proves bad.
insert into addresses as a (customer, channel, value)
select s.customer, s.channel, s.value from import_addresses s
on conflict (customer, channel) do update set value = excluded.value, bad_reason = null, bad_since = null
where a.value <> excluded.value
returning a.customer;

-- name: AddImportedConsents :many
-- Whose consents does the staged batch add? Only where the customer never gave a word on the topic: a file's yes repeats what is
-- known, and never overrules a no that came later; nor the no of somebody who was erased and was reached at the same address.
insert into consents (customer, topic, granted, at, source)
select s.customer, s.topic, true, @at::timestamptz, 'import' from import_consents s
where not exists (select from consents c where c.customer = s.customer and c.topic = s.topic)
  and not exists (select from addresses a join refusals r on r.address = address_hash(a.channel, a.value) and r.topic = s.topic
                  where a.customer = s.customer)
returning customer, topic;

-- name: TellOfProfiles :exec
-- The running enrollments of these customers are to hear that the profile changed. They hear of it by an event, as of all else. Whoever changed it
-- knows already: nobody is told where no other enrollment runs. Where one thing of theirs changed and nothing else, the event says which.
insert into events (id, type, customer, at, data, received_at)
select @what::text || '-' || gen_random_uuid(), 'profile.changed', u.id, @at::timestamptz,
       case when count(*) = 1 and min(u.thing) <> '' then jsonb_build_object('of', min(u.of_kind), 'thing', min(u.thing)) else '{}' end, @at::timestamptz
from (select distinct unnest(@customers::text[]) as id, unnest(@of_kinds::text[]) as of_kind, unnest(@things::text[]) as thing) u
where exists (select from enrollments e where e.customer = u.id and e.ended_at is null and e.id <> @but::bigint)
group by u.id;

-- name: TellOfConsents :exec
-- The running enrollments of these customers are to hear what they agreed to.
insert into events (id, type, customer, at, data, received_at)
select 'import-' || gen_random_uuid(), 'consent.changed', u.id, @at::timestamptz,
       jsonb_build_object('topic', u.topic, 'granted', true), @at::timestamptz
from (select unnest(@customers::text[]) as id, unnest(@topics::text[]) as topic) u
where exists (select from enrollments e where e.customer = u.id and e.ended_at is null);

-- name: WithdrawnConsents :many
-- For which staged rows did the customer's latest word say no?
select s.line, s.topic from import_consents s
cross join lateral (select c.granted from consents c where c.customer = s.customer and c.topic = s.topic
                    order by c.at desc, c.id desc limit 1) w
where not w.granted order by s.line, s.topic;

-- name: ClashingPurchases :many
-- Which staged orders are stored already, but say something else?
select s.line from import_purchases s
join purchases p on p.customer = s.customer and p.key = s.key
where (p.quantity, p.amount, p.currency) is distinct from (s.quantity::numeric, s.amount::numeric, s.currency)
order by s.line;

-- name: AddImportedPurchases :many
-- Which purchases does the staged batch add? Adds them. One whose key is stored is the same purchase.
insert into purchases (customer, key, order_id, quantity, amount, currency, purchased_at)
select s.customer, s.key, s.order_id, s.quantity::numeric, s.amount::numeric, s.currency, s.purchased_at
from import_purchases s order by s.customer, s.key, s.line
on conflict (customer, key) do nothing
returning customer, key;

-- name: UnknownZones :many
-- Which of these time zones can this database not reckon with? Its own data may be older than ours.
select u.zone::text from unnest(@zones::text[]) as u (zone)
where not zone_known(u.zone) order by 1;

-- name: InsertPastEvents :many
-- Which of these facts of long ago are new? Stores those, as routed without an attempt: they are history, which enters nobody and ends nothing.
insert into events (id, type, customer, at, data, received_at, dispatched_at)
select unnest(@ids::text[]), unnest(@types::text[]), unnest(@customers::text[]), unnest(@ats::timestamptz[]),
       unnest(@data::text[])::jsonb, @at::timestamptz, @at::timestamptz
on conflict (id) do nothing
returning id;

-- name: NumberedComplaints :many
-- Which complaints of these numbers are known, and when were they opened? The one that was opened first, where a number came twice.
select distinct on (o.customer, o.number) o.customer, o.number::text as number, o.event, o.at
from complaints o
join (select unnest(@customers::text[]) as customer, unnest(@numbers::text[]) as number) w on o.customer = w.customer and o.number = w.number
order by o.customer, o.number, o.at, o.event;
