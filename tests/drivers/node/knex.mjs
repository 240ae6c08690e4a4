// Knex: `node knex.mjs URL` prints what the server answers to its users.

import knex from "knex";
import { fails, section, show } from "./report.mjs";

const db = knex({ client: "pg", connection: process.argv[2], pool: { min: 0, max: 4 } });

/** What its users keep in files of a folder. */
const MIGRATIONS = {
  "1_authors": {
    async up({ schema }) {
      await schema.createTable("knex_author", (table) => {
        table.increments("id");
        table.string("name", 80).notNullable().unique();
        table.enu("mood", ["sad", "ok", "happy"], { useNative: true, enumName: "knex_mood" }).defaultTo("ok");
        table.boolean("active").notNullable().defaultTo(true);
        table.timestamp("born", { useTz: false });
      });
    },
    down: ({ schema }) => schema.dropTable("knex_author"),
  },
  "2_books": {
    async up({ schema }) {
      await schema.createTable("knex_book", (table) => {
        table.bigIncrements("id");
        table.integer("author_id").unsigned().notNullable().references("knex_author.id").onDelete("CASCADE");
        table.text("title").notNullable();
        table.decimal("price", 8, 2).defaultTo(9.5);
        table.jsonb("tags");
        table.uuid("code");
        table.index(["title", "price"], "knex_book_title");
      });
    },
    down: ({ schema }) => schema.dropTable("knex_book"),
  },
  "3_changes": {
    async up({ schema }) {
      await schema.alterTable("knex_book", (table) => {
        table.integer("pages").defaultTo(0);
        table.unique(["author_id", "title"], { indexName: "knex_book_once" });
      });
    },
    async down({ schema }) {
      await schema.alterTable("knex_book", (table) => {
        table.dropUnique(["author_id", "title"], "knex_book_once");
        table.dropColumn("pages");
      });
    },
  },
};
const migrationSource = {
  getMigrations: async () => Object.keys(MIGRATIONS),
  getMigrationName: (name) => name,
  getMigration: async (name) => MIGRATIONS[name],
};
const migrate = { migrationSource, tableName: "knex_migrations" };

section("migrations");
show("latest", await db.migrate.latest(migrate));
show("again", await db.migrate.latest(migrate));
show("version", await db.migrate.currentVersion(migrate));
show("listed", (await db.migrate.list(migrate)).map((names) => names.map((name) => name.name ?? name)));
show("down", await db.migrate.down(migrate));
show("up", await db.migrate.up(migrate));
show("columns", Object.keys(await db("knex_book").columnInfo()));
show("has column", await db.schema.hasColumn("knex_book", "pages"));

section("rows");
const names = ["Ann", "Bob", "Cem"];
show("several", await db("knex_author").insert(names.map((name) => ({ name })), ["id", "name", "mood", "active"]));
const books = [
  { author_id: 1, title: "A", price: 5, tags: JSON.stringify(["x", { y: null }]), pages: 3 },
  { author_id: 1, title: "B", price: null, code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", pages: 20 },
  { author_id: 2, title: "C", price: "12.25", tags: JSON.stringify({ a: 1 }), pages: 100 },
];
show("batch", await db.batchInsert("knex_book", books, 2).returning(["id", "title"]));
show("first", await db("knex_book").where({ title: "A" }).first());
show("several", await db("knex_book").whereIn("title", ["A", "C"]).orderBy("id").select("id", "tags", "code"));
show("null", await db("knex_book").whereNull("price").pluck("title"));
show("like", await db("knex_author").whereILike("name", "a%").pluck("name"));
show("update", await db("knex_book").where("id", 1).update({ price: 6.5 }, ["id", "price"]));
show("increment", await db("knex_book").where("id", 1).increment("pages", 4));
show("counted", await db("knex_book").count({ n: "*" }).sum({ pages: "pages" }).first());
const merged = db("knex_author").insert({ name: "Ann", mood: "happy" }).onConflict("name");
show("merge", await merged.merge(["mood"]).returning(["id", "mood"]));
show("ignore", (await db("knex_author").insert({ name: "Bob" }).onConflict("name").ignore()).rowCount);

section("relations");
const joined = db("knex_author as a").leftJoin("knex_book as b", "b.author_id", "a.id");
show("joined", await joined.clone().select("a.name", "b.title").orderBy(["a.id", "b.id"]));
show("grouped", await joined.clone().groupBy("a.name").having(db.raw("count(b.id)"), ">", 0).select("a.name").count({ n: "b.id" }).orderBy("a.name"));
show("exists", await db("knex_author as a").whereExists(db("knex_book as b").whereRaw("b.author_id = a.id")).orderBy("id").pluck("name"));
show("with", await db.with("dear", db("knex_book").where("price", ">", 6)).select("title").from("dear").orderBy("title"));
show("union", await db("knex_author").select("name").union(db("knex_book").select("title")).orderBy("name"));
show("page", await db("knex_book").orderBy("title").limit(1).offset(1).pluck("title"));
show("distinct", await db("knex_book").distinct("author_id").orderBy("author_id"));

section("raw SQL");
show("values", (await db.raw("SELECT ?::int + 1 AS n, ?? FROM knex_author WHERE name = ?", [1, "name", "Bob"])).rows);
show("named", (await db.raw("SELECT :a::text AS a", { a: "x" })).rows);
show("member", await db("knex_book").select("title", db.raw("tags ->> 'a' AS a")).orderBy("id"));

section("transactions");
await db.transaction(async (transaction) => {
  await transaction("knex_author").insert({ name: "kept" });
  await fails("savepoint", () =>
    transaction.transaction(async (inner) => {
      await inner("knex_author").insert({ name: "lost" });
      await inner("knex_author").insert({ name: "kept" });
    }),
  );
  show("locked", await transaction("knex_author").where({ name: "kept" }).forUpdate().pluck("name"));
});
await fails("rolled back", () =>
  db.transaction(async (transaction) => {
    await transaction("knex_author").del();
    await transaction("knex_author").insert({ name: null });
  }, { isolationLevel: "read committed" }),
);
show("left", await db("knex_author").orderBy("id").pluck("name"));

section("errors");
await fails("unique", () => db("knex_author").insert({ name: "Ann" }));
await fails("foreign key", () => db("knex_book").insert({ author_id: 99, title: "D" }));
await fails("enum", () => db("knex_author").insert({ name: "Dee", mood: "angry" }));
await fails("column", () => db("knex_author").select("nowhere"));

section("streams");
for await (const row of db("knex_book").select("title").orderBy("id").stream()) show("row", row);

section("cascade, and the way back");
show("deleted", await db("knex_author").where({ name: "Ann" }).del());
show("books", await db("knex_book").pluck("title"));
show("rollback", await db.migrate.rollback(migrate, true));
show("has table", await db.schema.hasTable("knex_book"));
await db.raw("DROP TYPE IF EXISTS knex_mood");
await db.schema.dropTable("knex_migrations_lock").dropTable("knex_migrations");
await db.destroy();
section("end");
