// Drizzle: `node drizzle.mjs URL` prints what the server answers to its users.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as orm from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import * as pg from "drizzle-orm/pg-core";
import { fails, section, show } from "./report.mjs";

const { and, asc, count, desc, eq, exists, gt, ilike, inArray, isNull, lt, max, or, sql } = orm;
// its program to make migrations is no module
const { generateDrizzleJson, generateMigration } = createRequire(import.meta.url)("drizzle-kit/api");

const mood = pg.pgEnum("d_mood", ["sad", "ok", "happy"]);
const author = pg.pgTable("d_author", {
  id: pg.serial().primaryKey(),
  name: pg.varchar({ length: 80 }).notNull().unique(),
  mood: mood().default("ok"),
  active: pg.boolean().notNull().default(true),
  born: pg.date(),
  made: pg.timestamp().notNull().defaultNow(),
});
const book = pg.pgTable(
  "d_book",
  {
    id: pg.bigint({ mode: "number" }).primaryKey().generatedByDefaultAsIdentity(),
    authorId: pg.integer("author_id").notNull().references(() => author.id, { onDelete: "cascade" }),
    title: pg.text().notNull(),
    price: pg.numeric({ precision: 8, scale: 2 }).default("9.50"),
    pages: pg.integer().default(0),
    tags: pg.jsonb(),
    code: pg.uuid(),
    rating: pg.doublePrecision(),
    words: pg.text().array(),
  },
  (table) => [
    pg.index("d_book_title").on(table.title, table.price),
    pg.uniqueIndex("d_book_once").on(table.authorId, table.title),
  ],
);
const tag = pg.pgTable("d_tag", { id: pg.serial().primaryKey(), name: pg.text().notNull() });
const tagged = pg.pgTable(
  "d_tagged",
  {
    bookId: pg.bigint("book_id", { mode: "number" }).references(() => book.id, { onDelete: "cascade" }),
    tagId: pg.integer("tag_id").references(() => tag.id),
  },
  (table) => [pg.primaryKey({ columns: [table.bookId, table.tagId] })],
);
const schema = { mood, author, book, tag, tagged };
const db = drizzle(process.argv[2], { schema });
const rows = async (query) => (await db.execute(query)).rows;
/** The driver's error is the cause of the client's. */
const refused = (label, action) =>
  fails(label, async () => {
    try {
      await action();
    } catch (error) {
      throw error.cause ?? error;
    }
  });

section("migrations");
const folder = await mkdtemp(join(tmpdir(), "drizzle-"));
const steps = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema));
const later = ["ALTER TABLE d_book ADD COLUMN extra varchar(10) DEFAULT 'x'", "CREATE INDEX d_book_extra ON d_book (extra)"];
await mkdir(join(folder, "meta"));
const entries = [];
for (const [tag, statements] of Object.entries({ "0000_first": steps, "0001_later": later })) {
  await writeFile(join(folder, `${tag}.sql`), statements.join("\n--> statement-breakpoint\n"));
  entries.push({ idx: entries.length, version: "7", when: 1700000000000 + entries.length, tag, breakpoints: true });
  await writeFile(join(folder, "meta/_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  await migrate(db, { migrationsFolder: folder, migrationsSchema: "d_kept" });
  show("migrated", await rows(sql`SELECT count(*)::int AS n FROM d_kept."__drizzle_migrations"`));
}
await migrate(db, { migrationsFolder: folder, migrationsSchema: "d_kept" });
show("again", await rows(sql`SELECT count(*)::int AS n FROM d_kept."__drizzle_migrations"`));
await rm(folder, { recursive: true });

section("rows");
const names = ["Ann", "Bob", "Cem"].map((name) => ({ name }));
show("several", await db.insert(author).values(names).returning({ id: author.id, name: author.name, mood: author.mood }));
const values = [
  { authorId: 1, title: "A", tags: ["x", { y: null }], words: ["u", "v"], rating: 1.5 },
  { authorId: 1, title: "B", price: null, pages: 20, code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" },
  { authorId: 2, title: "C", price: "12.25", pages: 100, tags: { a: 1 } },
];
show("inserted", await db.insert(book).values(values).returning());
show("all", await db.select().from(book).orderBy(book.id));
show("update", await db.update(book).set({ pages: sql`${book.pages} + 4` }).where(eq(book.id, 1)).returning({ pages: book.pages }));
show("date", await db.update(author).set({ born: "1990-02-28" }).where(eq(author.name, "Ann")).returning({ born: author.born }));
const upsert = db.insert(author).values({ name: "Bob", mood: "happy" });
show("upsert", await upsert.onConflictDoUpdate({ target: author.name, set: { mood: "happy" } }).returning({ id: author.id, mood: author.mood }));
show("ignored", (await db.insert(author).values({ name: "Bob" }).onConflictDoNothing()).rowCount);
const again = values.slice(1).map(({ authorId, title, pages }) => ({ authorId, title, pages }));
show("excluded", await db.insert(book).values(again).onConflictDoUpdate({
  target: [book.authorId, book.title],
  set: { pages: sql`excluded.pages` },
}).returning({ id: book.id, pages: book.pages }));

section("conditions, order, pages");
const titles = async (where) => (await db.select({ title: book.title }).from(book).where(where).orderBy(book.id)).map(({ title }) => title);
show("or", await titles(or(eq(book.title, "A"), gt(book.pages, 50))));
show("null", await titles(isNull(book.price)));
show("in", await titles(inArray(book.title, ["A", "C"])));
show("like", (await db.select().from(author).where(ilike(author.name, "a%"))).length);
show("enum", await db.select({ name: author.name }).from(author).where(eq(author.mood, "happy")));
show("earlier", await db.select({ name: author.name }).from(author).where(lt(author.born, "2000-01-01")));
show("exists", await db.select({ name: author.name }).from(author).where(exists(db.select().from(book).where(eq(book.authorId, author.id)))).orderBy(asc(author.id)));
show("page", await db.select({ title: book.title }).from(book).orderBy(desc(book.title)).limit(1).offset(1));
show("counted", [await db.$count(book), await db.select({ n: count(), most: max(book.pages) }).from(book)]);
show("member", await db.select({ title: book.title, a: sql`${book.tags} ->> 'a'` }).from(book).orderBy(book.id));
show("distinct", await db.selectDistinct({ id: book.authorId }).from(book).orderBy(book.authorId));

section("relations");
const ofAuthor = eq(book.authorId, author.id);
show("joined", await db.select({ name: author.name, title: book.title }).from(author).leftJoin(book, ofAuthor).orderBy(author.id, book.id));
const grouped = db.select({ name: author.name, n: count(book.id) }).from(author).innerJoin(book, ofAuthor).groupBy(author.name);
show("grouped", await grouped.having(gt(count(book.id), 1)));
const most = db.select({ id: book.authorId, pages: max(book.pages).as("pages") }).from(book).groupBy(book.authorId).as("most");
show("subquery", await db.select({ name: author.name, pages: most.pages }).from(author).innerJoin(most, eq(most.id, author.id)).orderBy(author.id));
const dear = db.$with("dear").as(db.select().from(book).where(gt(book.price, "9")));
show("with", await db.with(dear).select({ title: dear.title }).from(dear).orderBy(dear.title));
show("union", await pg.union(db.select({ name: author.name }).from(author), db.select({ name: book.title }).from(book)).orderBy(sql`name`));
await db.insert(tag).values([{ name: "old" }, { name: "new" }]);
await db.insert(tagged).values([{ bookId: 1, tagId: 1 }, { bookId: 1, tagId: 2 }, { bookId: 2, tagId: 2 }]);
const through = db.select({ title: book.title, tag: tag.name }).from(tagged).innerJoin(book, eq(book.id, tagged.bookId));
show("through", await through.innerJoin(tag, eq(tag.id, tagged.tagId)).orderBy(book.id, tag.id));
show("first", await db.query.author.findFirst({ columns: { name: true }, orderBy: desc(author.id) }));

section("prepared");
const prepared = db.select({ title: book.title }).from(book).where(eq(book.id, sql.placeholder("id"))).prepare("by_id");
for (const id of [1, 2]) show("prepared", await prepared.execute({ id }));

section("raw SQL");
show("raw", await rows(sql`SELECT ${1}::int + 1 AS n, ${"x"}::text AS t`));

section("transactions");
await db.transaction(async (tx) => {
  await tx.insert(author).values({ name: "kept" });
  await refused("savepoint", () =>
    tx.transaction(async (inner) => {
      await inner.insert(author).values({ name: "lost" });
      await inner.insert(author).values({ name: "kept" });
    }),
  );
  show("locked", await tx.select({ name: author.name }).from(author).where(eq(author.name, "kept")).for("update"));
});
await refused("rolled back", () =>
  db.transaction(async (tx) => {
    await tx.delete(book);
    await tx.insert(book).values({ title: "F", authorId: 99 });
  }, { isolationLevel: "read committed", accessMode: "read write" }),
);
show("left", [await db.$count(author), await db.$count(book)]);

section("errors");
await refused("unique", () => db.insert(author).values({ name: "Ann" }));
await refused("foreign key", () => db.insert(book).values({ title: "F", authorId: 99 }));
await refused("null", () => db.insert(book).values({ title: null, authorId: 1 }));
await refused("enum", () => db.update(author).set({ mood: "angry" }));
await refused("table", () => db.execute(sql`SELECT * FROM nowhere`));

section("cascade, and the way back");
show("deleted", await db.delete(author).where(and(eq(author.name, "Ann"), eq(author.active, true))).returning({ name: author.name }));
show("books", await titles());
for (const name of ["d_tagged", "d_tag", "d_book", "d_author"]) await db.execute(sql`DROP TABLE ${sql.identifier(name)}`);
await db.execute(sql`DROP TYPE d_mood`);
await db.execute(sql`DROP TABLE d_kept."__drizzle_migrations"`);
await db.execute(sql`DROP SCHEMA IF EXISTS d_kept`);
await db.$client.end();
section("end");
