CREATE SCHEMA sales;
CREATE TABLE customer (
    id serial PRIMARY KEY,
    name varchar(40) NOT NULL,
    email text UNIQUE,
    balance numeric(12,2) DEFAULT 0.00,
    created timestamp(3) DEFAULT now(),
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT customer_name_email UNIQUE (name, email)
);
CREATE TABLE sales."Order" (
    "Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customer (id) ON DELETE CASCADE ON UPDATE SET NULL,
    "When" date,
    total double precision,
    note text
);
CREATE TABLE sales.line (
    order_id bigint REFERENCES sales."Order" ("Id") DEFERRABLE INITIALLY DEFERRED,
    number smallint,
    article char(8),
    price numeric,
    PRIMARY KEY (order_id, number)
);
CREATE TABLE node (
    id integer PRIMARY KEY,
    parent integer REFERENCES node (id),
    label text NOT NULL DEFAULT 'none',
    tags text[],
    data jsonb
);
CREATE INDEX customer_name ON customer (name DESC, id);
CREATE UNIQUE INDEX line_article ON sales.line (article, price) INCLUDE (number);
CREATE INDEX order_when ON sales."Order" ("When" NULLS FIRST);
CREATE VIEW active_customer AS SELECT id, name FROM customer WHERE active;
CREATE SEQUENCE counter START 5 INCREMENT 2;
COMMENT ON TABLE customer IS 'people who buy';
COMMENT ON COLUMN customer.name IS 'full name';
COMMENT ON SCHEMA sales IS 'what is sold';
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
