-- name: Touch :one
-- How does this touch stand?
select sqlc.embed(touches), coalesce(lease_until < clock_timestamp(), false)::boolean as lease_over
from touches where id = @id;

-- name: ClaimTouch :one
-- May I send this touch? Answers the claimed row if so, nothing if not: who answers rows sends. A touch is free while it has no
-- row, and again once a claim was released.
insert into touches (enrollment, step, occurrence, try, customer, channel, template, topic, kind, colleague, fallback, state, attempts, due_at,
                     created_at, claimed_at, lease_until, address_mark)
values (@enrollment, @step, @occurrence, @try, @customer, @channel, @template, @topic, @kind, @colleague, @fallback, 'claimed', 1, @due_at,
        @at::timestamptz, @at::timestamptz, clock_timestamp() + make_interval(secs => @lease_seconds::float8), @address_mark)
on conflict (enrollment, step, occurrence, try) do update
set channel = excluded.channel, template = excluded.template, topic = excluded.topic, colleague = excluded.colleague,
    fallback = excluded.fallback, attempts = touches.attempts + 1,
    claimed_at = excluded.claimed_at, lease_until = excluded.lease_until,
    address_mark = excluded.address_mark, asks = 0, asked_at = null
where touches.state = 'claimed' and touches.lease_until is null
returning *;

-- name: TriesOfOccurrence :many
-- What was tried so far in this occurrence of a step?
select sqlc.embed(touches), coalesce(lease_until < clock_timestamp(), false)::boolean as lease_over
from touches where enrollment = @enrollment and step = @step and occurrence = @occurrence order by try;

-- name: ReleaseTouch :one
-- It surely was not sent: whoever comes next may claim it. Only by the claim that holds it.
update touches set lease_until = null, provider_code = @code
where id = @id and attempts = @attempt and state = 'claimed'
returning *;

-- name: DoubtTouch :one
-- The call is over, and its provider did not say whether it took it: from now on it is to be asked. Only by the claim that holds it.
update touches set lease_until = least(lease_until, clock_timestamp()), provider_code = @code
where id = @id and attempts = @attempt and state = 'claimed' and lease_until is not null
returning *;

-- name: AskTouch :one
-- Its provider was asked so many seconds ago, and did not say that it has it. How often did it deny it by now, and how long after the end of the call
-- was it asked? A denial soon after it was asked before does not count. Nothing where it stands otherwise by now.
update touches
set asks = asks + case when @denied::boolean and (asked_at is null or asked_at < clock_timestamp() - make_interval(secs => @apart::float8))
                       then 1 else 0 end,
    asked_at = clock_timestamp()
where id = @id and attempts = @attempt and state = 'claimed' and lease_until < clock_timestamp()
returning asks, (extract(epoch from clock_timestamp() - lease_until) - @ago::float8)::float8 as over_for;

-- name: DoubtsLeftBehind :many
-- Of which touches in doubt does nobody ask the provider any more, since their enrollment has ended or gone on? Those whose call has been over for long
-- enough, and that were not asked about lately.
select sqlc.embed(t), true::boolean as lease_over
from touches t join enrollments e on e.id = t.enrollment
where t.state = 'claimed' and t.lease_until < clock_timestamp() - make_interval(secs => @over_for::float8)
  and (e.ended_at is not null or e.step <> t.step)
  and (t.asked_at is null or t.asked_at < clock_timestamp() - make_interval(secs => @apart::float8))
order by t.asked_at nulls first, t.created_at, t.id limit @page::bigint;

-- name: TakenByOthers :many
-- Which of these messages of a provider's are other touches'?
select provider_id::text from touches where provider_id = any(@provider_ids::text[]) and id <> @id;

-- name: AnotherUnderWay :one
-- Is another touch to this customer being sent on this channel, or was it so lately that whoever sent it may still write down under which id?
select exists (
    select from touches
    where customer = @customer and channel = @channel and id <> @id and state = 'claimed'
      and lease_until > clock_timestamp() - make_interval(secs => @lately::float8)
);

-- name: SendTouch :one
-- The provider took it, under an id that is kept unless the customer was erased meanwhile. True even of a touch that was given up as unconfirmed, or whose receipt came first; never undone.
update touches
set state = case when state in ('claimed', 'unconfirmed') then 'sent' else state end,
    settled_at = case when state in ('claimed', 'unconfirmed') then null else settled_at end,
    provider_id = case when exists (select from customers c where c.id = touches.customer and c.erased_at is not null)
                       then null else coalesce(provider_id, nullif(@provider_id::text, '')) end,
    provider_code = case when state in ('claimed', 'unconfirmed') then '' else provider_code end,
    reason = case when state in ('claimed', 'unconfirmed') then @reason else reason end,
    sent_at = coalesce(sent_at, @at::timestamptz), lease_until = null
where touches.id = @id and state not in ('skipped', 'expired')
returning *;

-- name: FailTouch :one
-- It surely was not sent, and trying again is of no use.
update touches set state = 'failed', reason = @reason, provider_code = @code, lease_until = null, settled_at = @at::timestamptz
where id = @id and attempts = @attempt and state in ('claimed', 'unconfirmed')
returning *;

-- name: UnconfirmTouch :one
-- Nobody can find out whether it was sent: it is not sent again.
update touches set state = 'unconfirmed', reason = @reason, provider_code = @code, lease_until = null, settled_at = @at::timestamptz
where id = @id and attempts = @attempt and state = 'claimed' and lease_until is not null
returning *;

-- name: SkipTouch :one
-- It will not be sent, for a reason of our own. Only while surely nobody is sending it.
insert into touches (enrollment, step, occurrence, try, customer, channel, template, topic, kind, colleague, state, reason, due_at,
                     created_at, settled_at)
values (@enrollment, @step, @occurrence, @try, @customer, @channel, @template, @topic, @kind, @colleague, @state, @reason, @due_at,
        @at::timestamptz, @at::timestamptz)
on conflict (enrollment, step, occurrence, try) do update
set state = excluded.state, reason = excluded.reason, settled_at = excluded.settled_at
where touches.state = 'claimed' and touches.lease_until is null
returning *;

-- name: ReceiveTouch :one
-- A provider's receipt: moves a touch forward to its state, from those that rank below it. Where its step waits for that, its enrollment is to be told.
update touches
set state = @state::text, provider_code = @code, lease_until = null, untold = fallback and @state::text <> 'sent',
    reason = case when state = 'unconfirmed' then '' else reason end,
    settled_at = case when @state::text = 'sent' then null else @at::timestamptz end,
    provider_id = case when exists (select from customers c where c.id = touches.customer and c.erased_at is not null)
                       then null else coalesce(provider_id, nullif(@provider_id::text, '')) end, sent_at = coalesce(sent_at, @at::timestamptz)
where touches.id = @id and state = any(@below::text[])
returning *;

-- name: MarkReceiptTold :exec
-- The enrollment knows that this touch has come to this state. A receipt that came meanwhile is still to be told.
update touches set untold = false where id = @id and state = @state and untold;

-- name: UntoldReceipts :many
-- Which touches came to their state before an instant by a receipt of which their enrollment has not been told? The oldest first.
select sqlc.embed(touches), coalesce(lease_until < clock_timestamp(), false)::boolean as lease_over
from touches where untold and settled_at < @before::timestamptz order by settled_at, id limit @page::bigint;

-- name: TouchByProviderID :one
-- Which touch did the provider give this id?
select id from touches where provider_id = @provider_id::text order by created_at desc limit 1;

-- name: TouchesOfEnrollment :many
-- What was tried in this enrollment, in order?
select sqlc.embed(touches), coalesce(lease_until < clock_timestamp(), false)::boolean as lease_over
from touches where enrollment = @enrollment order by created_at, step, occurrence, try;

-- name: TouchesOfCustomer :many
-- What was tried to reach this customer? Newest first.
select sqlc.embed(touches), coalesce(lease_until < clock_timestamp(), false)::boolean as lease_over
from touches where customer = @customer order by created_at desc, id limit @page::bigint;

-- name: UnconfirmedTouches :many
-- Of which touches does nobody know whether they were sent? Those given up, and those in doubt.
select sqlc.embed(touches), coalesce(lease_until < clock_timestamp(), false)::boolean as lease_over
from touches where state in ('claimed', 'unconfirmed') and (state = 'unconfirmed' or lease_until < clock_timestamp())
order by created_at, id limit @page::bigint;

-- name: TouchCounts :many
-- How many touches stand how, by channel?
select channel, state, count(*) as touches from touches
where created_at >= @since group by channel, state order by channel, state;

-- name: OpenAsk :one
-- Which question would a reply of this customer answer? The one that it says it answers, or else the newest; asked by a running enrollment that still
-- stands at it.
select sqlc.embed(t), coalesce(t.lease_until < clock_timestamp(), false)::boolean as lease_over
from enrollments e
join touches t on t.enrollment = e.id and t.step = e.step
where e.customer = @customer and e.ended_at is null
  and t.kind = 'ask' and t.state not in ('skipped', 'expired', 'failed') and t.claimed_at is not null
order by (t.id = @answered::text) desc, t.claimed_at desc, t.id desc limit 1;
