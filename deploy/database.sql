-- Makes the hub's role and database, once, on the first leader of compose.ha.yaml. The hub's role owns nothing else.
\set ON_ERROR_STOP on
\getenv password POSTGRES_PASSWORD
create role hubbub login password :'password';
create database hubbub owner hubbub;
