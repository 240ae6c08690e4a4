// Prisma: `node prisma.mjs URL` prints what the server answers to its users. `prisma/client.cjs` is
// what `prisma generate` makes of `prisma/schema.prisma`, with the runtime of the package.

import { readFile } from "node:fs/promises";
import { PrismaPg } from "@prisma/adapter-pg";
import generated from "./prisma/client.cjs";
import { files, schemaEngine } from "./prisma-engine.mjs";
import { fails, section, show } from "./report.mjs";

const url = process.argv[2];
const { Prisma, PrismaClient } = generated;
const content = await readFile(new URL("prisma/schema.prisma", import.meta.url), "utf8");

section("the schema");
const engine = await schemaEngine(url, content);
const filters = { externalTables: [], externalEnums: [] };
show("push", await engine.schemaPush({ force: false, schema: files(content), filters }));
engine.free();

const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
const { author, book, tag } = db;
const titles = async (options) => (await book.findMany({ orderBy: { id: "asc" }, ...options })).map(({ title }) => title);

section("rows");
const made = { name: "Ann", born: new Date("1990-02-28"), books: { create: { title: "A", about: ["x", { y: null }], cover: Buffer.from([0, 255]), words: ["u", "v"] } } };
show("create", await author.create({ data: made, include: { books: true } }));
show("several", await author.createMany({ data: [{ name: "Bob", mood: "sad" }, { name: "Cem" }] }));
const books = [
  { title: "B", authorId: 1, price: null, pages: 20, code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", rating: 1.5 },
  { title: "C", authorId: 2, price: "12.25", pages: 100, about: { a: 1 } },
];
show("returned", await book.createManyAndReturn({ data: books, select: { id: true, title: true, price: true } }));
show("skipped", await author.createMany({ data: [{ name: "Bob" }, { name: "Dee" }], skipDuplicates: true }));
show("by key", await book.findUnique({ where: { id: 1 } }));
show("by two", await book.findUnique({ where: { authorId_title: { authorId: 2, title: "C" } }, select: { id: true } }));
show("absent", await book.findUnique({ where: { id: 99 } }));
show("update", await book.update({ where: { id: 1 }, data: { pages: { increment: 3 }, rating: 0.25 }, select: { pages: true, rating: true } }));
show("many", await book.updateMany({ where: { title: { in: ["A", "B"] } }, data: { price: 6.5 } }));
const upsert = (name, mood) => author.upsert({ where: { name }, create: { name, mood }, update: { mood } });
show("upsert", [await upsert("Bob", "happy"), await upsert("Eve", "ok")]);

section("conditions, order, pages");
show("or", await titles({ where: { OR: [{ title: "A" }, { pages: { gte: 100 } }] } }));
show("null", await titles({ where: { rating: null } }));
show("not", await titles({ where: { NOT: { title: "A" } } }));
show("contains", (await author.findMany({ where: { name: { contains: "N", mode: "insensitive" } } })).map(({ name }) => name));
show("starts", (await author.findMany({ where: { name: { startsWith: "B" } } })).map(({ name }) => name));
show("enum", (await author.findMany({ where: { mood: { in: ["happy"] } } })).map(({ name }) => name));
show("date", (await author.findMany({ where: { born: { lt: new Date("2000-01-01") } } })).map(({ name }) => name));
show("page", await titles({ take: 1, skip: 1 }));
show("cursor", await titles({ take: 2, skip: 1, cursor: { id: 1 } }));
show("last", await titles({ take: -1 }));
show("counted", [await book.count(), await book.count({ where: { authorId: 1 } })]);
show("aggregate", await book.aggregate({ _sum: { pages: true }, _max: { price: true }, _avg: { pages: true } }));
show("grouped", await book.groupBy({ by: ["authorId"], _count: true, _sum: { pages: true }, orderBy: { authorId: "asc" } }));
show("distinct", await book.findMany({ distinct: ["authorId"], orderBy: { id: "asc" }, select: { authorId: true } }));

section("relations");
const ordered = { orderBy: { id: "asc" } };
const included = await author.findMany({ ...ordered, include: { books: { ...ordered, select: { title: true } } } });
show("included", included.map(({ name, books }) => [name, books]));
show("some", (await author.findMany({ where: { books: { some: { pages: { gt: 50 } } } } })).map(({ name }) => name));
show("none", (await author.findMany({ ...ordered, where: { books: { none: {} } } })).map(({ name }) => name));
show("across", await titles({ where: { author: { name: "Bob" } } }));
show("how many", await author.findMany({ ...ordered, select: { name: true, _count: { select: { books: true } } } }));
const old = { connectOrCreate: { where: { name: "old" }, create: { name: "old" } } };
show("many to many", await book.update({ where: { id: 1 }, data: { tags: { ...old, create: { name: "new" } } }, select: { tags: { orderBy: { name: "asc" } } } }));
show("one less", await book.update({ where: { id: 1 }, data: { tags: { disconnect: { name: "old" } } }, select: { tags: true } }));
show("connected", await tag.update({ where: { name: "new" }, data: { books: { connect: { id: 2 } } }, select: { books: { ...ordered, select: { title: true } } } }));
show("by the other", await book.findMany({ orderBy: [{ author: { name: "desc" } }, { id: "asc" }], select: { title: true } }));

section("raw SQL");
show("query", await db.$queryRaw`SELECT ${1}::int + 1 AS n, name FROM p_author WHERE name = ${"Bob"}`);
show("execute", await db.$executeRaw`UPDATE p_book SET pages = pages + 1 WHERE id IN (${Prisma.join([1, 2])})`);

section("transactions");
const counts = await db.$transaction([author.count(), book.updateMany({ data: { rating: 1 } })]);
show("at once", counts);
await db.$transaction(async (tx) => {
  await tx.author.create({ data: { name: "kept" } });
  show("inside", await tx.author.count());
}, { isolationLevel: "ReadCommitted" });
await fails("rolled back", () =>
  db.$transaction(async (tx) => {
    await tx.book.deleteMany();
    await tx.book.create({ data: { title: "F", authorId: 99 } });
  }),
);
show("left", [await author.count(), await book.count()]);

section("errors");
await fails("unique", () => author.create({ data: { name: "Ann" } }));
await fails("foreign key", () => book.create({ data: { title: "F", authorId: 99 } }));
await fails("not found", () => book.update({ where: { id: 99 }, data: { title: "G" } }));
await fails("table", () => db.$queryRaw`SELECT * FROM nowhere`);

section("cascade, and the way back");
show("deleted", await author.delete({ where: { name: "Ann" }, select: { name: true } }));
show("books", await titles());
show("none", await book.deleteMany());
for (const name of [`"_BookToTag"`, "p_tag", "p_book", "p_author"]) await db.$executeRawUnsafe(`DROP TABLE ${name}`);
await db.$executeRaw`DROP TYPE p_mood`;
await db.$disconnect();
section("end");
process.exit();
