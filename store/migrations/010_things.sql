-- What customers have, and how what is known of them and of it changed.
--
-- A value that came late does not replace a newer one: the instant from which each attribute is known stands beside it, in seconds since 1970.
-- What is personal here: things.attributes, attribute_values.value, customers.attributes. To erase a customer is to empty all three.

create table things (
    customer      text not null references customers (id),
    of_kind       text not null check (of_kind in ('agreement', 'asset')),
    id            text not null check (id <> ''),  -- the business's own, opaque
    kind          text not null default '',        -- what it is to the business, such as insurance or car; '' unknown
    attributes    jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
    attributes_at jsonb not null default '{}' check (jsonb_typeof(attributes_at) = 'object'), -- by attribute: since when it is known
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    primary key (customer, of_kind, id)
);

-- Append-only: each row is one value that an attribute had, of those whose history is kept.
create table attribute_values (
    customer text not null references customers (id),
    of_kind  text not null check (of_kind in ('', 'agreement', 'asset')), -- '' for an attribute of the customer
    thing    text not null check ((thing = '') = (of_kind = '')),
    name     text not null check (name <> ''),
    value    jsonb not null,
    at       timestamptz not null,               -- since when it held
    source   text not null check (source <> ''), -- 'event:<id>', 'import:<…>', 'step:<enrollment>.<step>.<occurrence>': the same write is one
    primary key (customer, of_kind, thing, name, source)
);
-- The values of a customer's attributes, newest first.
create index attribute_values_newest on attribute_values (customer, of_kind, thing, name, at desc, source);
create trigger attribute_values_are_append_only before update on attribute_values
    for each row execute function refuse_change();

-- Occurrences of steps that wrote attributes: none writes twice, whether or not the history of what it wrote is kept.
create table attribute_writes (
    source   text primary key check (source <> ''), -- '<enrollment>.<step>.<occurrence>'
    customer text not null references customers (id),
    at       timestamptz not null
);

alter table customers
    add column attributes_at jsonb not null default '{}' check (jsonb_typeof(attributes_at) = 'object');

-- The birthday becomes an attribute like any other: whether there is one is the profile catalogue's business.
update customers set attributes = attributes || jsonb_build_object('birthday', to_char(birthday, 'YYYY-MM-DD')) where birthday is not null;
alter table customers drop column birthday;

-- Which of the attributes that somebody says are news? Those that were not known, or are known from an earlier instant. Of two values of the
-- same instant the greater one counts, so that it does not matter which comes first.
create function attribute_news(known jsonb, known_at jsonb, said jsonb, said_at jsonb) returns jsonb language sql immutable parallel safe
    return (select coalesce(jsonb_object_agg(s.key, s.value), '{}') from jsonb_each(said) s
            where known_at -> s.key is null or said_at -> s.key > known_at -> s.key
               or said_at -> s.key = known_at -> s.key and s.value > known -> s.key);
-- All of these attributes are known since one instant.
create function attribute_times(said jsonb, at timestamptz) returns jsonb language sql immutable parallel safe
    return (select coalesce(jsonb_object_agg(k, extract(epoch from at)), '{}') from jsonb_object_keys(said) k);

-- Can this database reckon with a time zone? What it can't would fail whenever the days of a customer's purchases are counted.
create function zone_known(zone text) returns boolean language plpgsql stable as $$
begin
    perform now() at time zone zone;
    return true;
exception when invalid_parameter_value then
    return false;
end
$$;

---- create above / drop below ----

create function pg_temp.birthday_of(text) returns date language plpgsql immutable as $$
begin
    if $1 ~ '^\d{4}-\d{2}-\d{2}$' then
        return $1::date;
    end if;
    return null; -- an attribute may hold whatever somebody wrote
exception when data_exception then
    return null; -- it looks like a day and is none, such as 2026-02-30
end
$$;
drop function zone_known;
drop function attribute_times;
drop function attribute_news;
alter table customers add column birthday date;
update customers set birthday = pg_temp.birthday_of(attributes ->> 'birthday'), attributes = attributes - 'birthday' where attributes ? 'birthday';
drop function pg_temp.birthday_of;
alter table customers drop column attributes_at;
drop table attribute_writes;
drop table attribute_values;
drop table things;
