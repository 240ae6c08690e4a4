// node-postgres: `node pg.mjs URL` prints what the server answers to its users.

import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import pg from "pg";
import copy from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { COLUMNS, DOCUMENT, LONG, TABLE, VALUES, fails, section, show } from "./report.mjs";

const url = process.argv[2];
// A timestamp would become a Date in the zone of this machine; its text is what the server said.
const types = {
  getTypeParser: (oid, format) =>
    oid === 1114 || oid === 1082 ? String : pg.types.getTypeParser(oid, format),
};
const client = new pg.Client({ connectionString: url, types });
await client.connect();
const rows = async (text, values) => (await client.query(text, values)).rows;

section("simple and prepared queries");
show("one", await rows("SELECT 1 AS one"));
show("two statements", (await client.query("SELECT 1 AS a; SELECT 2 AS b")).map((r) => r.rows));
show("fields", (await client.query("SELECT 1 AS a, 'x' AS b, true AS c")).fields.map((f) => [f.name, f.dataTypeID]));
show("array mode", (await client.query({ text: "SELECT 1, $1::text", values: ["x"], rowMode: "array" })).rows);
await client.query("DROP TABLE IF EXISTS driver_value");
show("create", (await client.query(TABLE)).command);

section("values");
const names = Object.keys(COLUMNS);
const places = names.map((_, at) => `$${at + 1}`);
const insert = `INSERT INTO driver_value (${names.join(", ")}) VALUES (${places.join(", ")})`;
const inserted = await client.query(`${insert} RETURNING id, t`, [...VALUES, DOCUMENT]);
show("returning", [inserted.command, inserted.rowCount, inserted.rows]);
show("nulls", (await client.query(insert, names.map(() => null))).rowCount);
for (const row of await rows("SELECT * FROM driver_value ORDER BY id")) show("row", row);
for (const [at, name] of names.entries()) {
  if (COLUMNS[name] === "json") continue;
  show(`by ${name}`, await rows(`SELECT id FROM driver_value WHERE ${name} = $1`, [VALUES[at]]));
}
const binary = await client.query({ text: "SELECT i2, i4, b, t FROM driver_value ORDER BY id", binary: true });
show("binary", binary.rows);
show("instant", await rows("SELECT id FROM driver_value WHERE ts = $1", [new Date(Date.UTC(2024, 1, 29, 12))]));

section("arrays");
show("integers", await rows("SELECT id FROM driver_value WHERE i4 = ANY($1)", [[1, 2147483647]]));
show("texts", await rows("SELECT id FROM driver_value WHERE t = ANY($1::text[])", [[VALUES[6], "a,\"b\""]]));
show("none", await rows("SELECT id FROM driver_value WHERE i4 = ANY($1::int[])", [[]]));

section("named statements");
for (const name of ["x", "y", "z"]) {
  show("named", await rows({ name: "by text", text: "SELECT $1::text AS t, $2::int + 1 AS n", values: [name, 1] }));
}

section("transactions");
await client.query("BEGIN");
await client.query("INSERT INTO driver_value (t) VALUES ($1)", ["kept"]);
await client.query("SAVEPOINT inner_one");
await fails("in a transaction", () => client.query("INSERT INTO driver_value (id) VALUES ($1)", [1]));
await fails("after it", () => client.query("SELECT 1"));
await client.query("ROLLBACK TO SAVEPOINT inner_one");
await client.query("INSERT INTO driver_value (t) VALUES ($1)", ["kept too"]);
show("commit", (await client.query("COMMIT")).command);
await client.query("BEGIN");
await client.query("DELETE FROM driver_value");
await client.query("ROLLBACK");
show("left", await rows("SELECT count(*) AS n FROM driver_value WHERE t LIKE 'kept%'"));

section("errors");
await fails("syntax", () => client.query("SELECT FROM WHERE"));
await fails("table", () => client.query("SELECT * FROM driver_absent WHERE a = $1", [1]));
await fails("column", () => client.query("SELECT absent FROM driver_value"));
await fails("unique", () => client.query("INSERT INTO driver_value (id) VALUES (1)"));
await fails("bad integer", () => client.query("SELECT id FROM driver_value WHERE i4 = $1", ["one"]));
await fails("too few parameters", () => client.query("SELECT $1::int, $2::int", [1]));
await fails("division", () => client.query("SELECT 1 / $1::int", [0]));
show("and on", await rows("SELECT 1 AS one"));

section("many rows");
await client.query("DROP TABLE IF EXISTS driver_many");
await client.query("CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))");
const sent = Array.from({ length: 500 }, (_, id) =>
  client.query("INSERT INTO driver_many VALUES ($1, $2, $3)", [id, `name ${id}`, id / 4]),
);
show("queued", (await Promise.all(sent)).reduce((sum, result) => sum + result.rowCount, 0));
const several = await client.query("INSERT INTO driver_many VALUES ($1, $2, $3), ($4, $5, $6)", [500, "a", 1, 501, "b", 2]);
show("several", several.rowCount);
const upsert =
  "INSERT INTO driver_many VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name";
show("upsert", await rows(upsert, [500, "new a", 0]));
show("upsert", await rows(upsert, [502, "c", 0]));
show("nothing", (await client.query("INSERT INTO driver_many VALUES ($1) ON CONFLICT DO NOTHING", [500])).rowCount);
const cursor = client.query(new Cursor("SELECT id, name FROM driver_many WHERE id < $1 ORDER BY id", [250]));
for (let read = await cursor.read(100); read.length > 0; read = await cursor.read(100)) {
  show("read", [read.length, read[0], read.at(-1)]);
}
await cursor.close();
const early = client.query(new Cursor("SELECT id FROM driver_many ORDER BY id"));
show("read", await early.read(2));
await early.close();
let streamed = 0;
for await (const row of client.query(new QueryStream("SELECT id FROM driver_many", [], { batchSize: 33 }))) {
  streamed += row.id;
}
show("streamed", streamed);
show("update", (await client.query("UPDATE driver_many SET price = price + $1 WHERE id < $2", [1, 10])).rowCount);
show("sum", await rows("SELECT sum(price) AS s, round(avg(price), 3) AS a, max(name) AS m FROM driver_many WHERE id < 4"));

section("COPY");
await pipeline(
  Readable.from(["1000\ta\\tb\t1.50\n1001\t\\N\t\\N\n"]),
  client.query(copy.from("COPY driver_many FROM STDIN")),
);
const out = client.query(copy.to("COPY (SELECT id, name, price FROM driver_many WHERE id >= 1000 ORDER BY id) TO STDOUT (FORMAT csv)"));
show("out", Buffer.concat(await out.toArray()).toString());
await fails("bad row", () => pipeline(Readable.from(["x\ty\tz\n"]), client.query(copy.from("COPY driver_many FROM STDIN"))));
show("and on", await rows("SELECT count(*) AS n FROM driver_many"));

section("cancel and pool");
await fails("statement_timeout", async () => {
  await client.query("SET statement_timeout = 100");
  await client.query(LONG);
});
await client.query("RESET statement_timeout");
const other = new pg.Client({ connectionString: url });
await other.connect();
const running = client.query(LONG);
const canceled = fails("cancel", () => running);
const cancel = new pg.Connection();
cancel.connect(client.port, client.host);
cancel.once("connect", () => setTimeout(() => cancel.cancel(client.processID, client.secretKey), 200));
await canceled;
await other.end();
const pool = new pg.Pool({ connectionString: url, max: 3 });
const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => pool.query("SELECT $1::int AS n", [n])));
show("pool", answers.map((answer) => answer.rows[0].n));
await pool.end();

await client.query("DROP TABLE driver_value");
await client.query("DROP TABLE driver_many");
const ended = once(client, "end");
await client.end();
await ended;
section("end");
