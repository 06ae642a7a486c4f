-- What an import of CSV rows is staged in: one connection's own tables, filled by COPY a batch at a time and merged from there.
-- Null means that the file says nothing, and what is stored stays.

create temporary table import_seen (
    key   text primary key, -- a customer's id, an order's key, or the hash of a purchase's content
    line  bigint not null,  -- where it came first
    times bigint not null   -- how often it has come so far
);

create temporary table import_customers (
    line            bigint not null,
    id              text primary key,
    name            text,
    language        text,
    zone            text,
    country         text,
    contact_windows text,
    channels        text[],
    owner           text,
    star            smallint,
    attributes      jsonb not null
);

create temporary table import_addresses (
    customer text not null,
    channel  text not null,
    value    text not null,
    primary key (customer, channel)
);

create temporary table import_consents (
    line     bigint not null,
    customer text not null,
    topic    text not null,
    primary key (customer, topic)
);

create temporary table import_purchases (
    line         bigint primary key,
    customer     text not null,
    key          text not null,
    order_id     text,
    quantity     text not null, -- a decimal number as text, so that none of its digits is lost
    amount       text not null,
    currency     text not null,
    purchased_at timestamptz not null
);
