-- name: LockCustomer :one
-- Where does this customer live, and is the relation over? Holds off every other decision about them until the transaction ends. Not `for update`:
-- that would also hold off the foreign-key checks of rows that merely mention the customer.
select zone, (closed_at is not null)::boolean as closed from customers where id = @id for no key update;

-- name: CustomerZone :one
-- Where does this customer live, and is the relation over?
select zone, (closed_at is not null)::boolean as closed from customers where id = @id;

-- name: Profiles :many
-- What is known of these customers, in one round trip? Purchases, survey answers and complaints as they were known at an instant, where one is
-- given. There are at most @most of them: that bound is what lets the planner see, in a plan for any ids, that they are few.
select
    c.id, c.name, c.language, c.zone, c.country, c.contact_windows, c.channels, c.owner, c.star,
    jsonb_strip_nulls(c.attributes)::jsonb as attributes,
    (c.closed_at is not null)::boolean as closed,
    (select coalesce(jsonb_object_agg(a.channel, jsonb_build_object('value', a.value, 'bad', coalesce(a.bad_reason, ''))), '{}')
     from addresses a where a.customer = c.id)::jsonb as addresses,
    (select coalesce(jsonb_object_agg(w.topic, w.granted), '{}')
     from (select distinct on (n.topic) n.topic, n.granted from consents n
           where n.customer = c.id order by n.topic, n.at desc, n.id desc) w)::jsonb as consents,
    (select coalesce(jsonb_agg(jsonb_build_object('survey', v.survey, 'score', v.score, 'at', v.at, 'event', v.event)
                               order by v.at, v.event), '[]')
     from (select s.survey, s.score, s.at, s.event from survey_answers s
           where s.customer = c.id and s.at <= coalesce(sqlc.narg(as_of)::timestamptz, 'infinity')
           order by s.at desc, s.event limit 50) v)::jsonb as surveys,
    (select coalesce(jsonb_agg(jsonb_build_object('event', o.event, 'at', o.at) order by o.at, o.event), '[]')
     from complaints o
     where o.customer = c.id and o.at <= coalesce(sqlc.narg(as_of)::timestamptz, 'infinity')
       and not exists (select from complaint_resolutions r
                       where r.customer = o.customer and r.at <= coalesce(sqlc.narg(as_of)::timestamptz, 'infinity')
                         and (r.complaint = o.event or (r.complaint = o.number or r.complaint is null) and r.at >= o.at)))::jsonb as complaints,
    -- Of one month back from the newest one, so that nobody needs to say what time it is. What told a colleague reached no customer.
    (select coalesce(jsonb_agg(jsonb_build_object('touch', t.id, 'channel', t.channel, 'topic', t.topic, 'at', t.claimed_at)
                               order by t.claimed_at desc, t.id), '[]')
     from (select m.id, m.channel, m.topic, m.claimed_at from touches m
           where m.customer = c.id and m.state in ('claimed', 'sent', 'delivered', 'undelivered', 'unconfirmed') and m.kind <> 'notify'
             and (m.state <> 'claimed' or m.lease_until is not null)
             and m.claimed_at > (select max(n.claimed_at) - interval '31 days' from touches n
                                 where n.customer = c.id and n.kind <> 'notify'
                                   and n.state in ('claimed', 'sent', 'delivered', 'undelivered', 'unconfirmed'))
           order by m.claimed_at desc, m.id limit 200) t)::jsonb as touched,
    -- Not a touch that was claimed, or given up, since its enrollment was last seen to hold it.
    (select coalesce(jsonb_agg(jsonb_build_object('enrollment', e.id, 'topic', e.held_topic, 'at', e.next_at,
                                                  'since', e.held_since) order by e.next_at, e.id), '[]')
     from enrollments e
     where e.customer = c.id and e.ended_at is null and e.held_topic <> ''
       and not exists (select from touches t
                       where t.enrollment = e.id and t.step = e.step
                         and (t.claimed_at >= e.updated_at
                              or t.state in ('skipped', 'expired') and t.settled_at >= e.updated_at)))::jsonb as wanted,
    (select coalesce(jsonb_agg(jsonb_build_object('of', h.of_kind, 'id', h.id, 'kind', h.kind,
                                                  'attributes', jsonb_strip_nulls(h.attributes)) order by h.of_kind, h.id), '[]')
     from things h where h.customer = c.id)::jsonb as things,
    p.count::bigint as purchases, p.total::float8 as purchases_total,
    p.first::timestamptz as first_purchase, p.last::timestamptz as last_purchase,
    -- From one day with purchases to the next, on average; 0 while there are not two.
    (case when p.days > 1 then greatest(1, round((p.last_day - p.first_day)::numeric / (p.days - 1))) else 0 end)::bigint as gap_days
from customers c
left join lateral (
    select count(*) as count, coalesce(sum(b.amount), 0) as total,
           coalesce(min(b.purchased_at), 'epoch') as first, coalesce(max(b.purchased_at), 'epoch') as last,
           count(distinct b.day) as days, min(b.day) as first_day, max(b.day) as last_day
    from (select u.amount, u.purchased_at, (u.purchased_at at time zone c.zone)::date as day
          from purchases u
          where u.customer = c.id and u.purchased_at <= coalesce(sqlc.narg(as_of)::timestamptz, 'infinity')) b) p on true
where c.id = any(@ids::text[]) limit @most::bigint;

-- name: OpenCustomerIDs :many
-- Which customers are there whose relation has not ended, in pages by id?
select id from customers where id > @after and closed_at is null order by id limit @page::bigint;

-- name: CustomerIDs :many
-- Which customers are there, in pages by id?
select id from customers where id > @after order by id limit @page::bigint;

-- name: CustomersByAddress :many
-- Whose address is this? The one we wrote to last on this channel comes first.
select a.customer
from addresses a
left join lateral (
    select t.created_at from touches t
    where t.customer = a.customer and t.channel = a.channel and t.claimed_at is not null and t.kind <> 'notify'
    order by t.created_at desc limit 1) t on true
where a.channel = @channel and a.value = @value
order by t.created_at desc nulls last, a.customer;

-- name: MarkAddressBad :one
-- From now on this address can't be used. Only if it still is the customer's, and not already known to be bad. Where it was the last on which they
-- could be reached, that is an event of theirs: journeys can tell whoever looks after them.
with marked as (
    update addresses set bad_reason = @reason, bad_since = @at::timestamptz
    where addresses.customer = @customer and addresses.channel = @channel and addresses.value = @value and addresses.bad_reason is null
    returning addresses.customer as who),
told as (
    insert into events (id, type, customer, at, received_at)
    select 'unreachable-' || gen_random_uuid(), 'customer.unreachable', c.id, @at::timestamptz, @at::timestamptz
    from marked m join customers c on c.id = m.who
    where c.closed_at is null
      and not exists (select from addresses a
                      where a.customer = c.id and a.channel = any(c.channels) and a.channel <> @channel and a.bad_reason is null))
select count(*) from marked;

-- name: ConfirmAddress :one
-- Somebody wrote to us from this address, so it can be reached after all; one at which they told the provider to stop only where they say that they
-- want our messages again. The running enrollments of its customers hear that the profile changed.
with confirmed as (
    update addresses set bad_reason = null, bad_since = null
    where addresses.channel = @channel and addresses.value = @value and addresses.bad_reason is not null
      and (addresses.bad_reason <> 'opted_out' or @opted_in::boolean)
    returning addresses.customer as who),
forgotten as ( -- also by whoever had it before
    delete from refusals where @opted_in::boolean and refusals.address = address_hash(@channel, @value)),
told as (
    insert into events (id, type, customer, at, received_at)
    select 'confirmed-' || gen_random_uuid(), 'profile.changed', c.who, @at::timestamptz, @at::timestamptz
    from confirmed c where exists (select from enrollments e where e.customer = c.who and e.ended_at is null))
select count(*) from confirmed;

-- name: UnreachableCustomers :many
-- Which customers can't be reached on any channel that they want, and why? Reads every customer: for people's questions.
select c.id, c.owner,
    coalesce(jsonb_agg(jsonb_build_object('channel', a.channel, 'reason', coalesce(a.bad_reason, ''), 'since', coalesce(a.bad_since, '0001-01-01T00:00:00Z'))
                       order by a.bad_since, a.channel) filter (where a.channel is not null), '[]')::jsonb as addresses
from customers c left join addresses a on a.customer = c.id
where c.closed_at is null and (@owner::text = '' or c.owner = @owner)
  and not exists (select from addresses g where g.customer = c.id and g.channel = any(c.channels) and g.bad_reason is null)
group by c.id, c.owner order by c.id limit @page::bigint;

-- name: InsertConsents :exec
-- The words that customers gave on topics. An event's word is taken once.
insert into consents (customer, topic, granted, at, source, channel, wording, event)
select unnest(@customers::text[]), unnest(@topics::text[]), unnest(@granted::boolean[]), unnest(@ats::timestamptz[]),
       unnest(@sources::text[]), unnest(@channels::text[]), unnest(@wordings::text[]), nullif(unnest(@events::text[]), '')
on conflict (event, topic) where event is not null do nothing;

-- name: LatestConsents :many
-- Which word of this customer holds on each topic?
select distinct on (topic) * from consents where customer = @customer order by topic, at desc, id desc;

-- name: ConsentLog :many
-- What did this customer ever say, newest first?
select * from consents where customer = @customer order by at desc, id desc limit @page::bigint;

-- name: Reaches :many
-- In which ways do customers want to be reached, how many in each, and who are some of them? Reads every customer: for people's questions,
-- not for a hot path.
select country, contact_windows, channels, count(*) as customers, ((array_agg(id order by id))[1:@examples::int])::text[] as examples
from customers where closed_at is null
group by country, contact_windows, channels order by country, contact_windows, channels;
