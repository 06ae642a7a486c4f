-- name: MergeThings :many
-- Whose things do these words change? One row is one attribute of one thing; without a name it says only that the thing is there. A thing that is not
-- known is added with what is said of it. Of several values the newest counts, against each other as against what is stored. With @again
-- a value that is known already is news if it is newer, since an older one that comes late must not replace it; without it such words change nothing.
insert into things as t (customer, of_kind, id, kind, attributes, attributes_at, created_at, updated_at)
select w.customer, w.of_kind, w.thing, max(w.kind), coalesce(jsonb_object_agg(w.name, w.value) filter (where w.name <> ''), '{}'),
       coalesce(jsonb_object_agg(w.name, extract(epoch from w.at)) filter (where w.name <> ''), '{}'), @now::timestamptz, @now::timestamptz
from (select distinct on (r.customer, r.of_kind, r.thing, r.name) r.customer, r.of_kind, r.thing, r.kind, r.name, r.value::jsonb as value, r.at
      from (select unnest(@customers::text[]) as customer, unnest(@of_kinds::text[]) as of_kind, unnest(@things::text[]) as thing,
                   unnest(@kinds::text[]) as kind, unnest(@names::text[]) as name, unnest(@values::text[]) as value,
                   unnest(@ats::timestamptz[]) as at) r
      order by r.customer, r.of_kind, r.thing, r.name, r.at desc, r.value::jsonb desc) w
group by w.customer, w.of_kind, w.thing order by w.customer, w.of_kind, w.thing
on conflict (customer, of_kind, id) do update
set kind = coalesce(nullif(excluded.kind, ''), t.kind),
    attributes = t.attributes || attribute_news(t.attributes, t.attributes_at, excluded.attributes, excluded.attributes_at),
    attributes_at = t.attributes_at || attribute_news(t.attributes_at, t.attributes_at, excluded.attributes_at, excluded.attributes_at),
    updated_at = @now::timestamptz
where excluded.kind not in ('', t.kind)
   or t.attributes || attribute_news(t.attributes, t.attributes_at, excluded.attributes, excluded.attributes_at) <> t.attributes
   or @again::boolean and attribute_news(t.attributes, t.attributes_at, excluded.attributes, excluded.attributes_at) <> '{}'
returning t.customer, t.of_kind, t.id;

-- name: KeepAttributeValues :many
-- Which of these values are new to the history of their attributes? Adds them. The same write is one; without @again, so is a value that is the
-- newest there already.
insert into attribute_values (customer, of_kind, thing, name, value, at, source)
select r.customer, r.of_kind, r.thing, r.name, r.value::jsonb, r.at, r.source
from (select unnest(@customers::text[]) as customer, unnest(@of_kinds::text[]) as of_kind, unnest(@things::text[]) as thing,
             unnest(@names::text[]) as name, unnest(@values::text[]) as value, unnest(@ats::timestamptz[]) as at,
             unnest(@sources::text[]) as source) r
where @again::boolean
   or r.value::jsonb is distinct from
      (select v.value from attribute_values v
       where v.customer = r.customer and v.of_kind = r.of_kind and v.thing = r.thing and v.name = r.name
       order by v.at desc, v.source limit 1)
order by r.customer, r.of_kind, r.thing, r.name, r.source
on conflict do nothing
returning customer, of_kind, thing, name, source;

-- name: AttributeHistory :many
-- Which values did the attributes of a customer and of their things have, of those whose history is kept? The newest of each attribute, newest first.
select v.of_kind, v.thing, v.name, v.value, v.at, v.source
from (select h.of_kind, h.thing, h.name, h.value, h.at, h.source,
             row_number() over (partition by h.of_kind, h.thing, h.name order by h.at desc, h.source) as newest
      from attribute_values h where h.customer = @customer) v
where v.newest <= @most::bigint
order by v.of_kind, v.thing, v.name, v.at desc, v.source;

-- name: WriteOnce :execrows
-- Is this the first time that this occurrence of a step writes attributes?
insert into attribute_writes (source, customer, at) values (@source, @customer, @at) on conflict do nothing;

-- name: WroteAttributes :one
-- Did this occurrence of a step write attributes already?
select exists (select from attribute_writes where source = @source);

-- name: SetAttributes :execrows
-- The customer's attributes have these values from now on. Whoever says so holds the customer's row and knew what was known.
update customers c
set attributes = c.attributes || @said::jsonb,
    attributes_at = c.attributes_at || attribute_news(c.attributes_at, c.attributes_at, attribute_times(@said::jsonb, @at::timestamptz),
                                                      attribute_times(@said::jsonb, @at::timestamptz)),
    updated_at = @at::timestamptz
where c.id = @id;

-- name: KnownThings :many
-- Which of these things are known?
select t.customer, t.of_kind, t.id from things t
join (select unnest(@customers::text[]) as customer, unnest(@of_kinds::text[]) as of_kind, unnest(@things::text[]) as id) w
  on t.customer = w.customer and t.of_kind = w.of_kind and t.id = w.id;
