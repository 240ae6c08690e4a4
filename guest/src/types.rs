//! PostgreSQL's types: their names, OIDs, and what takes their place in IRIS.
//!
//! IRIS: InterSystems SQL Reference, "Data Types" and CAST.

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod document;
pub(crate) mod kept;

use sqlparser::ast::{
    ArrayElemTypeDef, CharacterLength, DataType, ExactNumberInfo, GeometricTypeKind, Ident,
    ObjectName, TimezoneInfo,
};

use crate::kept_text;
use crate::wit::Oid;

/// Type OIDs, as in `pg_type.dat`.
pub(crate) mod oid {
    use crate::wit::Oid;

    pub(crate) const BOOL: Oid = 16;
    pub(crate) const BYTEA: Oid = 17;
    pub(crate) const NAME: Oid = 19;
    pub(crate) const INT8: Oid = 20;
    pub(crate) const INT2: Oid = 21;
    pub(crate) const INT4: Oid = 23;
    pub(crate) const TEXT: Oid = 25;
    pub(crate) const OID: Oid = 26;
    pub(crate) const JSON: Oid = 114;
    pub(crate) const XML: Oid = 142;
    pub(crate) const FLOAT4: Oid = 700;
    pub(crate) const FLOAT8: Oid = 701;
    pub(crate) const MONEY: Oid = 790;
    pub(crate) const CIDR: Oid = 650;
    pub(crate) const MACADDR8: Oid = 774;
    pub(crate) const MACADDR: Oid = 829;
    pub(crate) const INET: Oid = 869;
    pub(crate) const BPCHAR: Oid = 1042;
    pub(crate) const VARCHAR: Oid = 1043;
    pub(crate) const DATE: Oid = 1082;
    pub(crate) const TIME: Oid = 1083;
    pub(crate) const TIMESTAMP: Oid = 1114;
    pub(crate) const TIMESTAMPTZ: Oid = 1184;
    pub(crate) const INTERVAL: Oid = 1186;
    pub(crate) const TIMETZ: Oid = 1266;
    pub(crate) const NUMERIC: Oid = 1700;
    pub(crate) const RECORD: Oid = 2249;
    pub(crate) const VOID: Oid = 2278;
    pub(crate) const UUID: Oid = 2950;
    pub(crate) const JSONB: Oid = 3802;
    pub(crate) const JSONPATH: Oid = 4072;
    /// pgvector's types have no OIDs of their own: these are the ones that version 0.8
    /// gets as the first extension of a fresh PostgreSQL. The host reads and writes
    /// values by them, and a catalogue must show them.
    pub(crate) const VECTOR: Oid = 16_385;
    pub(crate) const HALFVEC: Oid = 16_498;
}

/// The longest string that IRIS holds, in characters ("General System Limits"): a column
/// or a cast of that length cuts nothing that IRIS can hold at all, where a cast without
/// a length would cut at 30 characters.
pub(crate) const LONGEST_STRING: u64 = 3_641_144;

/// A string column of so many characters or more counts as `text`, not as `varchar(n)`:
/// no PostgreSQL user limits one there, but drivers of IRIS have it as their longest.
pub(crate) const COUNTS_AS_TEXT: u64 = 32_767;

/// The decimals of a `numeric` without precision and scale; IRIS would keep none.
const NUMERIC_PRECISION: (u64, i64) = (36, 18);

/// Precision and scale of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    pub(crate) precision: u32,
    pub(crate) scale: u32,
}

impl Digits {
    /// Whether they are those that IRIS has for a PostgreSQL `numeric` without
    /// precision and scale: of a column, of what is computed from one, or of a cast.
    pub(crate) fn is_unconstrained(self) -> bool {
        (self.precision >= 36 && self.scale >= 17) || (self.precision == 18 && self.scale >= 15)
    }

    /// How many digits stand before the point.
    pub(crate) fn whole(self) -> u32 {
        self.precision.saturating_sub(self.scale)
    }
}

/// What a type is in PostgreSQL and becomes in IRIS.
#[derive(Clone, Debug)]
pub(crate) struct PgType {
    /// As in `pg_type.typname`; the label of a cast.
    pub(crate) name: &'static str,
    pub(crate) oid: Oid,
    pub(crate) kind: Kind,
}

/// How IRIS holds the values of a type.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// By a type with the same name or one that needs none of ours.
    Same,
    /// By another type.
    As(DataType),
    /// As a string of at most so many characters.
    Text(Option<u64>),
    Boolean,
    /// Without length: `numeric`.
    Numeric,
    /// With its fraction digits.
    Time(u64),
    /// A counter: the type of the column, and the OID.
    Serial(DataType),
    /// pgvector's, with its dimensions.
    Vector(Option<u64>),
    /// Not at all.
    None,
}

/// Whether a type is written with a length, or with digits.
pub(crate) fn is_limited(data_type: &DataType) -> bool {
    data_type.to_string().contains('(')
}

/// The facts about a type; none if PostgreSQL has no such type.
pub(crate) fn of(data_type: &DataType) -> Option<PgType> {
    use DataType as T;
    let make = |name, oid, kind| Some(PgType { name, oid, kind });
    match data_type {
        T::Boolean | T::Bool => make("bool", oid::BOOL, Kind::Boolean),
        T::SmallInt(_) => make("int2", oid::INT2, Kind::Same),
        T::Int2(_) => make("int2", oid::INT2, Kind::As(T::SmallInt(None))),
        T::Int(_) | T::Integer(_) => make("int4", oid::INT4, Kind::Same),
        T::Int4(_) => make("int4", oid::INT4, Kind::As(T::Integer(None))),
        T::BigInt(_) => make("int8", oid::INT8, Kind::Same),
        T::Int8(_) => make("int8", oid::INT8, Kind::As(T::BigInt(None))),
        T::Real | T::Float4 => make("float4", oid::FLOAT4, Kind::As(double())),
        T::Float(ExactNumberInfo::Precision(1..=24)) => {
            make("float4", oid::FLOAT4, Kind::As(double()))
        }
        T::Float(_) | T::Float8 | T::DoublePrecision => {
            make("float8", oid::FLOAT8, Kind::As(double()))
        }
        T::Double(_) => make("float8", oid::FLOAT8, Kind::Same),
        T::Numeric(info) | T::Decimal(info) | T::Dec(info) => make(
            "numeric",
            oid::NUMERIC,
            if *info == ExactNumberInfo::None {
                Kind::Numeric
            } else {
                Kind::Same
            },
        ),
        T::Varchar(length)
        | T::CharacterVarying(length)
        | T::CharVarying(length)
        | T::Nvarchar(length) => make("varchar", oid::VARCHAR, Kind::Text(characters(*length))),
        T::Char(length) | T::Character(length) => make(
            "bpchar",
            oid::BPCHAR,
            Kind::Text(Some(characters(*length).unwrap_or(1))),
        ),
        T::Text => make("text", oid::TEXT, Kind::Text(None)),
        T::Bytea => make("bytea", oid::BYTEA, Kind::As(T::Varbinary(None))),
        T::Uuid => make("uuid", oid::UUID, Kind::As(named("UNIQUEIDENTIFIER"))),
        T::JSON => make("json", oid::JSON, Kind::Text(None)),
        T::JSONB => make("jsonb", oid::JSONB, Kind::Text(None)),
        T::Date => make("date", oid::DATE, Kind::Same),
        T::Time(digits, zone) if !zoned(zone) => {
            make("time", oid::TIME, Kind::Time(digits.unwrap_or(6)))
        }
        T::Time(..) => make("timetz", oid::TIMETZ, Kind::None),
        T::Timestamp(digits, zone) => {
            let kind = match (digits, zone) {
                (None, TimezoneInfo::None) => Kind::Same,
                _ => Kind::As(T::Timestamp(None, TimezoneInfo::None)),
            };
            if zoned(zone) {
                make("timestamptz", oid::TIMESTAMPTZ, kind)
            } else {
                make("timestamp", oid::TIMESTAMP, kind)
            }
        }
        T::Interval {
            fields: None,
            precision: None,
        } => make("interval", oid::INTERVAL, Kind::None),
        // Fields that are cut off.
        T::Interval { .. } => make("interval", 0, Kind::None),
        T::Regclass => make("regclass", 2205, Kind::None),
        T::Bit(Some(_)) => make("bit", 1560, Kind::None),
        T::BitVarying(_) | T::VarBit(_) => make("varbit", 1562, Kind::None),
        T::TsVector => make("tsvector", 0, Kind::None),
        T::TsQuery => make("tsquery", 0, Kind::None),
        T::GeometricType(kind) => make(geometric(*kind), 0, Kind::None),
        T::Array(element) => Some(PgType {
            kind: Kind::None,
            ..array(element)?
        }),
        T::Custom(name, modifiers) => custom(name, modifiers),
        _ => None,
    }
}

/// Types that the parser knows by their name only.
fn custom(name: &ObjectName, modifiers: &[String]) -> Option<PgType> {
    let last = name.0.last()?.as_ident()?;
    let length = || modifiers.first().and_then(|modifier| modifier.parse().ok());
    let (name, oid, kind) = match last.value.to_ascii_lowercase().as_str() {
        "bpchar" => ("bpchar", oid::BPCHAR, Kind::Text(length())),
        "char" if last.quote_style.is_some() => ("char", 18, Kind::Text(Some(1))),
        "name" => ("name", oid::NAME, Kind::Text(Some(63))),
        "oid" => ("oid", oid::OID, Kind::As(DataType::BigInt(None))),
        "money" => (
            "money",
            oid::MONEY,
            Kind::As(DataType::Numeric(ExactNumberInfo::PrecisionAndScale(19, 2))),
        ),
        "xml" => ("xml", oid::XML, Kind::Text(None)),
        "inet" => ("inet", oid::INET, Kind::None),
        "cidr" => ("cidr", oid::CIDR, Kind::None),
        "macaddr" => ("macaddr", oid::MACADDR, Kind::None),
        "macaddr8" => ("macaddr8", oid::MACADDR8, Kind::None),
        "tsvector" => ("tsvector", 3614, Kind::None),
        "tsquery" => ("tsquery", 3615, Kind::None),
        "jsonpath" => ("jsonpath", oid::JSONPATH, Kind::None),
        "hstore" => ("hstore", 0, Kind::None),
        "regtype" => ("regtype", 2206, Kind::None),
        "regproc" => ("regproc", 24, Kind::None),
        "regnamespace" => ("regnamespace", 4089, Kind::None),
        "smallserial" | "serial2" => ("int2", oid::INT2, Kind::Serial(DataType::SmallInt(None))),
        "serial" | "serial4" => ("int4", oid::INT4, Kind::Serial(DataType::Integer(None))),
        "bigserial" | "serial8" => ("int8", oid::INT8, Kind::Serial(DataType::BigInt(None))),
        // VECTOR(DOUBLE, 3) is IRIS's own.
        "vector" if modifiers.is_empty() || length().is_some() => {
            ("vector", oid::VECTOR, Kind::Vector(length()))
        }
        "halfvec" => ("halfvec", oid::HALFVEC, Kind::Vector(length())),
        other => {
            let name = UNKNOWN_TO_IRIS.iter().find(|name| **name == other)?;
            (*name, 0, Kind::None)
        }
    };
    Some(PgType { name, oid, kind })
}

/// Types of which IRIS has nothing.
const UNKNOWN_TO_IRIS: &[&str] = &[
    "sparsevec",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsvector",
    "tsquery",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "int4multirange",
    "int8multirange",
    "nummultirange",
    "tsmultirange",
    "tstzmultirange",
    "datemultirange",
    "pg_lsn",
    "txid_snapshot",
    "pg_snapshot",
    "regoper",
    "regoperator",
    "regprocedure",
    "regrole",
    "regconfig",
    "regdictionary",
    "regcollation",
    "xid",
    "cid",
    "tid",
    "refcursor",
    "citext",
    "ltree",
    "geometry",
    "geography",
];

fn geometric(kind: GeometricTypeKind) -> &'static str {
    match kind {
        GeometricTypeKind::Point => "point",
        GeometricTypeKind::Line => "line",
        GeometricTypeKind::LineSegment => "lseg",
        GeometricTypeKind::GeometricBox => "box",
        GeometricTypeKind::GeometricPath => "path",
        GeometricTypeKind::Polygon => "polygon",
        GeometricTypeKind::Circle => "circle",
    }
}

/// With the OID of the arrays of that element.
fn array(element: &ArrayElemTypeDef) -> Option<PgType> {
    let element = array_element(element)?;
    Some(PgType {
        oid: kept::array_of(element.oid),
        ..element
    })
}

fn array_element(element: &ArrayElemTypeDef) -> Option<PgType> {
    match element {
        ArrayElemTypeDef::None => None,
        ArrayElemTypeDef::AngleBracket(inner)
        | ArrayElemTypeDef::SquareBracket(inner, _)
        | ArrayElemTypeDef::Parenthesis(inner)
        | ArrayElemTypeDef::Qualified(inner, _) => of(inner),
    }
}

impl PgType {
    /// The target of an IRIS CAST; none if IRIS cannot cast to it.
    pub(crate) fn cast_target(&self, written: &DataType) -> Option<DataType> {
        Some(match &self.kind {
            Kind::Same | Kind::Numeric => written.clone(),
            Kind::As(DataType::Varbinary(None)) => binary(LONGEST_STRING),
            Kind::As(_) if self.oid == oid::UUID => named("GUID"),
            Kind::As(data_type) => data_type.clone(),
            Kind::Text(characters)
                if matches!(written, DataType::Char(_) | DataType::Character(_)) =>
            {
                DataType::Char(length(characters.unwrap_or(1)))
            }
            // A document is never cut.
            Kind::Text(None) if matches!(self.oid, oid::JSON | oid::JSONB) => {
                DataType::Varchar(length(LONGEST_STRING))
            }
            Kind::Text(characters) => {
                DataType::Varchar(length(characters.unwrap_or(LONGEST_STRING)))
            }
            Kind::Boolean => DataType::Bit(None),
            Kind::Time(_) => DataType::Time(None, TimezoneInfo::None),
            Kind::Serial(_) | Kind::Vector(_) | Kind::None => return None,
        })
    }

    /// The type of an IRIS column; none if IRIS has none for its values.
    pub(crate) fn column_type(&self, written: &DataType) -> Option<DataType> {
        if let Some(kept) = kept::length_of(self.oid) {
            return Some(DataType::Varchar(length(kept)));
        }
        Some(match &self.kind {
            Kind::Same => written.clone(),
            Kind::As(DataType::Varbinary(None)) => binary(LONGEST_STRING),
            Kind::As(data_type) | Kind::Serial(data_type) => data_type.clone(),
            Kind::Numeric => DataType::Numeric(ExactNumberInfo::PrecisionAndScale(
                NUMERIC_PRECISION.0,
                NUMERIC_PRECISION.1,
            )),
            Kind::Text(characters) => match written {
                DataType::Char(_) | DataType::Character(_) | DataType::Varchar(Some(_)) => {
                    written.clone()
                }
                _ => DataType::Varchar(length(characters.unwrap_or(LONGEST_STRING))),
            },
            Kind::Boolean => DataType::Bit(None),
            Kind::Time(digits) => DataType::Time(Some(*digits), TimezoneInfo::None),
            Kind::Vector(_) | Kind::None => return None,
        })
    }

    /// The OID to announce for a value of the type that comes out of IRIS. A time with
    /// a time zone comes without one.
    pub(crate) fn result_oid(&self) -> Option<Oid> {
        ((!matches!(self.kind, Kind::None) || kept_text::is_canonical(self.oid))
            && !matches!(self.oid, 0 | oid::TIMETZ))
        .then_some(self.oid)
    }
}

/// Whether a type's values are numbers.
pub(crate) fn is_number(oid: Oid) -> bool {
    matches!(
        oid,
        oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8
    )
}

/// What PostgreSQL calls a type in its messages (`format_type`).
pub(crate) fn words(oid: Oid) -> &'static str {
    match oid {
        oid::BOOL => "boolean",
        oid::BYTEA => "bytea",
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        oid::INT8 => "bigint",
        oid::NUMERIC => "numeric",
        oid::FLOAT4 => "real",
        oid::FLOAT8 => "double precision",
        oid::VARCHAR => "character varying",
        oid::BPCHAR => "character",
        oid::NAME => "name",
        oid::DATE => "date",
        oid::TIME => "time without time zone",
        oid::TIMESTAMP => "timestamp without time zone",
        oid::TIMESTAMPTZ => "timestamp with time zone",
        oid::INTERVAL => "interval",
        oid::UUID => "uuid",
        oid::JSON => "json",
        oid::JSONB => "jsonb",
        1000 => "boolean[]",
        1005 => "smallint[]",
        1007 => "integer[]",
        1016 => "bigint[]",
        1009 => "text[]",
        1015 => "character varying[]",
        1021 => "real[]",
        1022 => "double precision[]",
        1231 => "numeric[]",
        2951 => "uuid[]",
        1182 => "date[]",
        1183 => "time without time zone[]",
        1115 => "timestamp without time zone[]",
        199 => "json[]",
        3807 => "jsonb[]",
        _ => "text",
    }
}

/// The name to show in a message.
pub(crate) fn display_name(data_type: &DataType, known: &PgType) -> String {
    let brackets = if matches!(data_type, DataType::Array(_)) {
        "[]"
    } else {
        ""
    };
    format!("{}{brackets}", known.name)
}

/// A type that the parser knows by its name only.
pub(crate) fn named(name: &str) -> DataType {
    DataType::Custom(ObjectName::from(vec![Ident::new(name)]), Vec::new())
}

fn double() -> DataType {
    DataType::Double(ExactNumberInfo::None)
}

fn binary(length: u64) -> DataType {
    DataType::Varbinary(Some(sqlparser::ast::BinaryLength::IntegerLength { length }))
}

fn length(length: u64) -> Option<CharacterLength> {
    Some(CharacterLength::IntegerLength { length, unit: None })
}

fn characters(length: Option<CharacterLength>) -> Option<u64> {
    match length {
        Some(CharacterLength::IntegerLength { length, .. }) => Some(length),
        _ => None,
    }
}

fn zoned(zone: &TimezoneInfo) -> bool {
    matches!(zone, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz)
}
