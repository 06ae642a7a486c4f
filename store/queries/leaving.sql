-- name: LockStanding :one
-- Is this customer still one? Holds off every other decision about them until the transaction ends.
select (closed_at is not null)::boolean as closed, (erased_at is not null)::boolean as erased, (left_at is not null)::boolean as done, closed_reason as reason
from customers where id = @id for no key update;

-- name: Standing :one
-- Is this customer still one?
select (closed_at is not null)::boolean as closed, (erased_at is not null)::boolean as erased, (left_at is not null)::boolean as done, closed_reason as reason
from customers where id = @id;

-- name: CloseCustomer :exec
-- The relation ends: from now on nothing is sent.
update customers set closed_at = @at::timestamptz, closed_reason = @reason, updated_at = @at::timestamptz where id = @id;

-- name: ReopenCustomer :exec
-- The relation goes on.
update customers set closed_at = null, closed_reason = '', left_at = null, updated_at = @at::timestamptz where id = @id;

-- name: MarkErased :exec
-- From now on this customer is erased: nothing is sent to them, and nothing more is stored of them.
update customers set erased_at = @at::timestamptz, closed_at = coalesce(closed_at, @at::timestamptz), left_at = null, updated_at = @at::timestamptz
where id = @id;

-- name: LeavingCustomers :many
-- Of which customers, who were closed or erased before an instant, is something left to do?
select id, (erased_at is not null)::boolean as erased from customers
where closed_at is not null and left_at is null and updated_at < @before
order by closed_at, id limit @page::bigint;

-- name: RunningOfCustomer :many
-- What is this customer in?
select * from enrollments where customer = @customer and ended_at is null order by id;

-- name: LockToLeave :one
-- How does this customer stand? Holds off whatever would be stored of them until the transaction ends: foreign keys too are checked by a lock.
select (closed_at is not null)::boolean as closed, (erased_at is not null)::boolean as erased, (left_at is not null)::boolean as done,
    exists (select from enrollments e where e.customer = c.id and e.ended_at is null)::boolean as running
from customers c where c.id = @id for update of c;

-- name: MarkLeft :exec
-- All that follows from leaving was done.
update customers set left_at = @at::timestamptz where id = @id;

-- name: KeepRefusals :exec
-- What this customer said no to, and told a provider, is remembered of their addresses.
insert into refusals (address, topic, channel, at)
select address_hash(a.channel, a.value), w.topic, '', max(w.at)
from addresses a
join (select distinct on (n.topic) n.topic, n.granted, n.at from consents n
      where n.customer = @customer order by n.topic, n.at desc, n.id desc) w on not w.granted
where a.customer = @customer group by 1, 2
union all
select address_hash(b.channel, b.value), '', b.channel, b.bad_since from addresses b where b.customer = @customer and b.bad_reason = 'opted_out'
on conflict (address, topic, channel) do update set at = greatest(refusals.at, excluded.at);

-- name: EraseReplies :execrows
-- What they wrote that a person had to read, and what came from their addresses before anybody knew whose they are.
delete from replies r
where r.customer = @customer::text
   or exists (select from addresses a
              where a.customer = @customer::text and r.address is not null and r.channel = a.channel and lower(btrim(r.address)) = lower(a.value));

-- name: EraseAddresses :execrows
-- Where they were reached.
delete from addresses where customer = @customer;

-- name: EraseConsents :execrows
-- What they agreed to.
delete from consents where customer = @customer;

-- name: ErasePurchases :execrows
-- What they bought.
delete from purchases where customer = @customer;

-- name: EraseAnswers :execrows
-- What they answered.
delete from survey_answers where customer = @customer;

-- name: EraseComplaints :execrows
-- What they complained of.
delete from complaints where customer = @customer;

-- name: EraseResolutions :execrows
-- What was resolved for them.
delete from complaint_resolutions where customer = @customer;

-- name: EraseThings :execrows
-- What they have.
delete from things where customer = @customer;

-- name: EraseAttributeValues :execrows
-- What was known of them once.
delete from attribute_values where customer = @customer;

-- name: EraseAttributeWrites :execrows
-- Which steps wrote what is known of them.
delete from attribute_writes where customer = @customer;

-- name: BareEnrollments :exec
-- Of a passage stay ids, steps, times and the outcome: not what it was entered for, which may be a day such as a birthday.
update enrollments set entered_by = null, entered_for = '', waiting_for = '', held_topic = '', held_since = null, held_for = '' where customer = @customer;

-- name: BareTouches :exec
-- Of a touch stay ids, step, channel, state and times: not by what its provider finds the message, with text and address, nor a mark of that address.
update touches set provider_id = null, address_mark = null where customer = @customer;

-- name: EraseEvents :execrows
-- What happened to them. What refers to it is gone by now.
delete from events where customer = @customer;

-- name: EraseCustomer :exec
-- Of the customer stays the id.
update customers
set name = '', language = 'en', zone = 'UTC', country = '', contact_windows = '', channels = '{}', owner = '', star = 3, attributes = '{}',
    attributes_at = '{}', closed_reason = '', left_at = @at::timestamptz, updated_at = @at::timestamptz
where id = @id;

-- name: RefusedConsents :many
-- For which staged rows did somebody who was erased, and was reached at the same address, say no?
select distinct s.line, s.topic from import_consents s
join addresses a on a.customer = s.customer
join refusals r on r.address = address_hash(a.channel, a.value) and r.topic = s.topic
where not exists (select from consents c where c.customer = s.customer and c.topic = s.topic)
order by s.line, s.topic;

-- name: MarkRefusedAddresses :exec
-- Whoever was reached at these staged addresses, and was erased, had told the provider to stop: it would refuse us.
update addresses a set bad_reason = 'opted_out', bad_since = r.at
from import_addresses s, refusals r
where a.customer = s.customer and a.channel = s.channel and a.value = s.value and a.bad_reason is null
  and r.address = address_hash(s.channel, s.value) and r.channel = s.channel;
