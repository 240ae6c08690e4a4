//! Dates and times. IRIS has no time zones; the session of a client is in UTC, so the
//! clock is read in UTC.

mod clock;
mod constant;
mod field;
mod make;
mod number_template;
mod read;
mod template;
mod unrolled;
mod zone;

use super::json::{BROKER, elsewhere};
use super::{ANY, Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;

pub(crate) use clock::{in_zone as clock_in, is_clock, moved as moved_clock};
pub(crate) use number_template::is_read as is_number_template;

const TIMESTAMP: Returns = Returns::Type(oid::TIMESTAMP);
const TIMESTAMPTZ: Returns = Returns::Type(oid::TIMESTAMPTZ);
const INTERVAL: Returns = Returns::Type(oid::INTERVAL);
const START: &str = "the start of the transaction by the broker's clock, bound as a value; `GETUTCDATE(p)` in definitions";
const LOCAL: &str = "the same in the session's time zone";
const LOCAL_TIME: &str = "the same, in whole seconds and without a zone";

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["now", "transaction_timestamp"],
        (0, 0),
        TIMESTAMPTZ,
        Fate::Emulated(START, clock::timestamp),
    ),
    Entry::new(
        &["statement_timestamp"],
        (0, 0),
        TIMESTAMPTZ,
        Fate::Emulated(
            "when the client's message came by the broker's clock, bound as a value",
            clock::statement,
        ),
    ),
    Entry::new(
        &["clock_timestamp"],
        (0, 0),
        TIMESTAMPTZ,
        Fate::Translated("`GETUTCDATE(6)`", clock::moving),
    ),
    Entry::new(
        &["current_timestamp"],
        (0, 1),
        TIMESTAMPTZ,
        Fate::Emulated(START, clock::timestamp),
    ),
    Entry::new(
        &["localtimestamp"],
        (0, 1),
        TIMESTAMP,
        Fate::Emulated(LOCAL, clock::local),
    ),
    Entry::new(
        &["current_date"],
        (0, 0),
        Returns::Type(oid::DATE),
        Fate::Emulated(LOCAL, clock::date),
    ),
    Entry::new(
        &["localtime"],
        (0, 1),
        Returns::Type(oid::TIME),
        Fate::Emulated(LOCAL_TIME, clock::time),
    ),
    Entry::new(
        &["current_time"],
        (0, 1),
        Returns::Type(oid::TIME),
        Fate::Emulated(LOCAL_TIME, clock::time),
    ),
    Entry::new(
        &["timeofday"],
        (0, 0),
        Returns::Type(oid::TEXT),
        Fate::Refused("use to_char(now(), …)"),
    ),
    Entry::new(
        &["extract"],
        (2, 2),
        Returns::Type(oid::NUMERIC),
        Fate::Translated("`DATEPART('field', x)`, or arithmetic with it", |call| {
            field::part(call, field::Result::Numeric)
        }),
    )
    .typed(),
    Entry::new(
        &["date_part"],
        (2, 2),
        Returns::Type(oid::FLOAT8),
        Fate::Translated(
            "`DATEPART('field', x)`, or arithmetic with it, as DOUBLE",
            |call| field::part(call, field::Result::Double),
        ),
    )
    .typed(),
    Entry::new(
        &["date_trunc"],
        (2, 3),
        Returns::Truncated,
        Fate::Translated("`DATE_TRUNC('field', x)`, or DATEADD of it", field::trunc),
    )
    .typed(),
    Entry::new(
        &["make_date"],
        (3, 3),
        Returns::Type(oid::DATE),
        Fate::Translated(
            "`TO_DATE(year || '-' || month || '-' || day, 'YYYY-MM-DD')`",
            make::date,
        ),
    ),
    Entry::new(
        &["make_time"],
        (3, 3),
        Returns::Type(oid::TIME),
        Fate::Translated("a literal, from constants", make::time),
    ),
    Entry::new(
        &["make_timestamp"],
        (6, 6),
        TIMESTAMP,
        Fate::Translated("a literal, from constants", make::timestamp),
    ),
    Entry::new(
        &["make_timestamptz"],
        (6, 6),
        TIMESTAMPTZ,
        Fate::Translated("a literal in UTC, from constants", make::timestamptz),
    ),
    Entry::new(
        &["make_interval"],
        (0, 7),
        INTERVAL,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS),
    Entry::new(&["age"], (1, 2), INTERVAL, Fate::Emulated(BROKER, elsewhere))
        .bringing(Marks::ACCESS)
        .typed(),
    Entry::new(
        &["justify_days", "justify_hours", "justify_interval"],
        (1, 1),
        INTERVAL,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["date_bin"],
        (3, 3),
        Returns::Type(oid::TIMESTAMP),
        Fate::Refused("use date_trunc"),
    ),
    Entry::new(
        &["isfinite"],
        (1, 1),
        Returns::Type(oid::BOOL),
        Fate::Emulated("`x = x`: IRIS has no infinite dates", |call| {
            let again = build::nested(call.copy(0)?);
            let value = build::nested(call.take(0));
            Ok(build::nested(build::binary(
                value,
                sqlparser::ast::BinaryOperator::Eq,
                again,
            )))
        }),
    )
    .bringing(Marks::PREDICATE.and(Marks::CONDITION)),
    Entry::new(
        &["overlaps"],
        (4, 4),
        Returns::Type(oid::BOOL),
        Fate::Emulated(
            "comparisons of LEAST and GREATEST, if nothing can be NULL",
            make::overlaps,
        ),
    )
    .bringing(Marks::PREDICATE.and(Marks::CONDITION))
    .typed(),
    Entry::new(
        &["timezone"],
        (2, 2),
        Returns::Zoned,
        Fate::Translated(
            "`x AT TIME ZONE`: the moment itself for UTC, DATEADD for a constant offset",
            zone::shifted,
        ),
    )
    .typed(),
    Entry::new(
        &["to_char"],
        (2, 2),
        Returns::Type(oid::TEXT),
        Fate::Emulated(
            "`TO_CHAR` and other functions, element by element of a constant template; of numbers by others too, see `number_template`",
            to_char,
        ),
    )
    .typed(),
    Entry::new(
        &["to_date"],
        (2, 2),
        Returns::Type(oid::DATE),
        Fate::Translated(
            "`TO_DATE(s, template)` of texts that have the form of a constant template",
            |call| read::by_template(call, "TO_DATE"),
        ),
    )
    .bringing(Marks::PREDICATE.and(Marks::CONDITION)),
    Entry::new(
        &["to_timestamp"],
        (1, 2),
        TIMESTAMPTZ,
        Fate::Translated(
            "`TO_TIMESTAMP(s, template)` of texts that have the form of a constant template; of a number `DATEADD('ss', n, '1970-01-01 00:00:00')`",
            read::timestamp,
        ),
    )
    .bringing(Marks::PREDICATE.and(Marks::CONDITION))
    .typed(),
    Entry::new(
        &["to_number"],
        (2, 2),
        Returns::Type(oid::NUMERIC),
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .typed(),
    Entry::new(
        &["pg_sleep_for"],
        (1, ANY),
        Returns::Unknown,
        Fate::Refused("wait in the client"),
    ),
];

/// Of a date or a number.
fn to_char(call: &mut Call<'_, '_, '_>) -> Diagnosed<sqlparser::ast::Expr> {
    let Some(pattern) = call.string(1) else {
        return Err(call.refusal(
            " with a computed template",
            "write the template as a literal",
        ));
    };
    match call.type_of(0) {
        Some(oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ) => template::write(call, &pattern),
        Some(oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC) => {
            number_template::write(call, &pattern)
        }
        Some(oid::FLOAT4 | oid::FLOAT8) => Err(call.refusal(
            " of a double precision",
            "PostgreSQL rounds it in another way than IRIS: cast it to numeric",
        )),
        _ => Err(call.refusal(
            " of this type",
            "cast the value to date, timestamp or numeric, or format it in the client",
        )),
    }
}
