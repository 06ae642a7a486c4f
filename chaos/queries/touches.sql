-- What does the ledger say of every touch?
select id, enrollment, step, occurrence, try, customer, channel, topic, kind, state, reason, provider_code, attempts,
       created_at, coalesce(claimed_at, created_at) as claimed_at
from touches order by id
