// Sequelize: `node sequelize.mjs URL` prints what the server answers to its users.

import { DataTypes, Op, QueryTypes, Sequelize } from "sequelize";
import { fails, section, show } from "./report.mjs";

// the session's time zone is left as it is: an interval in SET TIME ZONE is not understood by every server
const define = { underscored: true };
const sequelize = new Sequelize(process.argv[2], { logging: false, keepDefaultTimezone: true, define });
/** What a model holds, without what differs from one run to the next. */
const plain = (model) => JSON.parse(JSON.stringify(model, (key, value) => (/ed_?[aA]t$/.test(key) ? undefined : value)));
const refused = (label, action) =>
  fails(label, async () => {
    try {
      await action();
    } catch (error) {
      throw error.original ?? error;
    }
  });

const Author = sequelize.define("Author", {
  name: { type: DataTypes.STRING(80), allowNull: false, unique: true },
  mood: { type: DataTypes.ENUM("sad", "ok", "happy"), defaultValue: "ok" },
  active: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: true },
  born: DataTypes.DATEONLY,
});
const Book = sequelize.define(
  "Book",
  {
    id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
    title: { type: DataTypes.TEXT, allowNull: false },
    price: { type: DataTypes.DECIMAL(8, 2), defaultValue: 9.5 },
    pages: { type: DataTypes.INTEGER, defaultValue: 0 },
    tags: DataTypes.JSONB,
    code: { type: DataTypes.UUID, defaultValue: null },
    cover: DataTypes.BLOB,
    rating: DataTypes.DOUBLE,
  },
  { indexes: [{ fields: ["title", "price"] }, { unique: true, fields: ["author_id", "title"] }] },
);
const Tag = sequelize.define("Tag", { name: { type: DataTypes.STRING, unique: true } }, { timestamps: false });
Author.hasMany(Book, { foreignKey: { allowNull: false }, onDelete: "CASCADE" });
Book.belongsTo(Author);
Book.belongsToMany(Tag, { through: "book_tag", timestamps: false });
Tag.belongsToMany(Book, { through: "book_tag", timestamps: false });

section("the schema");
// by itself it makes the type in a DO block
await sequelize.query(`CREATE TYPE "enum_authors_mood" AS ENUM ('sad', 'ok', 'happy')`);
show("sync", Object.keys((await sequelize.sync()).models));
show("again", Object.keys((await sequelize.sync()).models));
show("alter", (await Tag.sync({ alter: true })).name);
const asked = sequelize.getQueryInterface();
const { id, ...columns } = await asked.describeTable("authors");
show("columns", [id.type, id.primaryKey, Object.entries(columns).sort()]);
await asked.addColumn("books", "extra", { type: DataTypes.STRING, defaultValue: "x" });
await asked.renameColumn("books", "extra", "other");
show("renamed", Object.keys(await asked.describeTable("books")));
await asked.removeColumn("books", "other");
await asked.addIndex("books", ["pages"], { name: "book_pages" });
show("indexes", (await asked.showIndex("books")).map(({ name, unique }) => [name, unique]).sort());
await asked.removeIndex("books", "book_pages");

section("rows");
show("create", plain(await Author.create({ name: "Ann", born: "1990-02-28" })));
show("several", plain(await Author.bulkCreate([{ name: "Bob", mood: "sad" }, { name: "Cem", active: false }])));
const book = await Book.create({ title: "A", AuthorId: 1, tags: ["x", { y: null }], cover: Buffer.from([0, 255]), rating: 1.5 });
show("reloaded", plain(await book.reload()));
await Book.bulkCreate([
  { title: "B", AuthorId: 1, price: null, pages: 20, code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" },
  { title: "C", AuthorId: 2, price: 12.25, pages: 100, tags: { a: 1 } },
]);
show("by key", plain(await Book.findByPk(2)));
show("absent", await Book.findByPk(99));
show("update", await Book.update({ pages: 7 }, { where: { title: { [Op.in]: ["A", "B"] } } }));
show("returning", plain((await Book.update({ price: 6.5 }, { where: { id: 1 }, returning: ["id", "price"] }))[1]));
await book.increment("pages", { by: 3 });
show("increment", (await book.reload()).pages);
show("save", (await book.set({ rating: null }).save()).rating);
const [upserted] = await Author.upsert({ name: "Bob", mood: "happy" }, { conflictFields: ["name"] });
show("upsert", plain(upserted));
// findOrCreate() makes a function for itself
const [found, made] = await Author.findCreateFind({ where: { name: "Dee" }, defaults: { mood: "sad" } });
show("find or create", [plain(found), made]);
show("again", (await Author.findCreateFind({ where: { name: "Dee" } }))[1]);
const replaced = [{ id: 3, title: "C", AuthorId: 2, pages: 101 }];
show("bulk upsert", plain(await Book.bulkCreate(replaced, { updateOnDuplicate: ["pages"] })).length);

section("conditions, order, pages");
const titles = async (options) => (await Book.findAll({ order: ["id"], ...options })).map(({ title }) => title);
show("or", await titles({ where: { [Op.or]: [{ title: "A" }, { pages: { [Op.gte]: 100 } }] } }));
show("null", await titles({ where: { price: null } }));
show("between", await titles({ where: { price: { [Op.between]: [6, 7] } } }));
show("like", (await Author.findAll({ where: { name: { [Op.iLike]: "a%" } } })).length);
show("starts", (await Author.findAll({ where: { name: { [Op.startsWith]: "B" } } })).length);
show("enum", (await Author.findAll({ where: { mood: "happy" } })).map(({ name }) => name));
show("date", (await Author.findAll({ where: { born: { [Op.lt]: "2000-01-01" } } })).map(({ name }) => name));
show("page", await titles({ limit: 1, offset: 1 }));
const counted = await Book.findAndCountAll({ limit: 2, order: [["title", "DESC"]] });
show("and count", [counted.count, counted.rows.map(({ title }) => title)]);
show("sum", [await Book.sum("pages"), await Book.max("price"), await Book.count({ where: { AuthorId: 1 } })]);
const per = [[sequelize.fn("COUNT", sequelize.col("id")), "n"], "AuthorId"];
show("grouped", await Book.findAll({ attributes: per, group: ["AuthorId"], order: ["AuthorId"], raw: true }));
show("member", await titles({ where: { "tags.a": 1 } }));
show("members", await titles({ where: { tags: { a: { [Op.gt]: 0 } } } }));

section("relations");
const included = { include: Book, order: ["id", [Book, "id", "ASC"]] };
show("joined", (await Author.findAll(included)).map((author) => [author.name, author.Books.map(({ title }) => title)]));
show("page", (await Author.findAll({ ...included, limit: 2 })).map((author) => [author.name, author.Books.length]));
show("inner", (await Author.findAll({ include: { model: Book, where: { title: "C" } } })).map(({ name }) => name));
const tags = await Tag.bulkCreate([{ name: "old" }, { name: "new" }]);
await book.setTags(tags);
show("many to many", (await book.getTags({ order: ["name"] })).map(({ name }) => name));
await book.removeTag(tags[0]);
show("counted", await book.countTags());
show("across", await titles({ include: { model: Tag, where: { name: "new" } } }));
const author = await Author.findByPk(1);
show("made", plain(await author.createBook({ title: "E" })).AuthorId);
show("parent", (await (await Book.findOne({ where: { title: "C" } })).getAuthor()).name);

section("raw SQL");
const select = { type: QueryTypes.SELECT };
show("replaced", await sequelize.query("SELECT :n::int + 1 AS n", { ...select, replacements: { n: 1 } }));
show("bound", await sequelize.query('SELECT name FROM authors WHERE name = $1', { ...select, bind: ["Bob"] }));

section("transactions");
await sequelize.transaction(async (transaction) => {
  await Author.create({ name: "kept" }, { transaction });
  await refused("savepoint", () =>
    sequelize.transaction({ transaction }, async (inner) => {
      await Author.create({ name: "lost" }, { transaction: inner });
      await Author.create({ name: "kept" }, { transaction: inner });
    }),
  );
  const locked = await Author.findOne({ where: { name: "kept" }, lock: transaction.LOCK.UPDATE, transaction });
  show("locked", locked.name);
});
await refused("rolled back", () =>
  sequelize.transaction(async (transaction) => {
    await Book.destroy({ where: {}, transaction });
    await Book.create({ title: "F", AuthorId: 99 }, { transaction });
  }),
);
show("left", await Author.count());

section("errors");
await refused("unique", () => Author.create({ name: "Ann" }));
await refused("foreign key", () => Book.create({ title: "F", AuthorId: 99 }));
await refused("enum", () => sequelize.query(`UPDATE authors SET mood = 'angry'`));
await refused("column", () => Author.findAll({ attributes: ["nowhere"] }));
await refused("table", () => sequelize.query("SELECT * FROM nowhere"));

section("cascade, and the way back");
show("deleted", await Author.destroy({ where: { name: "Ann" } }));
show("books", await titles());
await Book.truncate({ cascade: true });
show("none", await Book.count());
await sequelize.drop({});
show("tables", (await asked.showAllTables()).filter((name) => /^(authors|books|tags)$/.test(name)));
await sequelize.close();
section("end");
