-- How much is not at its end: enrollments that go on, events that were not carried on, touches that somebody may be sending?
select (select count(*) from enrollments where ended_at is null)
     + (select count(*) from events where dispatched_at is null)
     + (select count(*) from touches where state = 'claimed' and lease_until is not null)
