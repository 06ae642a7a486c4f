-- Journeys and their versions. A version is immutable; the newest of a journey is the one with the highest number.

create table journey_versions (
    journey      text not null check (journey <> ''),
    version      integer not null check (version > 0),
    hash         text not null check (hash <> ''), -- of all that operations wrote: source and templates
    source       text not null,                    -- the YAML, as written
    plan         bytea not null,                   -- compiled; the store does not look inside
    catalogue    bytea not null,                   -- what the expressions were type-checked against; nor here
    enters_on    text check (enters_on <> ''),     -- the event type that enters; null where none does
    listens      text[] not null default '{}',     -- the event types that its running enrollments want
    author       text not null default '',
    message      text not null default '',
    published_at timestamptz not null,
    primary key (journey, version)
);
-- Which journeys does an event of this type enter?
create index journey_versions_enters_on on journey_versions (enters_on, journey, version) where enters_on is not null;

create table journey_templates (
    journey  text not null,
    version  integer not null,
    name     text not null check (name <> ''),
    channel  text not null check (channel in ('sms', 'email', 'slack', 'whatsapp')),
    language text not null check (language <> ''),
    source   text not null,
    primary key (journey, version, name, channel, language),
    foreign key (journey, version) references journey_versions (journey, version)
);

create trigger versions_are_immutable before update or delete on journey_versions
    for each row execute function refuse_change();
create trigger templates_are_immutable before update or delete on journey_templates
    for each row execute function refuse_change();

---- create above / drop below ----

drop table journey_templates;
drop table journey_versions;
