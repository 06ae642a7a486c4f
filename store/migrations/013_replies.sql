-- What customers wrote that a person has to read, since nothing here understood it; and which touches somebody waits to hear of.

create table replies (
    id       text primary key check (id <> ''), -- the message's own; that of its event where it is a customer's
    customer text references customers (id),    -- null: nobody is reached at the address
    channel  text not null check (channel in ('sms', 'email', 'slack', 'whatsapp')),
    address  text check (address <> ''),        -- where nobody's came from: personal, like the text
    text     text,                              -- what nobody wrote; what a customer wrote is in its event
    touch    text references touches (id),      -- the question that was open, if one was
    at       timestamptz not null,
    read_at  timestamptz,                       -- when somebody read it; null until then
    read_by  text check (read_by <> ''),
    check ((customer is null) = (address is not null)),
    check ((customer is null) = (text is not null)),
    check ((read_at is null) = (read_by is null))
);
-- What nobody has read.
create index replies_unread on replies (at, id) where read_at is null;
-- Whether a question was answered by something that nobody understood.
create index replies_touch on replies (touch) where touch is not null;
-- What came from an address, so that it can be erased with whoever turns out to be reached there.
create index replies_address on replies (channel, address) where address is not null;

-- A step with a fallback waits for what the provider says of its touch.
alter table touches add column fallback boolean not null default false;

---- create above / drop below ----

alter table touches drop column fallback;
drop table replies;
