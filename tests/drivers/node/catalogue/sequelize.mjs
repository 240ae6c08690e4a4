// Prints what Sequelize's QueryInterface and sequelize-auto tell of a schema.
import auto from "sequelize-auto";
import { QueryTypes, Sequelize } from "sequelize";
import { RELATIONS, told, unordered } from "./ask.mjs";

const url = process.argv[2];
// the session's time zone is left as it is: an interval in SET TIME ZONE is not understood by every server
const sequelize = new Sequelize(url, { logging: false, keepDefaultTimezone: true });
const asked = sequelize.getQueryInterface();

/** PostgreSQL names what it checks for NOT NULL by the OID of the table. */
const named = (constraint) => {
  const constraintName = constraint.constraintName.replace(/^\d+_\d+_(\d+_not_null)$/, "OID_$1");
  return { ...constraint, constraintName };
};

await told("schemas", () => unordered(asked.showAllSchemas()));
await told("tables", () => unordered(asked.showAllTables()));
const enums = (table, column) => {
  const query = asked.queryGenerator.pgListEnums(table, column);
  return sequelize.query(query, { type: QueryTypes.SELECT });
};
await told("enums", () => enums());
await told("enum of city", () => enums("city", "feeling"));
for (const [tableName, schema] of RELATIONS) {
  const table = { tableName, schema };
  await told(`exists ${tableName}`, () => asked.tableExists(table));
  await told(`describe ${tableName}`, async () => {
    try {
      return await asked.describeTable(table);
    } catch (error) {
      if (error.original) throw error;
      return error.message;
    }
  });
  await told(`indexes of ${tableName}`, () => unordered(asked.showIndex(table)));
  await told(`constraints of ${tableName}`, async () => unordered((await asked.showConstraint(tableName)).map(named)));
  await told(`foreign keys of ${tableName}`, () => unordered(asked.getForeignKeyReferencesForTable(table)));
  const keys = () => asked.getForeignKeysForTables([tableName], { schema });
  await told(`names of foreign keys of ${tableName}`, keys);
}

for (const schema of ["public", "store"]) {
  const options = { schema, dialect: "postgres", directory: null, views: true, caseModel: "p", logging: false };
  options.closeConnectionAutomatically = false;
  const generator = new auto(sequelize, null, null, options);
  let found = {};
  await told(`auto: names of ${schema}`, async () => {
    found = await generator.build();
    return Object.keys(found.tables).sort();
  });
  for (const part of ["tables", "foreignKeys", "indexes", "hasTriggerTables"]) {
    await told(`auto: ${part} of ${schema}`, () => found[part]);
  }
  await told(`auto: relations of ${schema}`, () => (found = generator.relate(found)).relations);
  await told(`auto: models of ${schema}`, () => generator.generate(found));
}
await sequelize.close();
