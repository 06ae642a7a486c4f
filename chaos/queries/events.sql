-- Which events are there, and when was each carried on?
select id, type, customer, received_at, dispatched_at,
       coalesce(data ->> 'channel', '') as channel, coalesce(data ->> 'touch', '') as touch
from events order by id
