-- Publications of the contact policy. Each is immutable; the one with the highest number holds.

create table contact_policies (
    number       integer primary key check (number > 0),
    hash         text not null check (hash <> ''), -- of all that operations wrote, and of the form in which it is compiled
    sources      jsonb not null check (jsonb_typeof(sources) = 'object'), -- by file name: as written
    compiled     bytea not null,                   -- the store does not look inside
    author       text not null default '',
    message      text not null default '',
    published_at timestamptz not null
);

create trigger policies_are_immutable before update or delete on contact_policies
    for each row execute function refuse_change();

---- create above / drop below ----

drop table contact_policies;
