-- Complaints: what was opened, and what resolved it. Both are only ever added, so that it does not matter in which order they come.

create table complaints (
    event    text primary key references events (id), -- that opened it
    customer text not null references customers (id),
    number   text check (number <> ''),               -- what the business calls it, where it numbers its complaints
    at       timestamptz not null
);
-- The complaints of a customer.
create index complaints_customer on complaints (customer, at);

create table complaint_resolutions (
    event     text primary key references events (id), -- that told it
    customer  text not null references customers (id),
    complaint text check (complaint <> ''),            -- event or number of the complaint; null resolves all that were open then
    at        timestamptz not null
);
-- What was resolved for a customer.
create index complaint_resolutions_customer on complaint_resolutions (customer, at);

---- create above / drop below ----

drop table complaint_resolutions;
drop table complaints;
