-- Who entered what, by which event, and how did it end?
select id, journey, customer, key, coalesce(entered_by, '') as entered_by, entered_at, ended_at, coalesce(outcome, '') as outcome, step, waiting_for
from enrollments order by id
