-- How a customer gave a word, beside who and when; and the key that signs what customers and mail servers bring back to us.

alter table consents
    add column channel text not null default '' check (channel in ('', 'sms', 'email', 'slack', 'whatsapp')), -- on which they gave it
    add column wording text not null default ''; -- the word itself, where it was one of those that we know; never more of what they wrote

create table keys (
    name   text primary key check (name <> ''),
    secret bytea not null check (length(secret) >= 16)
);
-- Links in mails that were sent must work for years, whatever becomes of the tokens in the configuration.
insert into keys (name, secret) values ('mail', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

---- create above / drop below ----

drop table keys;
alter table consents drop column channel, drop column wording;
