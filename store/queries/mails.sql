-- name: MailByID :one
-- What became of this mail?
select * from mails where id = @id;

-- name: RecordMail :execrows
-- What became of a mail that came to us. Once: what was written down first stays.
insert into mails (id, result, touch, why, place, at)
values (@id, @result, nullif(@touch::text, ''), @why, @place, @at)
on conflict (id) do nothing;

-- name: OpenMails :many
-- Which mails should a person look at, or, with all, which came at all? The oldest first.
select * from mails
where @everything::boolean or seen_at is null and result in ('complaint', 'ignored', 'unreadable')
order by at, id limit @page::bigint;

-- name: MarkMailSeen :execrows
-- Somebody has seen to it. Who did first stays.
update mails set seen_at = coalesce(seen_at, @at::timestamptz), seen_by = coalesce(seen_by, @by::text) where id = @id;
