-- Who may use the gateway: the tokens that programs and people carry. Of a token only its hash is kept; a token has 130 random bits, so that no
-- slow hash is needed to make guessing hopeless. Times are real ones, whatever clock the stack runs by.

create table tokens (
    id           bigint generated always as identity primary key,
    name         text not null check (name <> ''),  -- who carries it, such as shop or grafana
    role         text not null check (role in ('operations', 'manager', 'ingest', 'metrics')),
    hash         bytea not null unique check (length(hash) = 32), -- SHA-256
    created_at   timestamptz not null,
    expires_at   timestamptz,                       -- null: never
    revoked_at   timestamptz,                       -- null: not
    last_used_at timestamptz,                       -- to within a minute; null: never
    check (expires_at > created_at)
);

-- What signs the cookies of those who signed in to read customers' pages.
insert into keys (name, secret) values ('session', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

---- create above / drop below ----

delete from keys where name = 'session';
drop table tokens;
