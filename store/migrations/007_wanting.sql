-- What the contact policy asks of one customer's other touches: those that reached them, and those that are held for them.

-- What was or may have been sent to a customer, newest first.
create index touches_reached on touches (customer, claimed_at desc, id)
    where state in ('claimed', 'sent', 'delivered', 'undelivered', 'unconfirmed');

-- The touch that a running enrollment holds until next_at: part of its projection, so no index names it.
alter table enrollments
    add column held_topic text not null default '', -- '' while it holds none
    add column held_since timestamptz,              -- when its step began
    add check ((held_topic = '') = (held_since is null));

---- create above / drop below ----

alter table enrollments drop column held_topic, drop column held_since;
drop index touches_reached;
