-- What providers said that nobody has been told yet, and the mails that came to our mailbox.

-- A step with a fallback waits for what the provider says of its touch. Until its enrollment has been told, this is true.
alter table touches add column untold boolean not null default false;
-- Which receipts are still to be told?
create index touches_untold on touches (settled_at, id) where untold;

-- What became of each mail that came to us: to an address that mails bounce to, or in answer to one of ours. It holds nothing of what they say.
create table mails (
    id      text primary key check (id <> ''),   -- by what the mail itself says it is: the same mail by two ways is one
    result  text not null check (result in
            ('delivered', 'undelivered', 'delayed', 'complaint', 'reply', 'automatic', 'ignored', 'unreadable')),
    touch   text,                                -- of which touch it told, where it told of one; not always one that we know
    why     text not null default '',            -- it was of no use; never in the words of the mail
    place   text not null default '',            -- where it lies, such as "INBOX, UID 17"; empty where it was handed in
    at      timestamptz not null,                -- when it was taken, by the stack's clock
    seen_at timestamptz,                         -- when somebody said that they have seen to it; null until then
    seen_by text check (seen_by <> ''),
    check ((seen_at is null) = (seen_by is null))
);
-- What a person should look at: complaints, and what could not be used.
create index mails_open on mails (at, id) where seen_at is null and result in ('complaint', 'ignored', 'unreadable');

---- create above / drop below ----

drop table mails;
alter table touches drop column untold;
