//! The plain scalar functions: how many arguments of which kind, and what comes out.

use crate::datatype::Type;

/// What a function returns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Returns {
    Text,
    Integer,
    BigInt,
    Double,
    Numeric,
    Date,
    Time,
    Timestamp,
    Binary,
    /// A number of the first argument's type.
    SameNumber,
}

impl Returns {
    /// As a type, for a first argument of type `first`.
    pub(super) fn ty(self, first: Option<&Type>) -> Type {
        match self {
            Self::Text => Type::Varchar(None),
            Self::Integer => Type::Integer,
            Self::BigInt => Type::BigInt,
            Self::Double => Type::Double,
            Self::Numeric => Type::numeric(18, 9),
            Self::Date => Type::Date,
            Self::Time => Type::Time(0),
            Self::Timestamp => Type::Timestamp,
            Self::Binary => Type::Varbinary(Some(64)),
            Self::SameNumber => match first {
                Some(ty) if ty.is_number() => ty.clone(),
                _ => Type::numeric(18, 9),
            },
        }
    }
}

/// `args`: one letter per argument — t text, n number, f double, i integer,
/// s timestamp, v as it is; `|` before the optional ones, `*` repeats the last.
pub(super) struct Signature {
    pub(super) args: &'static str,
    pub(super) returns: Returns,
    pub(super) sql: &'static str,
}

/// The function of this name; -359 if there is none.
pub(super) fn find(name: &str) -> Option<Signature> {
    use Returns::{
        BigInt, Binary, Date, Double, Integer, Numeric, SameNumber, Text, Time, Timestamp,
    };
    let (args, returns, sql) = match name {
        "ASCII" => ("t", Integer, "iris_ascii"),
        "CHAR" => ("i", Text, "iris_char"),
        "CHARACTER_LENGTH" | "CHAR_LENGTH" | "DATALENGTH" => ("t", Integer, "iris_char_length"),
        "LENGTH" | "LEN" => ("t", Integer, "iris_length"),
        "$LENGTH" => ("t|t", Integer, "iris_dollar_length"),
        "CHARINDEX" => ("tt|i", Integer, "iris_charindex"),
        "INSTR" => ("tt|ii", Integer, "iris_instr"),
        "POSITION" => ("tt", Integer, "iris_charindex"),
        "$FIND" => ("tt|i", Integer, "iris_dollar_find"),
        "$EXTRACT" => ("t|ii", Text, "iris_extract"),
        "$PIECE" => ("tt|ii", Text, "iris_piece"),
        "$TRANSLATE" => ("tt|t", Text, "iris_translate"),
        "$JUSTIFY" => ("vi|i", Text, "iris_justify"),
        "LCASE" | "LOWER" => ("t", Text, "iris_lower"),
        "UCASE" | "UPPER" => ("t", Text, "iris_upper"),
        "LEFT" => ("ti", Text, "iris_left"),
        "RIGHT" => ("ti", Text, "iris_right"),
        "LTRIM" => ("t", Text, "iris_ltrim"),
        "RTRIM" => ("t", Text, "iris_rtrim"),
        "TRIM" => ("ttt", Text, "iris_trim"),
        "LPAD" => ("ti|t", Text, "iris_lpad"),
        "RPAD" => ("ti|t", Text, "iris_rpad"),
        "REPEAT" | "REPLICATE" => ("ti", Text, "iris_repeat"),
        "REPLACE" => ("ttt", Text, "iris_replace"),
        "REVERSE" => ("t", Text, "iris_reverse"),
        "SPACE" => ("i", Text, "iris_space"),
        "STUFF" => ("tiit", Text, "iris_stuff"),
        "SUBSTR" => ("ti|i", Text, "iris_substr"),
        "SUBSTRING" => ("ti|i", Text, "iris_substring"),
        "STR" => ("n|ii", Text, "iris_str"),
        "STRING" => ("t|t*", Text, "iris_string"),
        "CONCAT" => ("tt", Text, "iris_concat"),
        "ABS" => ("n", SameNumber, "iris_abs"),
        "CEILING" => ("n", SameNumber, "iris_ceiling"),
        "FLOOR" => ("n", SameNumber, "iris_floor"),
        "SIGN" => ("n", Integer, "iris_sign"),
        "MOD" => ("nn", SameNumber, "iris_modulo"),
        "ROUND" => ("ni|i", SameNumber, "iris_round"),
        "TRUNCATE" => ("ni", SameNumber, "iris_truncate"),
        "SQUARE" => ("n", Numeric, "iris_square"),
        "POWER" => ("nn", Numeric, "iris_power"),
        "SQRT" => ("n", Numeric, "iris_sqrt"),
        "ISNUMERIC" => ("v", Integer, "iris_isnumeric"),
        "TO_NUMBER" => ("t|t", Numeric, "iris_num"),
        "ACOS" | "ASIN" | "ATAN" | "COS" | "COT" | "EXP" | "LOG" | "LOG10" | "SIN" | "TAN"
        | "DEGREES" | "RADIANS" => ("f", Double, "iris_math"),
        "ATAN2" => ("ff", Double, "atan2"),
        "PI" => ("", Double, "pi"),
        "CURDATE" => ("", Date, "iris_today"),
        "CURTIME" => ("", Time, "iris_clock0"),
        "NOW" => ("", Timestamp, "iris_now"),
        "GETDATE" | "GETUTCDATE" => ("|i", Timestamp, "iris_now"),
        "DATE" => ("s", Date, "iris_date_of"),
        "YEAR" | "MONTH" | "DAY" | "DAYOFMONTH" | "DAYOFWEEK" | "DAYOFYEAR" | "HOUR" | "MINUTE"
        | "SECOND" | "QUARTER" | "WEEK" => ("s", Integer, "iris_part"),
        "DAYNAME" | "MONTHNAME" => ("s", Text, "iris_part_name"),
        "LAST_DAY" => ("s", Date, "iris_last_day"),
        "DATEPART" => ("ts", Integer, "iris_datepart"),
        "DATENAME" => ("ts", Text, "iris_datename"),
        "DATEADD" | "TIMESTAMPADD" => ("tns", Timestamp, "iris_dateadd"),
        "DATEDIFF" | "TIMESTAMPDIFF" => ("tss", Integer, "iris_datediff"),
        "DATE_TRUNC" => ("ts", Timestamp, "iris_date_trunc"),
        "UNIX_TIMESTAMP" => ("|s", Numeric, "iris_unix_timestamp"),
        "TO_CHAR" => ("v|t", Text, "iris_to_char"),
        "TO_DATE" => ("t|t", Date, "iris_to_date"),
        "TO_TIMESTAMP" => ("t|t", Timestamp, "iris_to_timestamp"),
        "TO_POSIXTIME" => ("t|t", Timestamp, "iris_to_timestamp"),
        "HASHBYTES" => ("tt", Binary, "iris_hashbytes"),
        "LAST_IDENTITY" => ("", BigInt, "iris_last_identity"),
        "DATABASE" => ("", Text, "iris_namespace"),
        "USER" => ("", Text, "iris_user"),
        "$TSQL_NEWID" | "%SYSTEM.UTIL_CREATEGUID" => ("", Text, "iris_guid"),
        "%SYSTEM_SQL.DEFAULTSCHEMA" => ("", Text, "iris_default_schema"),
        "%SYSTEM.SQL_ISRESERVEDWORD" => ("t", Integer, "iris_is_reserved"),
        "%SYSTEM_SQL.UTIL_GETOPTION" => ("t", Text, "iris_option"),
        "%SYSTEM.VERSION_GETNUMBER" => ("", Text, "iris_version"),
        "%SYSTEM_SQL.FUNCTIONS_SQLCODE" => ("i", Text, "iris_sqlcode_text"),
        "%OBJECT" | "%EXTERNAL" | "%INTERNAL" | "%ODBCIN" => ("v", SameNumber, ""),
        _ => return None,
    };
    Some(Signature { args, returns, sql })
}
