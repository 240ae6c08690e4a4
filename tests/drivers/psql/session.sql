-- psql: `psql -f session.sql URL` prints what the server answers to its users.
\set VERBOSITY sqlstate
\set QUIET on
\pset null '(null)'
\pset linestyle ascii

\echo -- values
DROP TABLE IF EXISTS driver_value;
CREATE TABLE driver_value (id serial PRIMARY KEY, i2 smallint, i4 integer, i8 bigint,
    f8 double precision, n numeric(12,3), b boolean, t text, v varchar(50), bin bytea, d date,
    tm time, ts timestamp, u uuid);
INSERT INTO driver_value (i2, i4, i8, f8, n, b, t, v, bin, d, tm, ts, u) VALUES
    (-32768, 2147483647, 9223372036854775807, -1.5e-7, 123456789.125, true, 'it''s \ "ünï" 🦉', '',
     '\x0001275cff', '2024-02-29', '23:59:58.123456', '2024-02-29 23:59:58.123456',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11') RETURNING id, t;
INSERT INTO driver_value (t) VALUES (NULL);
\x on
SELECT * FROM driver_value ORDER BY id;
\x off
SELECT id, i2, n, b, t, v FROM driver_value ORDER BY id;
\pset format csv
SELECT t, v, bin, d, ts FROM driver_value ORDER BY id;
\pset format aligned

\echo -- what is described
SELECT id, i8, f8, n, b, t, v, bin, d, tm, ts, u FROM driver_value \gdesc
SELECT count(*) AS rows, avg(i4) AS mean, max(v) AS most FROM driver_value \gdesc
SELECT 1 AS a, 'x' AS b, now() AS c, NULL AS d \gdesc
UPDATE driver_value SET t = 'y' WHERE false \gdesc

\echo -- variables
SELECT id AS first, i4 AS number FROM driver_value ORDER BY id LIMIT 1 \gset the_
\echo :the_first :the_number
SELECT :the_number::bigint + :the_first AS sum, :'the_number' AS text;
UPDATE driver_value SET v = 'changed' WHERE id = :the_first;
\echo :ROW_COUNT :SQLSTATE :ERROR
SELECT 'SELECT 1 AS made' \gexec

\echo -- prepared
PREPARE of_number (int, text) AS SELECT id, $2 AS word FROM driver_value WHERE i4 = $1;
EXECUTE of_number (2147483647, 'here');
EXECUTE of_number (0, 'nowhere');
DEALLOCATE of_number;
EXECUTE of_number (0, 'gone');
\echo :LAST_ERROR_SQLSTATE

\echo -- errors and transactions
SELECT * FROM driver_absent;
\echo :ERROR :SQLSTATE
SELECT 1 / 0;
\echo :LAST_ERROR_SQLSTATE :ROW_COUNT
BEGIN;
INSERT INTO driver_value (id) VALUES (:the_first);
\echo :SQLSTATE
SELECT 1;
\echo :SQLSTATE
COMMIT;
\set ON_ERROR_ROLLBACK on
BEGIN;
INSERT INTO driver_value (t) VALUES ('kept');
INSERT INTO driver_value (id) VALUES (:the_first);
INSERT INTO driver_value (t) VALUES ('kept too');
COMMIT;
\set ON_ERROR_ROLLBACK off
SELECT count(*) AS kept FROM driver_value WHERE t LIKE 'kept%';
\set AUTOCOMMIT off
DELETE FROM driver_value WHERE t LIKE 'kept%';
ROLLBACK;
SELECT count(*) AS kept FROM driver_value WHERE t LIKE 'kept%';
COMMIT;
\set AUTOCOMMIT on
SELECT 1 AS one\; SELECT 2 AS two;

\echo -- many rows
DROP TABLE IF EXISTS driver_many;
CREATE TABLE driver_many (id int PRIMARY KEY, name text, amount numeric(10,2), day date);
\copy driver_many FROM STDIN (FORMAT csv, HEADER)
id,name,amount,day
1,one,1.50,2024-01-31
2,"two, ""quoted""",,
3,,3.00,2024-03-31
\.
\copy driver_many (id, name) FROM STDIN
4	four\\\tfifths
5	\N
\.
COPY driver_many TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE (name));
COPY (SELECT id, name FROM driver_many WHERE id > 3 ORDER BY id) TO STDOUT;
\copy (SELECT id, amount FROM driver_many ORDER BY id DESC) TO STDOUT (FORMAT csv, NULL 'none')
\copy driver_many FROM STDIN
6	six	many	2024-01-31
\.
SELECT count(*) AS rows, sum(amount) AS amount FROM driver_many;
INSERT INTO driver_many SELECT id + 10 * n, name, amount, day FROM driver_many, generate_series(1, 30) AS s(n);
\set FETCH_COUNT 7
SELECT id FROM driver_many WHERE id % 10 = 3 ORDER BY id;
\unset FETCH_COUNT
SELECT id, name FROM driver_many WHERE id < 4 ORDER BY id \g (format=unaligned tuples_only=on)
SELECT day, count(*) AS n FROM driver_many GROUP BY day ORDER BY day;
SELECT id % 2 AS odd, name, count(*) FROM driver_many WHERE name IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
\crosstabview odd name count

\echo -- settings
SET datestyle TO 'German';
SELECT d, ts FROM driver_value WHERE id = :the_first;
\copy driver_many (id, day) FROM STDIN
1001	03.04.2024
1002	2024-05-06
\.
SET datestyle TO 'SQL, MDY';
\copy driver_many (id, day) FROM STDIN
1003	03/04/2024
1004	13/04/2024
\.
RESET datestyle;
SELECT id, day FROM driver_many WHERE id > 1000 ORDER BY id;
\encoding LATIN1
SHOW client_encoding;
\encoding UTF8
DROP TABLE driver_many, driver_value;
\echo -- end
