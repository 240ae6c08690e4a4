// Prints what drizzle-kit makes of a schema: the code of its tables, and what it keeps of them.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { told } from "./ask.mjs";

const url = process.argv[2];
const require = createRequire(import.meta.url);
const kit = join(dirname(require.resolve("drizzle-kit")), "bin.cjs");
const folder = await mkdtemp(join(tmpdir(), "drizzle-"));

const pulled = async () => {
  const schemaFilter = ["public", "store"];
  const file = join(folder, "drizzle.config.json");
  await writeFile(file, JSON.stringify({ dialect: "postgresql", dbCredentials: { url }, out: folder, schemaFilter }));
  // it looks for the driver from where it is run
  const cwd = dirname(fileURLToPath(import.meta.url));
  await promisify(execFile)(process.execPath, [kit, "introspect", `--config=${file}`], { cwd });
  return JSON.parse(await readFile(join(folder, "meta/0000_snapshot.json")));
};

try {
  const snapshot = await pulled();
  for (const part of ["enums", "schemas", "sequences", "roles", "policies", "views"]) {
    await told(part, () => snapshot[part]);
  }
  await told("tables", () => Object.keys(snapshot.tables).sort());
  for (const [name, table] of Object.entries(snapshot.tables)) {
    for (const [part, answer] of Object.entries(table)) await told(`${part} of ${name}`, () => answer);
  }
  for (const file of ["schema.ts", "relations.ts"]) {
    await told(file, () => readFile(join(folder, file), "utf8"));
  }
} finally {
  await rm(folder, { recursive: true });
}
