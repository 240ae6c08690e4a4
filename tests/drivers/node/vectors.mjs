// pgvector's package for Node: `node vectors.mjs URL` prints what its users are answered, by
// node-postgres and by postgres.js.

import pg from "pg";
import pgvector from "pgvector/pg";
import { toSql } from "pgvector/utils";
import postgres from "postgres";
import { fails, section, show } from "./report.mjs";

const url = process.argv[2];
const ITEMS = [[1, [1, 0, 0]], [2, [0.6, 0.8, 0]], [3, [0.25, -0.5, 1.5]], [4, null]];
const NEAR = [0.9, 0.1, 0];
const OPERATORS = ["<=>", "<#>", "<->"];
const nearest = (operator) =>
  `SELECT id FROM driver_vector WHERE v IS NOT NULL ORDER BY v ${operator} $1 LIMIT 2`;

section("node-postgres");
const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query("CREATE EXTENSION IF NOT EXISTS vector");
await pgvector.registerTypes(client);
await client.query("DROP TABLE IF EXISTS driver_vector");
await client.query("CREATE TABLE driver_vector (id int PRIMARY KEY, v vector(3))");
for (const [id, v] of ITEMS) {
  await client.query("INSERT INTO driver_vector VALUES ($1, $2)", [id, v && toSql(v)]);
}
const rows = async (text, values) => (await client.query(text, values)).rows;
show("all", await rows("SELECT * FROM driver_vector ORDER BY id"));
for (const operator of OPERATORS) show(operator, await rows(nearest(operator), [toSql(NEAR)]));
show("value", await rows("SELECT $1::vector AS v", [toSql([1, 2, 3])]));
show("named", await rows({ name: "near", text: nearest("<=>"), values: [toSql(NEAR)] }));
await fails("too short", () => client.query("INSERT INTO driver_vector VALUES (9, $1)", [toSql([1, 2])]));
await fails("no vector", () => client.query("INSERT INTO driver_vector VALUES (9, $1)", ["[1,2,x]"]));
await client.end();

section("postgres.js");
const sql = postgres(url, { max: 1, onnotice: () => {} });
await sql`DELETE FROM driver_vector`;
for (const [id, v] of ITEMS) {
  await sql`INSERT INTO driver_vector VALUES (${id}, ${v && toSql(v)})`;
}
show("all", await sql`SELECT * FROM driver_vector ORDER BY id`);
for (const operator of OPERATORS) show(operator, await sql.unsafe(nearest(operator), [toSql(NEAR)]));
show("value", await sql`SELECT ${toSql([1, 2, 3])}::vector AS v`);
const more = [10, 11, 12].map((id) => ({ id, v: toSql([id, 0.5, 0]) }));
show("many", (await sql`INSERT INTO driver_vector ${sql(more, "id", "v")}`).count);
show("one", await sql`SELECT v FROM driver_vector WHERE id = ${11}`);
await fails("too short", () => sql`INSERT INTO driver_vector VALUES (9, ${toSql([1, 2])})`);
await sql`DROP TABLE driver_vector`;
await sql.end();
section("end");
