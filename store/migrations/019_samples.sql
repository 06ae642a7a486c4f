-- No samples of what is personal: those that the planner takes of a column would outlive whoever was erased, until the table is analyzed again. Nothing
-- here is looked for by them: an address, an answer or a provider's id is found by its index.

alter table customers alter column name set statistics 0, alter column attributes set statistics 0;
alter table addresses alter column value set statistics 0;
alter table attribute_values alter column value set statistics 0;
alter table things alter column attributes set statistics 0;
alter table events alter column data set statistics 0;
alter table replies alter column address set statistics 0, alter column text set statistics 0;
alter index replies_address alter column 2 set statistics 0;
alter table touches alter column provider_id set statistics 0;

---- create above / drop below ----

alter table customers alter column name set statistics -1, alter column attributes set statistics -1;
alter table addresses alter column value set statistics -1;
alter table attribute_values alter column value set statistics -1;
alter table things alter column attributes set statistics -1;
alter table events alter column data set statistics -1;
alter table replies alter column address set statistics -1, alter column text set statistics -1;
alter index replies_address alter column 2 set statistics -1;
alter table touches alter column provider_id set statistics -1;
