//! What a statement contains, as far as its tokens tell: rules that look for
//! something else need not walk its tree.

/// A set of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u64);

impl Marks {
    /// `::`, CAST, or a word that is the name of a type before a literal.
    pub(crate) const CAST: Self = Self(1);
    /// LIMIT, OFFSET or FETCH.
    pub(crate) const LIMIT: Self = Self(1 << 1);
    /// A distance operator of pgvector, or its type.
    pub(crate) const VECTOR: Self = Self(1 << 2);
    /// A literal or identifier in a form that IRIS does not read.
    pub(crate) const LITERAL: Self = Self(1 << 3);
    /// The schema `public`.
    pub(crate) const SCHEMA: Self = Self(1 << 4);
    /// A word that IRIS reserves and PostgreSQL does not.
    pub(crate) const RESERVED: Self = Self(1 << 5);
    /// The name of a function about the session.
    pub(crate) const SESSION: Self = Self(1 << 6);
    /// TRUE, FALSE or UNKNOWN.
    pub(crate) const BOOLEAN: Self = Self(1 << 7);
    /// A word that begins or joins conditions.
    pub(crate) const CONDITION: Self = Self(1 << 8);
    /// A comparison or another predicate.
    pub(crate) const PREDICATE: Self = Self(1 << 9);
    /// CREATE, ALTER or DROP.
    pub(crate) const DEFINITION: Self = Self(1 << 10);
    /// A word of a clause that IRIS may not have.
    pub(crate) const CLAUSE: Self = Self(1 << 11);
    /// ORDER.
    pub(crate) const ORDER: Self = Self(1 << 12);
    /// `/` or `%`.
    pub(crate) const DIVISION: Self = Self(1 << 13);

    /// `||`.
    pub(crate) const CONCATENATION: Self = Self(1 << 14);
    /// CASE and what is short for it.
    pub(crate) const CHOICE: Self = Self(1 << 15);

    /// An operator between two operands of which neither is a parameter, or one in words.
    pub(crate) const OPERANDS: Self = Self(1 << 18);

    /// COLLATE.
    pub(crate) const COLLATE: Self = Self(1 << 16);

    /// RETURNING.
    pub(crate) const RETURNING: Self = Self(1 << 24);
    /// CONFLICT.
    pub(crate) const CONFLICT: Self = Self(1 << 25);
    /// What gives a value of another type than its parts have in IRIS: an operator,
    /// an aggregate, a choice.
    pub(crate) const ARITHMETIC: Self = Self(1 << 20);

    /// `$1` or `?`.
    pub(crate) const PARAMETER: Self = Self(1 << 21);

    /// UPDATE, DELETE or TRUNCATE.
    pub(crate) const WRITING: Self = Self(1 << 27);
    /// INSERT.
    pub(crate) const INSERT: Self = Self(1 << 26);
    /// A call of one of PostgreSQL's functions, or an operator in the place of one.
    pub(crate) const FUNCTION: Self = Self(1 << 30);
    /// A call of a function that is written by the types of its arguments.
    pub(crate) const TYPED_FUNCTION: Self = Self(1 << 31);
    /// No mark.
    pub(crate) const NOTHING: Self = Self(0);

    /// The marks of both sets.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// WITH.
    pub(crate) const WITH: Self = Self(1 << 40);
    /// USING or NATURAL.
    pub(crate) const USING: Self = Self(1 << 41);
    /// GROUP.
    pub(crate) const GROUP: Self = Self(1 << 42);
    /// FILTER.
    pub(crate) const FILTER: Self = Self(1 << 43);
    /// OVER or WINDOW.
    pub(crate) const WINDOW: Self = Self(1 << 44);
    /// DISTINCT.
    pub(crate) const DISTINCT: Self = Self(1 << 45);
    /// UNION, INTERSECT or EXCEPT.
    pub(crate) const SET_OPERATION: Self = Self(1 << 46);
    /// ANY, SOME or ALL.
    pub(crate) const QUANTIFIER: Self = Self(1 << 47);
    /// FOR or TABLESAMPLE.
    pub(crate) const LOCK: Self = Self(1 << 48);
    /// VALUES.
    pub(crate) const VALUES: Self = Self(1 << 49);
    /// FROM or WITH: what an alias with a list of columns may follow.
    pub(crate) const COLUMN_LIST: Self = Self(1 << 50 | 1 << 40 | 1 << 35);
    /// A name of more than 63 bytes.
    pub(crate) const LONG_NAME: Self = Self(1 << 53);
    /// A name of three parts or more.
    pub(crate) const CHAIN: Self = Self(1 << 17);
    /// A field of what stands in parentheses.
    pub(crate) const FIELD: Self = Self(1 << 19);
    /// `^`, or an operator that may stand before its operand.
    pub(crate) const SIGN: Self = Self(1 << 22);
    /// INTO.
    pub(crate) const INTO: Self = Self(1 << 52);
    /// The name of an aggregate.
    pub(crate) const AGGREGATE: Self = Self(1 << 32);
    /// SYMMETRIC or ASYMMETRIC.
    pub(crate) const SYMMETRY: Self = Self(1 << 33);
    /// TIES.
    pub(crate) const TIES: Self = Self(1 << 34);
    /// A function that returns rows.
    pub(crate) const ROWS: Self = Self(1 << 35);
    /// A word of the catalogue's.
    pub(crate) const CATALOG: Self = Self(1 << 58);
    /// An operator on bits, or a bit string.
    pub(crate) const BIT: Self = Self(1 << 59);
    /// ONLY, or another word that is left out.
    pub(crate) const UNNEEDED: Self = Self(1 << 55);
    /// OVERWRITE: what OVERRIDING is to the parser.
    pub(crate) const OVERRIDING: Self = Self(1 << 56);
    /// The name of a function of sequences.
    pub(crate) const SEQUENCE: Self = Self(1 << 60);
    /// A select list without columns.
    pub(crate) const EMPTY_LIST: Self = Self(1 << 62);
    /// MERGE.
    pub(crate) const MERGE: Self = Self(1 << 57);
    /// ARRAY.
    pub(crate) const ARRAY: Self = Self(1 << 61);
    /// `id`, beside the name of a table.
    pub(crate) const BARE_ID: Self = Self(1 << 63);
    /// What takes a document or an array apart.
    pub(crate) const ACCESS: Self = Self(1 << 36);
    /// A quoted name that IRIS does not take.
    pub(crate) const ODD_NAME: Self = Self(1 << 37);
    /// FROM.
    pub(crate) const FROM: Self = Self(1 << 50);
    /// A call in the place of a table.
    pub(crate) const SOURCE_CALL: Self = Self(1 << 23);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What an operator tells.
pub(crate) fn of_operator(operator: &str) -> Marks {
    match operator {
        "<=>" | "<#>" | "<->" | "<+>" => Marks::VECTOR,
        "/" | "%" => Marks(Marks::DIVISION.0 | Marks::ARITHMETIC.0),
        "+" | "-" | "*" => Marks::ARITHMETIC,
        "||" => Marks::CONCATENATION.and(Marks::CAST),
        "^" => Marks::ARITHMETIC.and(Marks::FUNCTION).and(Marks::SIGN),
        "@" | "|/" | "||/" => Marks::PREDICATE.and(Marks::SIGN),
        "->" | "->>" | "#>" | "#>>" | "#-" => Marks::FUNCTION.and(Marks::ACCESS),
        "|" | "<<" | ">>" | "#" => Marks::FUNCTION.and(Marks::BIT).and(Marks::ARITHMETIC),
        "&" => Marks::PREDICATE.and(Marks::BIT),
        "~" => Marks::PREDICATE
            .and(Marks::FUNCTION)
            .and(Marks::BIT)
            .and(Marks::SIGN),
        "@>" | "<@" | "?" | "?&" | "?|" | "&&" | "@?" | "@@" => {
            Marks::PREDICATE.and(Marks::FUNCTION).and(Marks::ACCESS)
        }
        "^@" | "~*" | "!~" | "!~*" => Marks::PREDICATE.and(Marks::FUNCTION),
        _ => Marks::PREDICATE,
    }
}

/// What an unquoted word tells.
pub(crate) fn of_word(word: &str) -> Marks {
    let mut marks = of_plain_word(word);
    if is_of_catalog(word) {
        marks.add(Marks::CATALOG);
    }
    marks
}

/// Names of relations, functions and types that look into the catalogue.
pub(crate) fn is_of_catalog(word: &str) -> bool {
    let begins = |start: &str| {
        word.get(..start.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    match word.as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(b'p') => begins("pg_"),
        Some(b'r') => begins("reg"),
        Some(b'h') => begins("has_"),
        Some(b't') => begins("to_reg") || begins("txid_current"),
        Some(b'i') => word.eq_ignore_ascii_case("information_schema"),
        Some(b'f') => word.eq_ignore_ascii_case("format_type"),
        Some(b'c') if word.eq_ignore_ascii_case("current_schemas") => true,
        Some(b'o' | b'c' | b's') => word.ends_with("_description"),
        _ => false,
    }
}

fn of_plain_word(word: &str) -> Marks {
    let mut upper = [0_u8; 32];
    let Some(upper) = upper.get_mut(..word.len()) else {
        return Marks::default();
    };
    upper.copy_from_slice(word.as_bytes());
    upper.make_ascii_uppercase();
    let mut marks = of_capitals(upper);
    marks.add(of_query_word(upper));
    marks
}

/// What a word tells that shapes a query.
fn of_query_word(upper: &[u8]) -> Marks {
    match upper {
        b"WITH" => Marks::WITH,
        b"USING" | b"NATURAL" => Marks::USING,
        b"GROUP" => Marks::GROUP,
        b"TRIM" => Marks::OPERANDS,
        b"FILTER" => Marks::FILTER,
        b"OVER" | b"WINDOW" => Marks::WINDOW,
        b"DISTINCT" => Marks::DISTINCT,
        b"UNION" | b"INTERSECT" | b"EXCEPT" => Marks::SET_OPERATION,
        b"ANY" | b"SOME" | b"ALL" => Marks::QUANTIFIER,
        b"UNNEST" => Marks::QUANTIFIER.and(Marks::ROWS).and(Marks::CAST),
        b"GENERATE_SERIES" => Marks::ROWS.and(Marks::CAST),
        b"FOR" | b"TABLESAMPLE" => Marks::LOCK,
        b"COUNT" | b"SUM" | b"AVG" | b"MIN" | b"MAX" | b"STRING_AGG" | b"ARRAY_AGG"
        | b"BOOL_AND" | b"BOOL_OR" | b"EVERY" | b"HAVING" => Marks::AGGREGATE,
        b"SYMMETRIC" | b"ASYMMETRIC" => Marks::SYMMETRY,
        b"VALUES" => Marks::VALUES,
        b"FROM" => Marks::FROM,
        b"NEXTVAL" | b"CURRVAL" | b"LASTVAL" | b"SETVAL" => Marks::SEQUENCE,
        // What it becomes has all of these.
        b"MERGE" => Marks(
            Marks::MERGE.0
                | Marks::FROM.0
                | Marks::WRITING.0
                | Marks::INSERT.0
                | Marks::CONDITION.0,
        ),
        b"OVERWRITE" => Marks::OVERRIDING,
        b"ARRAY" => Marks::ARRAY,
        b"CARDINALITY"
        | b"WITHIN"
        | b"REGEXP_MATCHES"
        | b"REGEXP_SPLIT_TO_TABLE"
        | b"STRING_TO_TABLE" => Marks::ACCESS,
        _ if upper.starts_with(b"JSON") || upper.starts_with(b"ARRAY_") => Marks::ACCESS,
        b"INTO" => Marks::INTO,
        b"TIES" => Marks::TIES,
        _ => Marks::default(),
    }
}

fn of_capitals(upper: &[u8]) -> Marks {
    match upper {
        b"CAST" | b"DATE" | b"TIME" | b"TIMESTAMP" | b"TIMESTAMPTZ" | b"TIMETZ" | b"INTERVAL"
        | b"BOOL" | b"BOOLEAN" | b"TEXT" | b"VARCHAR" | b"UUID" | b"NUMERIC" | b"DECIMAL"
        | b"INT" | b"INTEGER" | b"INT2" | b"INT4" | b"INT8" | b"BIGINT" | b"SMALLINT" | b"REAL"
        | b"FLOAT" | b"FLOAT4" | b"FLOAT8" | b"DOUBLE" | b"BYTEA" | b"JSON" | b"JSONB"
        | b"CHAR" | b"CHARACTER" | b"BPCHAR" => Marks(Marks::CAST.0 | reserved(upper).0),
        b"LIMIT" | b"OFFSET" | b"FETCH" => Marks::LIMIT,
        // What is called without parentheses, or is an operator in words.
        b"CURRENT_TIMESTAMP" | b"CURRENT_DATE" | b"CURRENT_TIME" | b"LOCALTIMESTAMP"
        | b"LOCALTIME" | b"OVERLAPS" => Marks(Marks::FUNCTION.0 | reserved(upper).0),
        b"ZONE" => Marks::FUNCTION.and(Marks::TYPED_FUNCTION),
        b"TRUE" | b"FALSE" | b"UNKNOWN" => Marks::BOOLEAN,
        b"WHERE" => Marks::CONDITION,
        b"ON" | b"HAVING" | b"WHEN" => Marks(Marks::CONDITION.0 | Marks::OPERANDS.0),
        b"NOT" | b"AND" | b"OR" => {
            Marks(Marks::CONDITION.0 | Marks::PREDICATE.0 | Marks::OPERANDS.0)
        }
        b"IS" | b"ISNULL" | b"NOTNULL" | b"IN" | b"LIKE" | b"ILIKE" | b"SIMILAR" | b"BETWEEN"
        | b"EXISTS" => Marks(Marks::PREDICATE.0 | Marks::OPERANDS.0),
        b"CREATE" | b"DROP" => Marks(Marks::DEFINITION.0 | reserved(upper).0),
        b"RETURNING" => Marks::RETURNING,
        b"INSERT" => Marks::INSERT,
        b"UPDATE" | b"DELETE" | b"TRUNCATE" => Marks::WRITING,
        b"CONFLICT" => Marks(Marks::CLAUSE.0 | Marks::CONFLICT.0),
        b"VALUES" | b"RECURSIVE" => Marks(Marks::CLAUSE.0 | reserved(upper).0),
        b"ORDER" => Marks::ORDER,
        b"COLLATE" => Marks(Marks::COLLATE.0 | reserved(upper).0),
        b"ALTER" => Marks(Marks::DEFINITION.0 | Marks::RESERVED.0),
        b"VECTOR" | b"HALFVEC" | b"SPARSEVEC" => Marks::VECTOR,
        b"PUBLIC" => Marks(Marks::SCHEMA.0 | Marks::RESERVED.0),
        b"VERSION"
        | b"CURRENT_DATABASE"
        | b"CURRENT_CATALOG"
        | b"CURRENT_SCHEMA"
        | b"CURRENT_SCHEMAS"
        | b"CURRENT_USER"
        | b"SESSION_USER"
        | b"CURRENT_ROLE"
        | b"CURRENT_SETTING"
        | b"SET_CONFIG"
        | b"PG_BACKEND_PID"
        | b"PG_IS_IN_RECOVERY"
        | b"INET_SERVER_ADDR"
        | b"INET_SERVER_PORT"
        | b"INET_CLIENT_ADDR"
        | b"INET_CLIENT_PORT"
        | b"PG_SLEEP"
        | b"PG_ADVISORY_LOCK"
        | b"PG_ADVISORY_LOCK_SHARED"
        | b"PG_ADVISORY_XACT_LOCK"
        | b"PG_ADVISORY_XACT_LOCK_SHARED"
        | b"PG_TRY_ADVISORY_LOCK"
        | b"PG_TRY_ADVISORY_LOCK_SHARED"
        | b"PG_TRY_ADVISORY_XACT_LOCK"
        | b"PG_TRY_ADVISORY_XACT_LOCK_SHARED"
        | b"PG_ADVISORY_UNLOCK"
        | b"PG_ADVISORY_UNLOCK_SHARED"
        | b"PG_ADVISORY_UNLOCK_ALL" => Marks::SESSION,
        b"COALESCE" | b"CASE" | b"GREATEST" | b"LEAST" | b"NULLIF" => {
            Marks(Marks::ARITHMETIC.0 | Marks::CHOICE.0 | Marks::CAST.0 | reserved(upper).0)
        }
        b"SUM" | b"AVG" | b"MIN" | b"MAX" | b"ABS" | b"ROUND" | b"CEIL" | b"CEILING" | b"FLOOR"
        | b"SQRT" | b"POWER" | b"MOD" => Marks(Marks::ARITHMETIC.0 | reserved(upper).0),
        b"USER" => Marks(Marks::SESSION.0 | Marks::RESERVED.0),
        other => reserved(other),
    }
}

fn reserved(upper: &[u8]) -> Marks {
    let known = std::str::from_utf8(upper).is_ok_and(crate::reserved::only_in_iris);
    if known {
        Marks::RESERVED
    } else {
        Marks::default()
    }
}
