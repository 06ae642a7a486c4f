-- Kept free for colleagues, who come with a change of their own.
select;

---- create above / drop below ----

select;
