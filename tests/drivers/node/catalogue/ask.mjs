// What the programs of this folder print: a question, a tab, and the answer.

/** Prints what a client tells, errors as their SQLSTATEs. */
export async function told(question, ask) {
  let answer;
  try {
    answer = shown(await ask());
  } catch (error) {
    // some clients wrap what the driver throws
    const { code } = error.cause ?? error.original ?? error;
    if (!code) throw error;
    answer = `error ${code}`;
  }
  console.log(`${question}\t${answer}`);
}

/** The rows of a query that asks for no order. */
export async function unordered(rows) {
  const texts = (await rows).map((row) => [shown(row), row]);
  return texts.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** The same for the same answer: the properties of an object by name. */
function shown(value) {
  return JSON.stringify(value, (_, part) => {
    if (part === undefined) return "undefined";
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The tables and views that are asked about, each with its schema. */
export const RELATIONS = [
  ["city", "public"],
  ["street", "public"],
  ["shelf", "store"],
  ["big_city", "public"],
  ["nowhere", "public"],
];

/** A column of each. */
export const COLUMN = { city: "area", street: "length", shelf: "label", big_city: "name", nowhere: "x" };
