// What the programs of this folder print: one line for each answer, the same for every server
// that gives it.

/** Prints the title of what follows. */
export function section(title) {
  console.log(`-- ${title}`);
}

/** Prints one answer. */
export function show(label, value) {
  console.log(`${label}: ${JSON.stringify(value, plain)}`);
}

/** Runs what must fail and prints its SQLSTATE. */
export async function fails(label, action) {
  try {
    await action();
  } catch (error) {
    if (!error.code) throw error;
    console.log(`${label}: ${error.code}`);
    return;
  }
  throw new Error(`${label}: succeeds`);
}

/** JSON knows no bigint, and would write a Buffer as a list of numbers. */
function plain(key, value) {
  const own = this[key];
  if (own instanceof Date) return `instant ${own.toISOString()}`;
  if (Buffer.isBuffer(own)) return `bytes ${own.toString("hex")}`;
  if (typeof own === "bigint") return `${own}n`;
  return value;
}

/** A value of each common type, by the name of its column. */
export const COLUMNS = {
  i2: "smallint",
  i4: "integer",
  i8: "bigint",
  f8: "double precision",
  n: "numeric(12,3)",
  b: "boolean",
  t: "text",
  v: "varchar(50)",
  bin: "bytea",
  d: "date",
  tm: "time",
  ts: "timestamp",
  u: "uuid",
  j: "json",
};

export const TABLE =
  "CREATE TABLE driver_value (id serial PRIMARY KEY, " +
  Object.entries(COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ") +
  ")";

/** Takes longer than anybody waits, on every server, once the table has some rows. */
export const LONG = "SELECT count(*) FROM driver_many a, driver_many b, driver_many c, driver_many d";

/** One row of them; dates and times as texts, which both drivers take as they are. */
export const VALUES = [
  -32768,
  2147483647,
  "9223372036854775807",
  -1.5e-7,
  "123456789.125",
  true,
  "it's “quoted” \\ \"ünï\" 🦉\n$1 ?",
  "",
  Buffer.from([0, 1, 39, 92, 255]),
  "2024-02-29",
  "23:59:58.123456",
  "2024-02-29 23:59:58.123456",
  "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
];
export const DOCUMENT = { a: [1, "zwei", null], b: { c: true } };
