-- name: LockEventCustomers :many
-- Which of these ids are customers, and which were erased? Until the transaction ends, none of them is: the lock is that of a foreign key, so it
-- holds off nothing else. In the order of their ids, as two batches may name the same.
select id, (erased_at is not null)::boolean as erased from customers where id = any(@ids::text[]) order by id for key share;

-- name: InsertEvents :many
-- Which of these events are new? Stores those and answers their ids.
insert into events (id, type, customer, at, data, received_at)
select unnest(@ids::text[]), unnest(@types::text[]), unnest(@customers::text[]), unnest(@ats::timestamptz[]),
       unnest(@data::text[])::jsonb, @received_at::timestamptz
on conflict (id) do nothing
returning id;

-- name: InsertPurchases :exec
-- What customers bought. A purchase whose key is stored already is the same purchase.
insert into purchases (customer, key, order_id, quantity, amount, currency, purchased_at)
select unnest(@customers::text[]), unnest(@keys::text[]), nullif(unnest(@order_ids::text[]), ''),
       unnest(@quantities::text[])::numeric, unnest(@amounts::text[])::numeric, unnest(@currencies::text[]),
       unnest(@ats::timestamptz[])
on conflict (customer, key) do nothing;

-- name: InsertSurveyAnswers :exec
-- What customers answered to surveys.
insert into survey_answers (event, customer, survey, score, at)
select unnest(@events::text[]), unnest(@customers::text[]), unnest(@surveys::text[]), unnest(@scores::float8[]),
       unnest(@ats::timestamptz[])
on conflict (event) do nothing;

-- name: InsertComplaints :exec
-- What customers complained of.
insert into complaints (event, customer, number, at)
select unnest(@events::text[]), unnest(@customers::text[]), nullif(unnest(@numbers::text[]), ''), unnest(@ats::timestamptz[])
on conflict (event) do nothing;

-- name: InsertComplaintResolutions :exec
-- What was resolved. One that names no complaint resolves all that were opened before.
insert into complaint_resolutions (event, customer, complaint, at)
select unnest(@events::text[]), unnest(@customers::text[]), nullif(unnest(@complaints::text[]), ''), unnest(@ats::timestamptz[])
on conflict (event) do nothing;

-- name: EventsByIDs :many
-- What are the events of these ids?
select id, type, customer, at, data, received_at, dispatched_at, dispatch_attempts
from events where id = any(@ids::text[]) order by at, id;

-- name: UndispatchedEvents :many
-- Which events were received before an instant and have not been routed to the journeys yet?
select id, type, customer, at, data, received_at, dispatched_at, dispatch_attempts
from events where dispatched_at is null and received_at < @received_before
order by dispatch_attempts, received_at, id limit @page::bigint;

-- name: EventsSince :many
-- What else has been received of a customer since an event came, of these types? Of what came together with it, only what happened later.
-- History that was imported is routed to nobody, so it is not made up for.
select e.id, e.type, e.customer, e.at, e.data, e.received_at, e.dispatched_at, e.dispatch_attempts
from events e join events entered on entered.id = @event
where e.customer = @customer and e.type = any(@types::text[]) and e.id <> entered.id
  and (e.dispatched_at is null or e.dispatch_attempts > 0)
  and (e.received_at > entered.received_at or e.received_at = entered.received_at and e.at >= entered.at)
order by e.at, e.id;

-- name: EventsReceived :many
-- What has been received of a customer since an instant, of these types? History that was imported is routed to nobody, so it is not made up for.
select id, type, customer, at, data, received_at, dispatched_at, dispatch_attempts
from events
where customer = @customer and type = any(@types::text[]) and received_at >= @since and (dispatched_at is null or dispatch_attempts > 0)
order by at, id;

-- name: MarkDispatched :exec
-- This event has been routed.
update events set dispatched_at = @at::timestamptz, dispatch_attempts = dispatch_attempts + 1
where id = @id and dispatched_at is null;

-- name: CountDispatchAttempt :exec
-- Routing this event failed.
update events set dispatch_attempts = dispatch_attempts + 1 where id = @id and dispatched_at is null;

-- name: WroteSince :one
-- Did this customer write to us on this channel after an instant?
select exists (select from events
               where customer = @customer and at > @since and type = 'message.received' and data ->> 'channel' = @channel::text);

-- name: Happened :many
-- When did events happen to this customer up to an instant, by type, the newest of each? Purchases are those that are stored as such, since imports
-- bring them without an event.
select h.type::text as type, (array_agg(h.at order by h.at))::timestamptz[] as ats
from (select e.type, e.at, row_number() over (partition by e.type order by e.at desc, e.id desc) as newest
      from events e where e.customer = @customer and e.at <= @up_to and e.type <> 'purchase'
      union all
      select 'purchase', p.purchased_at, row_number() over (order by p.purchased_at desc, p.key desc)
      from purchases p where p.customer = @customer and p.purchased_at <= @up_to) h
where h.newest <= @most::bigint
group by h.type;
