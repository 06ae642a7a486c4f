-- name: InsertToken :one
-- A token is given to somebody. Of it only the hash stays here.
insert into tokens (name, role, hash, created_at, expires_at)
values (@name, @role, @hash, @created_at, sqlc.narg(expires_at)) returning id;

-- name: Tokens :many
-- Which tokens were ever given to somebody? They are few.
select * from tokens order by id;

-- name: RevokeToken :execrows
-- A token is good no more. When that was said first stays.
update tokens set revoked_at = coalesce(revoked_at, @at::timestamptz) where id = @id;

-- name: NoteTokenUse :exec
-- Somebody came with this token.
update tokens set last_used_at = greatest(last_used_at, @at::timestamptz) where id = @id;
