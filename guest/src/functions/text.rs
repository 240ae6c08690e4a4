//! Functions for patterns, encodings, formats and quoting: what IRIS has least of.

use sqlparser::ast::{BinaryOperator, Expr};

use super::call::varchar;
use super::json::{BROKER, elsewhere};
use super::{ANY, Call, Entry, Fate, Returns, Wants};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::wit::Oid;

const TEXT: Returns = Returns::Type(oid::TEXT);
const BYTEA: Returns = Returns::Type(oid::BYTEA);
const PATTERN: &str = "use regexp_match, regexp_substr or regexp_split_to_array";
const MATCHED: &str = "by the broker, see `regular_expression` and `element_access`";
/// `text[]`
const TEXTS: Oid = 1009;
const IN_CLIENT: &str = "compute it in the client, and pass it as a parameter";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["regexp_matches", "regexp_split_to_table"],
        (2, 3),
        Returns::Unknown,
        Fate::Arranged(PATTERN),
    ),
    Entry::new(
        &["regexp_instr"],
        (2, ANY),
        Returns::Unknown,
        Fate::Refused(PATTERN),
    ),
    Entry::new(
        &["regexp_replace"],
        (3, 6),
        TEXT,
        Fate::Emulated(MATCHED, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["regexp_substr"],
        (2, 6),
        TEXT,
        Fate::Emulated(MATCHED, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["regexp_match", "regexp_split_to_array"],
        (2, 3),
        Returns::Type(TEXTS),
        Fate::Emulated(MATCHED, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["regexp_count"],
        (2, 4),
        Returns::Type(oid::INT4),
        Fate::Emulated(MATCHED, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["regexp_like"],
        (2, 2),
        Returns::Type(oid::BOOL),
        Fate::Emulated(
            "`s %PATTERN code`, as the operator `~`; or by the broker, see `regular_expression`",
            |call| {
                let (value, pattern) = (build::nested(call.take(0)), call.take(1));
                Ok(build::nested(build::binary(
                    value,
                    BinaryOperator::PGRegexMatch,
                    pattern,
                )))
            },
        ),
    )
    .bringing(Marks::PREDICATE.and(Marks::CONDITION)),
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
    Entry::new(&["md5"], (1, 1), TEXT, Fate::Emulated(BROKER, elsewhere))
        .bringing(Marks::ACCESS)
        .typed(),
    Entry::new(&["sha224"], (1, 1), BYTEA, Fate::Arranged(IN_CLIENT)),
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
        Fate::Arranged(IN_CLIENT),
    ),
    Entry::new(
        &["convert_from", "convert_to"],
        (2, 2),
        Returns::Unknown,
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(&["to_hex"], (1, 1), TEXT, Fate::Emulated(BROKER, elsewhere))
        .bringing(Marks::ACCESS)
        .wanting(Wants::Number),
    Entry::new(
        &["to_bin", "to_oct"],
        (1, 1),
        TEXT,
        Fate::Refused(IN_CLIENT),
    ),
    Entry::new(
        &["format"],
        (1, ANY),
        TEXT,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["quote_ident"],
        (1, 1),
        TEXT,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .wanting(Wants::Text),
    Entry::new(
        &["quote_literal"],
        (1, 1),
        TEXT,
        Fate::Emulated("REPLACE of quotes and backslashes, between quotes", quoted),
    ),
    Entry::new(
        &["quote_nullable"],
        (1, 1),
        TEXT,
        Fate::Emulated("as `quote_literal`, `NULL` for NULL", |call| {
            Ok(build::call(
                "COALESCE",
                vec![quoted(call)?, build::string("NULL")],
            ))
        }),
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
            "array_length",
            "array_position",
            "array_upper",
            "cardinality",
            "array_ndims",
        ],
        (1, ANY),
        Returns::Type(oid::INT4),
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["array_to_string"],
        (2, 3),
        Returns::Type(oid::TEXT),
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["string_to_array"],
        (2, 3),
        Returns::Type(TEXTS),
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["array_append", "array_cat", "array_remove"],
        (2, 2),
        Returns::First,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["array_replace"],
        (3, 3),
        Returns::First,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["array_prepend"],
        (2, 2),
        Returns::Unknown,
        Fate::Emulated(BROKER, elsewhere),
    ),
    Entry::new(
        &["array_lower"],
        (2, 2),
        Returns::Unknown,
        Fate::Refused("subscripts begin at 1"),
    ),
];

/// `'it''s'`, or `E'a\\b'` if there is a backslash.
fn quoted(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let join = |left, right| build::binary(left, BinaryOperator::StringConcat, right);
    let replace = |text, from: &str, to: &str| {
        build::call(
            "REPLACE",
            vec![text, build::string(from), build::string(to)],
        )
    };
    let is_whole = matches!(call.type_of(0), Some(oid::INT2 | oid::INT4 | oid::INT8));
    let mut argument = call.text(0)?;
    if let Expr::Nested(inner) = argument {
        argument = *inner;
    }
    if is_whole {
        argument = build::cast(argument, varchar(20));
    }
    let finds = build::call(
        "INSTR",
        vec![call.pass.copies.copy(&argument)?, build::string("\\")],
    );
    let is_escaped = build::binary(finds, BinaryOperator::Gt, build::number(0));
    let again = call.pass.copies.copy(&argument)?;
    let escaped = replace(replace(again, "'", "''"), "\\", "\\\\");
    let escaped = join(join(build::string("E'"), escaped), build::string("'"));
    let plain = replace(argument, "'", "''");
    let plain = join(join(build::string("'"), plain), build::string("'"));
    Ok(build::case(vec![(is_escaped, escaped)], Some(plain)))
}

fn hash(call: &mut Call<'_, '_, '_>, algorithm: &str) -> Diagnosed<Expr> {
    let args = vec![build::string(algorithm), call.take(0)];
    Ok(build::call("HASHBYTES", args))
}
