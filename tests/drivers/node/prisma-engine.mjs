// Prisma's schema engine, in WebAssembly, over its adapter of node-postgres: what `prisma db pull`
// and `prisma db push` are with an adapter.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as engine from "@prisma/schema-engine-wasm/schema_engine_bg";

const folder = dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg"));
const code = await readFile(join(folder, "schema_engine_bg.wasm"));
const { instance } = await WebAssembly.instantiate(code, { "./schema_engine_bg.js": engine });
engine.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

/** Types of the catalogue that the adapter does not know, and those that it reads in their place. */
const PLAIN = { 18: 25, 22: 25, 30: 25, 194: 25, 1002: 1009, 1003: 1009, 2205: 25, 2206: 25 };

/** The adapter, with which the engine can read the catalogue. */
class Adapter extends PrismaPg {
  async connect() {
    const connection = await super.connect();
    const perform = connection.performIO.bind(connection);
    connection.performIO = async (query) => {
      const result = await perform(query);
      for (const field of result.fields) field.dataTypeID = PLAIN[field.dataTypeID] ?? field.dataTypeID;
      return result;
    };
    return connection;
  }
}

/** What a file of Prisma begins with. */
export const datasource = (schemas) =>
  `datasource db {\n  provider = "postgresql"\n  schemas = ${JSON.stringify(schemas)}\n}\n`;

/** The files of a schema as the engine takes them. */
export const files = (content) => ({ files: [{ path: "schema.prisma", content }] });

/** An engine that knows this schema; its errors have what the server said as their cause. */
export async function schemaEngine(url, content) {
  const factory = bindMigrationAwareSqlAdapterFactory(new Adapter({ connectionString: url }));
  const options = { datamodels: [["schema.prisma", content]] };
  return engine.SchemaEngine.new(options, () => {}, factory);
}
