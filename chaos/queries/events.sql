-- Which events are there, and which were carried on?
select id, type, customer, received_at, dispatched_at is not null as dispatched,
       coalesce(data ->> 'channel', '') as channel, coalesce(data ->> 'touch', '') as touch
from events order by id
