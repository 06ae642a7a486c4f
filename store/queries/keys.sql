-- name: Key :one
-- Which secret signs this?
select secret from keys where name = @name;
