-- name: KeepReply :execrows
-- A message for a person to read. Once.
insert into replies (id, customer, channel, address, text, touch, at)
values (@id, sqlc.narg(customer), @channel, sqlc.narg(address), sqlc.narg(text), sqlc.narg(touch), @at)
on conflict (id) do nothing;

-- name: Replies :many
-- Which messages are for a person to read? Those that nobody has read, or all; the oldest first. What a customer wrote is in its event.
select sqlc.embed(r), coalesce(r.text, e.data ->> 'text', '')::text as wrote, coalesce(c.owner, '')::text as owner
from replies r
left join customers c on c.id = r.customer
left join events e on e.id = r.id and r.customer is not null
where (@everything::boolean or r.read_at is null) and (@owner::text = '' or c.owner = @owner)
order by r.at, r.id limit @page::bigint;

-- name: MarkReplyRead :execrows
-- Somebody has read it. Who did first stays.
update replies set read_at = coalesce(read_at, @at::timestamptz), read_by = coalesce(read_by, @by::text) where id = @id;

-- name: AnsweredUnclearly :one
-- Was this question answered by something that nobody understood?
select exists (select from replies where touch = @touch::text);
