-- All that is known of one customer, as it stands in each table: whole rows, so that a column that is added is part of it.

-- name: ExportCustomer :one
-- Who is this customer?
select row_to_json(c)::json from customers c where c.id = @customer;

-- name: ExportAddresses :many
-- Where are they reached?
select row_to_json(a)::json from addresses a where a.customer = @customer order by a.channel;

-- name: ExportConsents :many
-- Which words did they give on what they want to hear about?
select row_to_json(n)::json from consents n where n.customer = @customer order by n.at, n.id;

-- name: ExportEvents :many
-- What happened to them, what they wrote among it?
select row_to_json(e)::json from events e where e.customer = @customer order by e.at, e.id;

-- name: ExportPurchases :many
-- What did they buy?
select row_to_json(p)::json from purchases p where p.customer = @customer order by p.purchased_at, p.key;

-- name: ExportAnswers :many
-- What did they answer to surveys?
select row_to_json(s)::json from survey_answers s where s.customer = @customer order by s.at, s.event;

-- name: ExportComplaints :many
-- What did they complain of?
select row_to_json(o)::json from complaints o where o.customer = @customer order by o.at, o.event;

-- name: ExportResolutions :many
-- What was resolved for them?
select row_to_json(r)::json from complaint_resolutions r where r.customer = @customer order by r.at, r.event;

-- name: ExportThings :many
-- What do they have?
select row_to_json(t)::json from things t where t.customer = @customer order by t.of_kind, t.id;

-- name: ExportAttributeValues :many
-- What was known of them and of what they have, of the attributes whose former values are kept?
select row_to_json(v)::json from attribute_values v where v.customer = @customer order by v.of_kind, v.thing, v.name, v.at, v.source;

-- name: ExportAttributeWrites :many
-- Which steps wrote what is known of them?
select row_to_json(w)::json from attribute_writes w where w.customer = @customer order by w.at, w.source;

-- name: ExportReplies :many
-- Which of their messages were kept for a person to read, those among them that came from their addresses before anybody knew whose they are?
select row_to_json(r)::json from replies r
where r.customer = @customer::text
   or exists (select from addresses a
              where a.customer = @customer::text and r.address is not null and r.channel = a.channel and lower(btrim(r.address)) = lower(a.value))
order by r.at, r.id;

-- name: ExportEnrollments :many
-- Which journeys did they pass through?
select row_to_json(e)::json from enrollments e where e.customer = @customer order by e.id;

-- name: ExportTouches :many
-- What was sent to them, or told colleagues of them?
select row_to_json(t)::json from touches t where t.customer = @customer order by t.created_at, t.enrollment, t.step, t.occurrence, t.try;

-- name: ExportRefusals :many
-- What was said no to at their addresses, by somebody who was erased?
select row_to_json(f)::json from refusals f
where exists (select from addresses a where a.customer = @customer and f.address = address_hash(a.channel, a.value)) order by f.topic, f.channel;

-- name: ExportDeeds :many
-- What was done that concerns them? Not by whom: those are people too.
select row_to_json(d)::json from (select id, at, door, deed, of_kind, subject, customer, outcome from audit) d where d.customer = @customer::text order by d.id;

-- name: InUTC :exec
-- For the rest of this transaction times are written in UTC.
set local timezone = 'UTC';
