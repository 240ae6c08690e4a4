// Prints what TypeORM's QueryRunner tells of a schema, and what it would do to make it of entities.
import typeorm from "typeorm";
import { RELATIONS, told, unordered } from "./ask.mjs";

const { DataSource, EntitySchema } = typeorm;
const url = process.argv[2];
const common = { type: "postgres", url, logging: false };
const source = new DataSource(common);
const runner = source.createQueryRunner();
// what fails while it connects is told by the questions that come first
let connected;
const ask = (question, answer) =>
  told(question, async () => {
    await (connected ??= source.initialize());
    return answer();
  });

/** A table or a view without what belongs to the client alone. */
const plain = (table) =>
  table && JSON.parse(JSON.stringify(table, (key, value) => (key.startsWith("@") ? undefined : value)));

await ask("has database", () => runner.hasDatabase("USER"));
await ask("has database nowhere", () => runner.hasDatabase("nowhere"));
await ask("database", () => runner.getCurrentDatabase());
await ask("schema", () => runner.getCurrentSchema());
for (const schema of ["public", "store", "nowhere"]) await ask(`has schema ${schema}`, () => runner.hasSchema(schema));
for (const [name, schema] of RELATIONS) {
  const path = `${schema}.${name}`;
  await ask(`has table ${name}`, () => runner.hasTable(path));
  await ask(`has column of ${name}`, () => runner.hasColumn(path, "name"));
  const table = async () => plain(await runner.getTable(path));
  let found;
  await ask(`table ${name}`, async () => {
    found = await table();
    return found && [found.schema, found.name, found.comment];
  });
  for (const part of ["columns", "indices", "foreignKeys", "uniques", "checks", "exclusions"]) {
    await ask(`${part} of ${name}`, () => found && unordered(found[part]));
  }
}
await ask("tables", async () => (await runner.getTables()).map((table) => table.name).sort());
await runner.release();

const City = new EntitySchema({
  name: "city",
  tableName: "city",
  comment: "where people live",
  columns: {
    id: { type: "int", primary: true, generated: "identity", generatedIdentity: "BY DEFAULT", primaryKeyConstraintName: "city_pkey" },
    name: { type: "varchar", length: 40, comment: "as its people call it" },
    founded: { type: "date", nullable: true },
    area: { type: "numeric", precision: 10, scale: 2, default: 0.5, nullable: true },
    capital: { type: "boolean", default: false },
    seen: { type: "timestamp", nullable: true },
    note: { type: "text", nullable: true },
    feeling: { type: "enum", enum: ["sad", "ok", "happy"], enumName: "mood", nullable: true },
  },
  indices: [{ name: "city_name", columns: ["name", "founded"] }],
});
const Street = new EntitySchema({
  name: "street",
  tableName: "street",
  columns: {
    city_id: { type: "int", primary: true, primaryKeyConstraintName: "street_pkey" },
    number: { type: "int", primary: true, primaryKeyConstraintName: "street_pkey" },
    name: { type: "text", nullable: true },
    length: { type: "double precision", nullable: true },
  },
  relations: {
    city: {
      target: "city",
      type: "many-to-one",
      onDelete: "CASCADE",
      joinColumn: { name: "city_id", foreignKeyConstraintName: "street_city" },
    },
  },
  uniques: [{ name: "street_name", columns: ["name"] }],
});
const Shelf = new EntitySchema({
  name: "shelf",
  schema: "store",
  columns: {
    code: { type: "bigint", primary: true, primaryKeyConstraintName: "shelf_pkey" },
    label: { type: "varchar", length: 10, default: "none", nullable: true },
  },
});
/** What the entity has more than the table, so that there is something to do. */
const LargerShelf = new EntitySchema({
  name: "shelf",
  schema: "store",
  columns: {
    code: { type: "bigint", primary: true, primaryKeyConstraintName: "shelf_pkey" },
    label: { type: "varchar", length: 10, nullable: true },
    width: { type: "int", nullable: true },
  },
});

for (const [question, entities] of Object.entries({
  "to do for what is there": [City, Street, Shelf],
  "to do for what is not": [LargerShelf],
})) {
  await told(question, async () => {
    const source = await new DataSource({ ...common, entities }).initialize();
    const sql = await source.driver.createSchemaBuilder().log();
    await source.destroy();
    return sql.upQueries.map(({ query }) => query);
  });
}
// a connection that could not be made is not closed by the client
process.exit();
