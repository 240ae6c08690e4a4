//! Functions for patterns, encodings, formats and quoting: what IRIS has least of.

use sqlparser::ast::Expr;

use super::{ANY, Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::oid;

const TEXT: Returns = Returns::Type(oid::TEXT);
const BYTEA: Returns = Returns::Type(oid::BYTEA);
const PATTERN: &str =
    "IRIS has no regular expressions: use LIKE, strpos or split_part, or match in the client";
const IN_CLIENT: &str = "compute it in the client, and pass it as a parameter";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &[
            "regexp_match",
            "regexp_matches",
            "regexp_replace",
            "regexp_split_to_array",
            "regexp_split_to_table",
            "regexp_count",
            "regexp_instr",
            "regexp_like",
            "regexp_substr",
        ],
        (2, ANY),
        Returns::Unknown,
        Fate::Refused(PATTERN),
    ),
    Entry::new(
        &["sha256"],
        (1, 1),
        BYTEA,
        Fate::Translated("`HASHBYTES('SHA256', x)`", |call| hash(call, "SHA256")),
    )
    .needing("2025.1", |version| version.has_hashes()),
    Entry::new(
        &["sha384"],
        (1, 1),
        BYTEA,
        Fate::Translated("`HASHBYTES('SHA384', x)`", |call| hash(call, "SHA384")),
    )
    .needing("2025.1", |version| version.has_hashes()),
    Entry::new(
        &["sha512"],
        (1, 1),
        BYTEA,
        Fate::Translated("`HASHBYTES('SHA512', x)`", |call| hash(call, "SHA512")),
    )
    .needing("2025.1", |version| version.has_hashes()),
    Entry::new(
        &["md5"],
        (1, 1),
        TEXT,
        Fate::Refused("from IRIS 2025.1 there are sha256, sha384 and sha512"),
    ),
    Entry::new(&["sha224"], (1, 1), BYTEA, Fate::Refused(IN_CLIENT)),
    Entry::new(
        &["crc32", "crc32c"],
        (1, 1),
        Returns::Type(oid::INT8),
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(
        &["encode", "decode"],
        (2, 2),
        Returns::Unknown,
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(
        &["convert_from", "convert_to"],
        (2, 2),
        Returns::Unknown,
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(
        &["to_hex", "to_bin", "to_oct"],
        (1, 1),
        TEXT,
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(
        &["format"],
        (1, ANY),
        TEXT,
        Fate::Refused("put the text together with || or concat"),
    ),
    Entry::new(
        &["quote_ident", "quote_literal", "quote_nullable"],
        (1, 1),
        TEXT,
        Fate::Refused("quote in the client"),
    ),
    Entry::new(&["to_ascii"], (1, 2), TEXT, Fate::Refused(IN_CLIENT)),
    Entry::new(&["unistr"], (1, 1), TEXT, Fate::Refused("use U&'…'")),
    Entry::new(&["normalize"], (1, 2), TEXT, Fate::Refused(IN_CLIENT)),
    Entry::new(
        &["unaccent"],
        (1, 2),
        TEXT,
        Fate::Refused("translate replaces single letters"),
    ),
    Entry::new(
        &[
            "levenshtein",
            "similarity",
            "word_similarity",
            "soundex",
            "metaphone",
        ],
        (1, ANY),
        Returns::Unknown,
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(
        &[
            "to_tsvector",
            "to_tsquery",
            "plainto_tsquery",
            "phraseto_tsquery",
            "websearch_to_tsquery",
            "ts_rank",
            "ts_rank_cd",
            "ts_headline",
        ],
        (1, ANY),
        Returns::Unknown,
        Fate::Refused("IRIS searches texts by an iFind index and %ID %FIND search_index(…)"),
    ),
    Entry::new(
        &[
            "string_to_array",
            "array_to_string",
            "array_length",
            "array_append",
            "array_prepend",
            "array_cat",
            "array_position",
            "array_remove",
            "array_upper",
            "array_lower",
            "cardinality",
            "array_ndims",
        ],
        (1, ANY),
        Returns::Unknown,
        Fate::Refused("IRIS has no arrays: use split_part, or a table"),
    ),
];

fn hash(call: &mut Call<'_, '_, '_>, algorithm: &str) -> Diagnosed<Expr> {
    let args = vec![build::string(algorithm), call.take(0)];
    Ok(build::call("HASHBYTES", args))
}
