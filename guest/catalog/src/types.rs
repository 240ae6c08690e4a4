//! PostgreSQL's built-in types, as far as catalogue queries name them.

use std::fmt;

/// A type by its OID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Type(pub u32);

/// `pg_type.typcategory`, in the letters of the manual's table 53.65.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// `A`
    Array,
    /// `B`
    Boolean,
    /// `D`
    DateTime,
    /// `N`
    Numeric,
    /// `P`
    Pseudo,
    /// `S`
    String,
    /// `T`
    Timespan,
    /// `U`
    User,
    /// `X`
    Unknown,
    /// `Z`
    Internal,
}

struct Info {
    oid: u32,
    name: &'static str,
    array: u32,
    category: Category,
}

macro_rules! types {
    ($($constant:ident = $oid:literal $name:literal $array:literal $category:ident;)*) => {
        impl Type {
            $(#[doc = concat!("`", $name, "`")] pub const $constant: Self = Self($oid);)*
        }
        /// In the order of their OIDs.
        static TYPES: &[Info] = &[
            $(Info { oid: $oid, name: $name, array: $array, category: Category::$category },)*
        ];
    };
}

types! {
    BOOL = 16 "bool" 1000 Boolean;
    BYTEA = 17 "bytea" 1001 User;
    CHAR = 18 "char" 1002 Internal;
    NAME = 19 "name" 1003 String;
    INT8 = 20 "int8" 1016 Numeric;
    INT2 = 21 "int2" 1005 Numeric;
    INT2VECTOR = 22 "int2vector" 1006 Array;
    INT4 = 23 "int4" 1007 Numeric;
    REGPROC = 24 "regproc" 1008 Numeric;
    TEXT = 25 "text" 1009 String;
    OID = 26 "oid" 1028 Numeric;
    TID = 27 "tid" 1010 User;
    XID = 28 "xid" 1011 User;
    CID = 29 "cid" 1012 User;
    OIDVECTOR = 30 "oidvector" 1013 Array;
    JSON = 114 "json" 199 User;
    XML = 142 "xml" 143 User;
    PG_NODE_TREE = 194 "pg_node_tree" 0 Internal;
    FLOAT4 = 700 "float4" 1021 Numeric;
    FLOAT8 = 701 "float8" 1022 Numeric;
    UNKNOWN = 705 "unknown" 0 Unknown;
    MONEY = 790 "money" 791 Numeric;
    INET = 869 "inet" 1041 User;
    ACLITEM = 1033 "aclitem" 1034 User;
    BPCHAR = 1042 "bpchar" 1014 String;
    VARCHAR = 1043 "varchar" 1015 String;
    DATE = 1082 "date" 1182 DateTime;
    TIME = 1083 "time" 1183 DateTime;
    TIMESTAMP = 1114 "timestamp" 1115 DateTime;
    TIMESTAMPTZ = 1184 "timestamptz" 1185 DateTime;
    INTERVAL = 1186 "interval" 1187 Timespan;
    TIMETZ = 1266 "timetz" 1270 DateTime;
    BIT = 1560 "bit" 1561 User;
    VARBIT = 1562 "varbit" 1563 User;
    NUMERIC = 1700 "numeric" 1231 Numeric;
    REFCURSOR = 1790 "refcursor" 2201 User;
    REGPROCEDURE = 2202 "regprocedure" 2207 Numeric;
    REGOPER = 2203 "regoper" 2208 Numeric;
    REGOPERATOR = 2204 "regoperator" 2209 Numeric;
    REGCLASS = 2205 "regclass" 2210 Numeric;
    REGTYPE = 2206 "regtype" 2211 Numeric;
    RECORD = 2249 "record" 2287 Pseudo;
    CSTRING = 2275 "cstring" 1263 Pseudo;
    ANY = 2276 "any" 0 Pseudo;
    ANYARRAY = 2277 "anyarray" 0 Pseudo;
    VOID = 2278 "void" 0 Pseudo;
    ANYELEMENT = 2283 "anyelement" 0 Pseudo;
    UUID = 2950 "uuid" 2951 User;
    PG_LSN = 3220 "pg_lsn" 3221 User;
    PG_NDISTINCT = 3361 "pg_ndistinct" 0 Internal;
    PG_DEPENDENCIES = 3402 "pg_dependencies" 0 Internal;
    TSVECTOR = 3614 "tsvector" 3643 User;
    TSQUERY = 3615 "tsquery" 3645 User;
    REGCONFIG = 3734 "regconfig" 3735 Numeric;
    REGDICTIONARY = 3769 "regdictionary" 3770 Numeric;
    JSONB = 3802 "jsonb" 3807 User;
    REGNAMESPACE = 4089 "regnamespace" 4090 Numeric;
    REGROLE = 4096 "regrole" 4097 Numeric;
    REGCOLLATION = 4191 "regcollation" 4192 Numeric;
    PG_MCV_LIST = 5017 "pg_mcv_list" 0 Internal;
    XID8 = 5069 "xid8" 271 User;
}

/// Names of `information_schema`'s domains, and the types beneath them.
const DOMAINS: &[(&str, Type)] = &[
    ("cardinal_number", Type::INT4),
    ("character_data", Type::VARCHAR),
    ("sql_identifier", Type::NAME),
    ("time_stamp", Type::TIMESTAMPTZ),
    ("yes_or_no", Type::VARCHAR),
];

/// Other spellings, as `format_type` gives them and clients write them.
const SPELLINGS: &[(&str, Type)] = &[
    ("bigint", Type::INT8),
    ("bit varying", Type::VARBIT),
    ("boolean", Type::BOOL),
    ("character", Type::BPCHAR),
    ("character varying", Type::VARCHAR),
    ("dec", Type::NUMERIC),
    ("decimal", Type::NUMERIC),
    ("double precision", Type::FLOAT8),
    ("float", Type::FLOAT8),
    ("int", Type::INT4),
    ("integer", Type::INT4),
    ("real", Type::FLOAT4),
    ("smallint", Type::INT2),
    ("time with time zone", Type::TIMETZ),
    ("time without time zone", Type::TIME),
    ("timestamp with time zone", Type::TIMESTAMPTZ),
    ("timestamp without time zone", Type::TIMESTAMP),
];

impl Type {
    fn info(self) -> Option<&'static Info> {
        let place = TYPES.binary_search_by_key(&self.0, |info| info.oid).ok()?;
        TYPES.get(place)
    }

    /// By `pg_type.typname`, by a spelling of SQL's, or by the name of a domain
    /// of `information_schema`; as folded.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(element) = name.strip_prefix('_') {
            return Self::named(element)?.array();
        }
        TYPES
            .iter()
            .find(|info| info.name == name)
            .map(|info| Self(info.oid))
            .or_else(|| find(SPELLINGS, name))
            .or_else(|| find(DOMAINS, name))
    }

    /// `pg_type.typname`, if it is one of these types or an array of one.
    pub fn name(self) -> Option<String> {
        if let Some(info) = self.info() {
            return Some(info.name.to_owned());
        }
        let element = TYPES.iter().find(|info| info.array == self.0)?;
        Some(format!("_{}", element.name))
    }

    /// As `format_type` names it, without a modifier.
    pub fn display(self) -> String {
        if let Some(element) = self
            .element()
            .filter(|_| !self.is_vector() && self != Self::ANYARRAY)
        {
            return format!("{}[]", element.display());
        }
        match self {
            Self::CHAR => "\"char\"".to_owned(),
            _ => SPELLINGS
                .iter()
                .find(|(name, kind)| {
                    *kind == self && !matches!(*name, "dec" | "decimal" | "float" | "int")
                })
                .map(|(name, _)| (*name).to_owned())
                .or_else(|| self.name())
                .unwrap_or_else(|| "???".to_owned()),
        }
    }

    /// The type of its arrays.
    pub fn array(self) -> Option<Self> {
        let array = self.info()?.array;
        (array != 0).then_some(Self(array))
    }

    /// The type of its elements, if it is an array.
    pub fn element(self) -> Option<Self> {
        match self {
            Self::INT2VECTOR => Some(Self::INT2),
            Self::OIDVECTOR => Some(Self::OID),
            Self::ANYARRAY => Some(Self::ANYELEMENT),
            _ => TYPES
                .iter()
                .find(|info| info.array == self.0 && info.array != 0)
                .map(|info| Self(info.oid)),
        }
    }

    /// `int2vector` and `oidvector`: arrays from 0 with a text form of their own.
    pub fn is_vector(self) -> bool {
        matches!(self, Self::INT2VECTOR | Self::OIDVECTOR)
    }

    /// Its category.
    pub fn category(self) -> Category {
        match self.info() {
            Some(info) => info.category,
            None if self.element().is_some() => Category::Array,
            None => Category::User,
        }
    }

    /// Held as text and compared byte by byte.
    pub fn is_string(self) -> bool {
        matches!(
            self,
            Self::TEXT | Self::NAME | Self::VARCHAR | Self::BPCHAR | Self::CHAR
        )
    }

    /// `oid` in place of the names of objects.
    pub(crate) fn without_names(self) -> Self {
        match self.element() {
            _ if self.is_alias_of_oid() => Self::OID,
            Some(element) if element.is_alias_of_oid() => Self(1028),
            _ => self,
        }
    }

    /// An OID under a name of its own.
    pub fn is_alias_of_oid(self) -> bool {
        matches!(
            self,
            Self::REGPROC
                | Self::REGPROCEDURE
                | Self::REGOPER
                | Self::REGOPERATOR
                | Self::REGCLASS
                | Self::REGTYPE
                | Self::REGCONFIG
                | Self::REGDICTIONARY
                | Self::REGNAMESPACE
                | Self::REGROLE
                | Self::REGCOLLATION
        )
    }

    /// Held as a whole number.
    pub fn is_integer(self) -> bool {
        matches!(
            self,
            Self::INT2 | Self::INT4 | Self::INT8 | Self::OID | Self::XID | Self::CID | Self::XID8
        ) || self.is_alias_of_oid()
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.display())
    }
}

fn find(list: &[(&str, Type)], name: &str) -> Option<Type> {
    list.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(TYPES.is_sorted_by(|left, right| left.oid < right.oid));
    }

    #[test]
    fn names_lead_back() {
        for info in TYPES {
            assert_eq!(Type::named(info.name), Some(Type(info.oid)));
        }
        assert_eq!(Type::TEXT.array().unwrap().display(), "text[]");
        assert_eq!(Type::named("_int4"), Some(Type(1007)));
        assert_eq!(Type::INT8.display(), "bigint");
    }
}
