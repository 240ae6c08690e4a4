//! The types this codec knows, by OID.

use super::Scalar;
use crate::upstream::Oid;

/// `character(n)`, whose blanks at the end mean nothing.
pub(in crate::value) const BPCHAR: Oid = 1042;

/// Where the types begin that users made: the rules give them OIDs from here on. Those that have
/// values are enums, which are texts in both formats.
const FIRST_OF_USERS: Oid = 20_000;

/// The type by which IRIS is told of a value: it knows nothing of types that users made.
pub(crate) const fn known_to_iris(type_oid: Oid) -> Oid {
    const TEXT: Oid = 25;
    match type_oid {
        FIRST_OF_USERS.. => TEXT,
        known => known,
    }
}

/// A type as the codec sees it: types that are written alike are one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// boolean
    Bool,
    /// smallint
    Int2,
    /// integer
    Int4,
    /// bigint
    Int8,
    /// oid, xid, cid
    Oid,
    /// regclass and its kin: the name of an object in text, its OID in binary
    Object,
    /// regtype, whose names are known here
    Regtype,
    /// real
    Float4,
    /// double precision
    Float8,
    /// numeric
    Numeric,
    /// text, character varying, character, name, json, xml, what has no type yet, and enums
    Text,
    /// "char", the one-byte type of the catalogues
    Char,
    /// jsonb, whose binary form starts with a version
    Jsonb,
    /// jsonpath, likewise
    Jsonpath,
    /// bytea
    Bytea,
    /// date
    Date,
    /// time without time zone
    Time,
    /// timestamp without time zone
    Timestamp,
    /// timestamp with time zone
    Timestamptz,
    /// interval
    Interval,
    /// uuid
    Uuid,
    /// pgvector's vector, by the OID that the stock rules give it
    Vector,
    /// pgvector's halfvec, likewise
    Halfvec,
    /// Every other type: text form only.
    Other,
}

impl Kind {
    /// The kind of a type. OIDs as in PostgreSQL's `pg_type.dat`; those of pgvector's
    /// types as a fresh PostgreSQL assigns them, which is what the rules announce.
    pub const fn of(type_oid: Oid) -> Self {
        match type_oid {
            16 => Self::Bool,
            17 => Self::Bytea,
            18 => Self::Char,
            20 => Self::Int8,
            21 => Self::Int2,
            23 => Self::Int4,
            26 | 28 | 29 => Self::Oid,
            // regproc; regprocedure, regoper, regoperator, regclass; regconfig,
            // regdictionary, regnamespace, regrole, regcollation
            24 | 2202..=2205 | 3734 | 3769 | 4089 | 4096 | 4191 => Self::Object,
            2206 => Self::Regtype,
            // unspecified, name, text, json, xml, pg_node_tree, unknown, bpchar, varchar, cstring,
            // void, which is always empty
            0 | 19 | 25 | 114 | 142 | 194 | 705 | 1042 | 1043 | 2275 | 2278 => Self::Text,
            700 => Self::Float4,
            701 => Self::Float8,
            1082 => Self::Date,
            1083 => Self::Time,
            1114 => Self::Timestamp,
            1184 => Self::Timestamptz,
            1186 => Self::Interval,
            1700 => Self::Numeric,
            2950 => Self::Uuid,
            3802 => Self::Jsonb,
            4072 => Self::Jsonpath,
            16_385 => Self::Vector,
            16_498 => Self::Halfvec,
            FIRST_OF_USERS.. => Self::Text,
            _ => Self::Other,
        }
    }

    /// The name as it stands in PostgreSQL's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Int2 => "smallint",
            Self::Int4 => "integer",
            Self::Int8 => "bigint",
            Self::Oid | Self::Object | Self::Regtype => "oid",
            Self::Float4 => "real",
            Self::Float8 => "double precision",
            Self::Numeric => "numeric",
            Self::Text => "text",
            Self::Char => "\"char\"",
            Self::Jsonb => "jsonb",
            Self::Jsonpath => "jsonpath",
            Self::Bytea => "bytea",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Timestamptz => "timestamp with time zone",
            Self::Interval => "interval",
            Self::Uuid => "uuid",
            Self::Vector => "vector",
            Self::Halfvec => "halfvec",
            Self::Other => "unknown",
        }
    }

    /// Whether a value of this kind is kept as this scalar, without conversion.
    pub(super) fn holds(self, value: &Scalar<'_>) -> bool {
        match (self, value) {
            (
                Self::Int2 | Self::Int4 | Self::Int8 | Self::Oid | Self::Object | Self::Regtype,
                Scalar::Int(value),
            ) => self.range().contains(value),
            (Self::Char, Scalar::Text(text)) => text.len() <= 1,
            (Self::Bool, Scalar::Bool(_))
            | (Self::Float4, Scalar::Float(_))
            | (Self::Float8, Scalar::Double(_))
            | (Self::Numeric, Scalar::Numeric(_))
            | (
                Self::Text
                | Self::Jsonb
                | Self::Jsonpath
                | Self::Object
                | Self::Regtype
                | Self::Other,
                Scalar::Text(_),
            )
            | (Self::Bytea, Scalar::Bytes(_))
            | (Self::Date, Scalar::Date(_))
            | (Self::Time, Scalar::Time(_))
            | (Self::Timestamp, Scalar::Timestamp(_))
            | (Self::Timestamptz, Scalar::Timestamptz(_))
            | (Self::Interval, Scalar::Interval(_))
            | (Self::Uuid, Scalar::Uuid(_))
            | (Self::Vector, Scalar::Vector(_)) => true,
            _ => false,
        }
    }

    /// What an integer type can hold; everything for the others.
    pub(super) fn range(self) -> std::ops::RangeInclusive<i64> {
        match self {
            Self::Int2 => i64::from(i16::MIN)..=i64::from(i16::MAX),
            Self::Int4 => i64::from(i32::MIN)..=i64::from(i32::MAX),
            Self::Oid | Self::Object | Self::Regtype => 0..=i64::from(u32::MAX),
            _ => i64::MIN..=i64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::Format;
    use crate::value::{decode, encode};

    #[test]
    fn labels_of_enums_are_texts_in_both_formats() {
        const MOOD: Oid = 1_106_872_394;
        for format in [Format::Text, Format::Binary] {
            let label = decode(MOOD, format, b"ok").unwrap();
            assert_eq!(label, Scalar::Text("ok".into()));
            let mut written = bytes::BytesMut::new();
            encode(&label, MOOD, -1, format, &mut written).unwrap();
            assert_eq!(&written[..], b"ok");
        }
        assert_eq!(known_to_iris(MOOD), 25);
        assert_eq!(known_to_iris(16_385), 16_385);
    }
}
