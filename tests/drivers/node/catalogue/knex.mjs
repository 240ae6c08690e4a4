// Prints what Knex and knex-schema-inspector tell of a schema.
import knex from "knex";
import inspectors from "knex-schema-inspector";
import { COLUMN, RELATIONS, told, unordered } from "./ask.mjs";

const db = knex({ client: "pg", connection: process.argv[2] });

for (const [table, schema] of RELATIONS) {
  const builder = db.schema.withSchema(schema);
  const column = COLUMN[table];
  await told(`has table ${table}`, () => builder.hasTable(table));
  await told(`has column of ${table}`, () => db.schema.withSchema(schema).hasColumn(table, column));
  await told(`has column nowhere of ${table}`, () => db.schema.withSchema(schema).hasColumn(table, "nowhere"));
  await told(`column info of ${table}`, () => db(table).withSchema(schema).columnInfo());
  await told(`column info of a column of ${table}`, () => db(table).withSchema(schema).columnInfo(column));
}
// by the search path
await told("has table city of no schema", () => db.schema.hasTable("city"));
await told("column info of city of no schema", () => db("city").columnInfo());

const inspector = (schema) => inspectors.default(db).withSchema(schema);
for (const schema of ["public", "store"]) {
  const inspect = inspector(schema);
  await told(`inspector: tables of ${schema}`, () => inspect.tables());
  await told(`inspector: table info of ${schema}`, () => inspect.tableInfo());
  await told(`inspector: columns of ${schema}`, () => unordered(inspect.columns()));
  await told(`inspector: column info of ${schema}`, () => inspect.columnInfo());
  await told(`inspector: foreign keys of ${schema}`, () => unordered(inspect.foreignKeys()));
}
for (const [table, schema] of RELATIONS) {
  const inspect = inspector(schema);
  const column = COLUMN[table];
  await told(`inspector: has table ${table}`, () => inspect.hasTable(table));
  await told(`inspector: table info of ${table}`, () => inspect.tableInfo(table));
  await told(`inspector: columns of ${table}`, () => unordered(inspect.columns(table)));
  await told(`inspector: has column of ${table}`, () => inspect.hasColumn(table, column));
  await told(`inspector: column info of ${table}`, () => inspect.columnInfo(table));
  await told(`inspector: column info of a column of ${table}`, () => inspect.columnInfo(table, column));
  await told(`inspector: primary key of ${table}`, () => inspect.primary(table));
  await told(`inspector: foreign keys of ${table}`, () => unordered(inspect.foreignKeys(table)));
}
await db.destroy();
