-- name: LockPolicies :exec
-- Publications of the contact policy wait for each other.
select pg_advisory_xact_lock(hashtextextended('contact policy', 0));

-- name: NewestPolicyNumber :one
-- Which contact policy holds? 0 where none was published.
select coalesce(max(number), 0)::integer from contact_policies;

-- name: NewestPolicy :one
-- What does the contact policy that holds say?
select * from contact_policies order by number desc limit 1;

-- name: InsertPolicy :exec
-- A new contact policy.
insert into contact_policies (number, hash, sources, compiled, author, message, published_at)
values (@number, @hash, @sources, @compiled, @author, @message, @published_at);
