// Prints what Prisma's `db pull` makes of a schema: each block of it, and the warnings.
import { datasource, files, schemaEngine } from "../prisma-engine.mjs";
import { told } from "./ask.mjs";

const content = datasource(["public", "store"]);
const engine = await schemaEngine(process.argv[2], content);
const parameters = {
  schema: files(content),
  baseDirectoryPath: "/",
  force: false,
  compositeTypeDepth: -1,
  namespaces: ["public", "store"],
};
const { schema, views, warnings } = await engine.introspect(parameters);
for (const block of schema.files[0].content.split(/\n(?=model |enum |view |datasource )/)) {
  await told(/^[^{]*/.exec(block)[0].replaceAll("\n", " ").trim(), () => block);
}
await told("views", () => views);
await told("warnings", () => warnings);
await told("version", async () => /^PostgreSQL/.exec(await engine.version())?.[0]);
process.exit();
