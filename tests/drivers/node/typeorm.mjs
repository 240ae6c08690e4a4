// TypeORM: `node typeorm.mjs URL` prints what the server answers to its users.

import typeorm from "typeorm";
import { PostgresQueryRunner } from "typeorm/driver/postgres/PostgresQueryRunner.js";
import { fails, section, show } from "./report.mjs";

const { DataSource, EntitySchema, ILike, In, IsNull, LessThan, Like, MoreThanOrEqual, Not, Between, Raw } = typeorm;

// it asks for both in FROM, where not every server has functions that return one value
const asked = { getCurrentSchema: "current_schema", getCurrentDatabase: "current_database" };
for (const [method, name] of Object.entries(asked)) {
  PostgresQueryRunner.prototype[method] = async function () {
    return (await this.query(`SELECT ${name}()`))[0][name];
  };
}

const Author = new EntitySchema({
  name: "author",
  tableName: "t_author",
  columns: {
    id: { type: Number, primary: true, generated: true },
    name: { type: "varchar", length: 80, unique: true },
    mood: { type: "enum", enum: ["sad", "ok", "happy"], default: "ok" },
    active: { type: "boolean", default: true },
    born: { type: "date", nullable: true },
    made: { type: "timestamp", createDate: true },
    changed: { type: "timestamp", updateDate: true },
    left: { type: "timestamp", deleteDate: true, nullable: true },
    version: { type: "int", version: true },
  },
  relations: { books: { type: "one-to-many", target: "book", inverseSide: "author", cascade: true } },
});
const Book = new EntitySchema({
  name: "book",
  tableName: "t_book",
  columns: {
    id: { type: "bigint", primary: true, generated: "identity" },
    title: { type: "text" },
    price: { type: "numeric", precision: 8, scale: 2, nullable: true },
    pages: { type: "int", default: 0 },
    about: { type: "jsonb", nullable: true },
    code: { type: "uuid", nullable: true },
    cover: { type: "bytea", nullable: true },
    rating: { type: "double precision", nullable: true },
    words: { type: "simple-array", nullable: true },
  },
  relations: {
    author: { type: "many-to-one", target: "author", inverseSide: "books", onDelete: "CASCADE", nullable: false },
    tags: { type: "many-to-many", target: "tag", joinTable: { name: "t_book_tag" } },
  },
  indices: [{ name: "t_book_title", columns: ["title"] }],
  uniques: [{ name: "t_book_once", columns: ["author", "title"] }],
});
const Tag = new EntitySchema({
  name: "tag",
  tableName: "t_tag",
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: "varchar", length: 20, unique: true } },
});

/** A migration as its users write it. */
class Columns1700000000000 {
  async up(runner) {
    const column = { name: "extra", type: "varchar", length: "20", isNullable: true, default: "'x'" };
    await runner.addColumn("t_book", new typeorm.TableColumn(column));
  }
  async down(runner) {
    await runner.dropColumn("t_book", "extra");
  }
}

const source = new DataSource({
  type: "postgres",
  url: process.argv[2],
  entities: [Author, Book, Tag],
  migrations: [Columns1700000000000],
  migrationsTableName: "t_migration",
});
await source.initialize();
const authors = source.getRepository("author");
const books = source.getRepository("book");
const tags = source.getRepository("tag");
/** Without what differs from one run to the next. */
const plain = (entity) =>
  JSON.parse(JSON.stringify(entity, (key, value) => (["made", "changed", "left"].includes(key) ? undefined : value)));
const titles = async (options) => (await books.find({ order: { id: "ASC" }, ...options })).map(({ title }) => title);

section("the schema");
await source.synchronize();
const todo = async () => {
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  // the defaults of the times of authors are told in other words
  return upQueries.map(({ query }) => query).filter((query) => !query.includes("t_author"));
};
show("to do", await todo());
await source.synchronize();
show("pending", await source.showMigrations());
show("migrated", (await source.runMigrations()).map(({ name }) => name));
show("again", await source.runMigrations());
show("to do", await todo());
await source.undoLastMigration();
show("undone", await todo());
const runner = source.createQueryRunner();
const table = await runner.getTable("t_book");
show("columns", table.columns.map(({ name, type, isNullable }) => [name, type, isNullable]).sort());
show("foreign keys", table.foreignKeys.map(({ columnNames, onDelete }) => [columnNames, onDelete]));
await runner.release();

section("rows");
const ann = await authors.save({ name: "Ann", born: "1990-02-28", books: [{ title: "A", price: 9.5, about: ["x", { y: null }], cover: Buffer.from([0, 255]) }] });
show("save", plain(ann));
show("several", plain(await authors.save([{ name: "Bob", mood: "sad" }, { name: "Cem", active: false }])));
show("insert", (await books.insert([
  { title: "B", author: ann, price: null, pages: 20, code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", rating: 1.5 },
  { title: "C", author: { id: 2 }, price: 12.25, pages: 100, about: { a: 1 }, words: ["u", "v"] },
])).identifiers);
show("by key", plain(await books.findOneBy({ id: 1 })));
show("absent", await books.findOneBy({ id: 99 }));
show("update", (await books.update({ title: In(["A", "B"]) }, { pages: 7 })).affected);
show("increment", (await books.increment({ id: 1 }, "pages", 3)).affected);
const one = await books.findOneBy({ id: 1 });
one.rating = 0.25;
show("changed", (await books.save(one)).pages);
await authors.update({ name: "Bob" }, { mood: "happy" });
show("enum", plain(await authors.findOneBy({ name: "Bob" })));
for (const rating of [2, 3]) {
  const row = { title: "C", author: { id: 2 }, rating };
  await books.upsert(row, { conflictPaths: ["author", "title"], skipUpdateIfNoValuesChanged: rating === 3 });
  show("upsert", (await books.findOneBy({ title: "C" })).rating);
}
show("soft", (await authors.softDelete({ name: "Cem" })).affected);
show("seen", (await authors.find({ order: { id: "ASC" } })).map(({ name }) => name));
show("all", (await authors.find({ order: { id: "ASC" }, withDeleted: true })).map(({ name }) => name));
show("restored", (await authors.restore({ name: "Cem" })).affected);

section("conditions, order, pages");
show("or", await titles({ where: [{ title: "A" }, { pages: MoreThanOrEqual(100) }] }));
show("null", await titles({ where: { price: IsNull() } }));
show("not", await titles({ where: { title: Not("A") } }));
show("between", await titles({ where: { price: Between(9, 10) } }));
show("like", (await authors.findBy({ name: ILike("a%") })).map(({ name }) => name));
show("starts", (await authors.findBy({ name: Like("B%") })).map(({ name }) => name));
show("enum", (await authors.findBy({ mood: "happy" })).map(({ name }) => name));
show("date", (await authors.findBy({ born: LessThan("2000-01-01") })).map(({ name }) => name));
show("raw", await titles({ where: { about: Raw((name) => `${name} ->> 'a' = '1'`) } }));
show("page", await titles({ take: 1, skip: 1 }));
const [page, count] = await books.findAndCount({ take: 2, order: { title: "DESC" } });
show("and count", [count, page.map(({ title }) => title)]);
show("sum", [await books.sum("pages"), await books.maximum("price"), await books.countBy({ author: { id: 1 } })]);
show("exists", await books.exists({ where: { title: "C" } }));

section("relations");
const included = { relations: { books: true }, order: { id: "ASC", books: { id: "ASC" } } };
show("joined", (await authors.find(included)).map((author) => [author.name, author.books.map(({ title }) => title)]));
show("page", (await authors.find({ ...included, take: 2 })).map((author) => [author.name, author.books.length]));
show("apart", (await authors.find({ ...included, relationLoadStrategy: "query" })).map(({ books }) => books.length));
show("across", await titles({ where: { author: { name: "Bob" } } }));
one.tags = await tags.save([{ name: "old" }, { name: "new" }]);
await books.save(one);
const tagged = () => books.findOne({ where: { id: 1 }, relations: { tags: true }, order: { tags: { name: "ASC" } } });
show("many to many", (await tagged()).tags.map(({ name }) => name));
one.tags = one.tags.filter(({ name }) => name === "new");
await books.save(one);
show("one less", (await tagged()).tags.map(({ name }) => name));
await source.createQueryBuilder().relation("book", "tags").of(2).add(2);
show("both", (await books.find({ relations: { tags: true }, where: { tags: { name: "new" } }, order: { id: "ASC" } })).length);

section("queries that are built");
const built = books.createQueryBuilder("b").innerJoin("b.author", "a");
const grouped = built.clone().select("a.name", "name").addSelect("COUNT(*)", "n").groupBy("a.name");
show("grouped", await grouped.having("COUNT(*) > :n", { n: 0 }).orderBy("name").getRawMany());
const some = built.clone().where("a.name = :name AND b.pages IN (:...pages)", { name: "Ann", pages: [7, 10] });
show("where", (await some.orderBy("b.title", "DESC").getMany()).map(({ title }) => title));
const most = (query) => `b.pages = ${query.subQuery().select("MAX(x.pages)").from("book", "x").getQuery()}`;
show("subquery", (await built.clone().where(most).getOneOrFail()).title);
const changed = books.createQueryBuilder().update().set({ price: () => "price + 1" }).where("id = :id", { id: 3 });
show("update", (await changed.returning(["id", "price"]).execute()).raw);
show("raw", await source.query("SELECT $1::int + 1 AS n", [1]));
const rows = await books.createQueryBuilder("b").select("b.title", "title").orderBy("b.id").stream();
for await (const row of rows) show("streamed", row);

section("transactions");
await source.transaction(async (manager) => {
  await manager.save("author", { name: "kept" });
  await fails("savepoint", () =>
    manager.transaction(async (inner) => {
      await inner.save("author", { name: "lost" });
      await inner.insert("author", { name: "kept" });
    }),
  );
  const lock = { mode: "pessimistic_write" };
  show("locked", (await manager.findOne("author", { where: { name: "kept" }, lock })).name);
});
await fails("rolled back", () =>
  source.transaction("READ COMMITTED", async (manager) => {
    await manager.delete("book", { title: Not("") });
    await manager.insert("book", { title: "F", author: { id: 99 } });
  }),
);
show("left", [await authors.count(), await books.count()]);

section("errors");
await fails("unique", () => authors.insert({ name: "Ann" }));
await fails("foreign key", () => books.insert({ title: "F", author: { id: 99 } }));
await fails("null", () => books.insert({ author: { id: 1 } }));
await fails("enum", () => authors.update({ id: 1 }, { mood: "angry" }));
await fails("table", () => source.query("SELECT * FROM nowhere"));

section("cascade, and the way back");
show("deleted", (await authors.delete({ name: "Ann" })).affected);
show("books", await titles());
await books.remove(await books.find());
show("none", await books.count());
for (const name of ["t_book_tag", "t_book", "t_tag", "t_author", "t_migration"]) await source.query(`DROP TABLE ${name}`);
await source.query("DROP TYPE t_author_mood_enum");
await source.destroy();
section("end");
