-- What for a customer entered when no event did: a date that came ('2026-12-01'), or a step of another enrollment ('12.visits.1').

alter table enrollments
    add column entered_for text not null default ''; -- '' for entry by an event or by hand
-- The same date, or the same step, enters once.
create unique index enrollments_entered_for on enrollments (journey, customer, key, entered_for) where entered_for <> '';

---- create above / drop below ----

drop index enrollments_entered_for;
alter table enrollments drop column entered_for;
