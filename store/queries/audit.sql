-- name: InsertDeed :exec
-- Somebody did something.
insert into audit (at, door, name, deed, of_kind, subject, customer, outcome)
values (@at, @door, @name, @deed, @of_kind, @subject, @customer, @outcome);

-- name: Deeds :many
-- Who did what? Newest first, in pages.
select * from audit
where (@before::bigint = 0 or id < @before)
  and (@who::text = '' or name = @who or door = @who)
  and (@deed::text = '' or deed = @deed)
  and (@customer::text = '' or customer = @customer)
  and (@subject::text = '' or subject = @subject)
  and at >= @since::timestamptz and at < @until::timestamptz
order by id desc limit @page::bigint;
