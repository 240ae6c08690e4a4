// postgres.js: `node postgres.mjs URL` prints what the server answers to its users.

import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import postgres from "postgres";
import { COLUMNS, DOCUMENT, LONG, TABLE, VALUES, fails, section, show } from "./report.mjs";

const url = process.argv[2];
// A timestamp would become a Date in the zone of this machine; its text is what the server said.
const text = { to: 1114, from: [1082, 1114], serialize: String, parse: String };
// One connection, so that statements run in order; it asks for the types of arrays when it connects.
const sql = postgres(url, { max: 1, types: { text }, onnotice: () => {} });
const rows = async (query) => [...(await query)];

section("simple and prepared queries");
show("one", await rows(sql`SELECT 1 AS one`));
show("two statements", await sql`SELECT 1 AS a; SELECT 2 AS b`.simple());
show("columns", (await sql`SELECT 1 AS a, 'x' AS b, true AS c`).columns.map((c) => [c.name, c.type]));
show("values", await sql`SELECT 1, ${"x"}::text`.values());
show("described", (await sql`SELECT ${1}::int + 1 AS n, ${"x"}::text AS t`.describe()).types);
await sql`DROP TABLE IF EXISTS driver_value`;
show("create", (await sql.unsafe(TABLE)).command);

section("values");
const names = Object.keys(COLUMNS);
const values = [...VALUES, DOCUMENT];
const row = Object.fromEntries(names.map((name, at) => [name, values[at]]));
const inserted = await sql`INSERT INTO driver_value ${sql(row)} RETURNING id, t`;
show("returning", [inserted.command, inserted.count, inserted]);
const nothing = Object.fromEntries(names.map((name) => [name, null]));
show("nulls", (await sql`INSERT INTO driver_value ${sql(nothing)}`).count);
for (const row of await sql`SELECT * FROM driver_value ORDER BY id`) show("row", row);
for (const [at, name] of names.entries()) {
  if (COLUMNS[name] === "json") continue;
  show(`by ${name}`, await rows(sql`SELECT id FROM driver_value WHERE ${sql(name)} = ${values[at]}`));
}
show("bigint", await rows(sql`SELECT ${9007199254740993n}::bigint AS n`));
const day = new Date(Date.UTC(2024, 1, 29));
show("dates", await rows(sql`UPDATE driver_value SET d = ${day}, ts = ${day} WHERE id = 2 RETURNING d, ts`));

section("arrays");
show("integers", await rows(sql`SELECT id FROM driver_value WHERE i4 = ANY(${[1, 2147483647]})`));
show("texts", await rows(sql`SELECT id FROM driver_value WHERE t = ANY(${[VALUES[6], 'a,"b"']}::text[])`));
show("array", await rows(sql`SELECT id FROM driver_value WHERE i4 = ANY(${sql.array([1, 2147483647])}::int[])`));
show("in", await rows(sql`SELECT id FROM driver_value WHERE id IN ${sql([1, 2, 3])} ORDER BY id`));
show("none", await rows(sql`SELECT id FROM driver_value WHERE i4 = ANY(${[]}::int[])`));

section("statements prepared once");
for (const name of ["x", "y", "z"]) show("again", await rows(sql`SELECT ${name}::text AS t`));

section("transactions");
await sql.begin(async (sql) => {
  await sql`INSERT INTO driver_value (t) VALUES (${"kept"})`;
  await fails("in a savepoint", () =>
    sql.savepoint(async (sql) => {
      await sql`INSERT INTO driver_value (t) VALUES (${"lost"})`;
      await sql`INSERT INTO driver_value (id) VALUES (${1})`;
    }),
  );
  await sql.savepoint((sql) => sql`INSERT INTO driver_value (t) VALUES (${"kept too"})`);
});
await fails("rolled back", () =>
  sql.begin("isolation level read committed", async (sql) => {
    await sql`DELETE FROM driver_value`;
    await sql`SELECT 1 / ${0}::int`;
  }),
);
show("left", await rows(sql`SELECT count(*) AS n FROM driver_value WHERE t LIKE 'kept%'`));
show("pipelined", await sql.begin((sql) => [sql`SELECT 1 AS a`, sql`SELECT ${2}::int AS b`]));

section("errors");
await fails("syntax", () => sql`SELECT FROM WHERE`);
await fails("table", () => sql`SELECT * FROM driver_absent WHERE a = ${1}`);
await fails("column", () => sql`SELECT absent FROM driver_value`);
await fails("unique", () => sql`INSERT INTO driver_value (id) VALUES (1)`);
await fails("bad integer", () => sql`SELECT id FROM driver_value WHERE i4 = ${"one"}`);
show("and on", await rows(sql`SELECT 1 AS one`));

section("many rows");
await sql`DROP TABLE IF EXISTS driver_many`;
await sql`CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))`;
const many = Array.from({ length: 500 }, (_, id) => ({ id, name: `name ${id}`, price: id / 4 }));
show("several", (await sql`INSERT INTO driver_many ${sql(many)}`).count);
const queued = [500, 501].map((id) => sql`INSERT INTO driver_many VALUES (${id}, ${"x"}, ${1})`);
show("queued", (await Promise.all(queued)).map((result) => result.count));
const upsert = (id, name) =>
  sql`INSERT INTO driver_many VALUES (${id}, ${name}, 0)
      ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name`;
show("upsert", await rows(upsert(500, "new")));
show("upsert", await rows(upsert(502, "c")));
await sql`SELECT id, name FROM driver_many WHERE id < ${250} ORDER BY id`.cursor(100, (read) => {
  show("read", [read.length, read[0], read.at(-1)]);
});
for await (const read of sql`SELECT id FROM driver_many ORDER BY id`.cursor(2)) {
  show("read", read);
  break;
}
let sum = 0;
await sql`SELECT id FROM driver_many`.forEach((row) => (sum += row.id));
show("sum", sum);
show("update", (await sql`UPDATE driver_many SET price = price + ${1}::numeric WHERE id < ${10}`).count);
const columns = ["name", "price"];
const changed = { name: "changed", price: 7 };
show("helper", await rows(sql`UPDATE driver_many SET ${sql(changed, columns)} WHERE id = ${3} RETURNING *`));

section("COPY");
await pipeline(Readable.from(["1000\ta\\tb\t1.50\n1001\t\\N\t\\N\n"]), await sql`COPY driver_many FROM STDIN`.writable());
const out = await sql`COPY (SELECT id, name, price FROM driver_many WHERE id >= 1000 ORDER BY id) TO STDOUT (FORMAT csv)`.readable();
show("out", Buffer.concat(await out.toArray()).toString());
show("and on", await rows(sql`SELECT count(*) AS n FROM driver_many`));

section("cancel");
const running = sql.unsafe(LONG);
const canceled = fails("cancel", () => running);
setTimeout(() => running.cancel(), 200);
await canceled;
show("and on", await rows(sql`SELECT 1 AS one`));

await sql`DROP TABLE driver_value`;
await sql`DROP TABLE driver_many`;
await sql.end();
section("end");
