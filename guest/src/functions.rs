//! PostgreSQL's functions: what each of them gives, and what becomes of it on IRIS.
//!
//! One table per family, one row per function. The rule `function_name` carries the
//! rows out, `typing` reads the result types, and `docs/functions.md` shows them.
//! A name that is in no table goes to IRIS as it is: it may be a function of its own.

mod absent;
mod aggregate;
pub(crate) mod array;
mod call;
mod conditional;
#[cfg(test)]
mod document;
mod domain;
mod json;
mod math;
mod moment;
mod number;
mod operator;
mod returns;
mod string;
mod substring;
mod system;
mod text;
mod vector;
mod window;

use sqlparser::ast::Expr;

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;
use crate::version::Version;
use crate::wit::Oid;

pub(crate) use call::{Call, braced, integer, longest, varchar};
pub(crate) use moment::{clock_in, is_clock, is_number_template, moved_clock};
pub(crate) use operator::{is_name, refused as refused_operator};
pub(crate) use returns::{Returns, result_type};

/// As many arguments as one likes.
const ANY: u8 = u8::MAX;

/// A function of PostgreSQL.
pub(crate) struct Entry {
    /// In lower case; several if they are the same function.
    pub(crate) names: &'static [&'static str],
    /// The fewest and the most arguments.
    pub(crate) arguments: (u8, u8),
    pub(crate) returns: Returns,
    pub(crate) fate: Fate,
    /// What a translation may contain that other rules look for, besides calls.
    brings: Marks,
    /// Whether the translation depends on the types of columns.
    pub(crate) typed: bool,
    /// Whether a version can do it, and the first one that can.
    pub(crate) needs: Option<Need>,
    wants: Wants,
}

/// What the first argument of a function must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Anything,
    Text,
    Number,
    Boolean,
}

/// What not every version has.
pub(crate) struct Need {
    pub(crate) since: &'static str,
    pub(crate) has: fn(&dyn Version) -> bool,
}

/// Whether a function is nothing without OVER.
pub(crate) fn is_window(name: &str) -> bool {
    window::TABLE
        .iter()
        .any(|entry| entry.names.contains(&name))
}

/// Writes a call for IRIS.
pub(crate) type Make = fn(&mut Call<'_, '_, '_>) -> Diagnosed<Expr>;

/// What becomes of a function.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "the document shows what is written")
)]
pub(crate) enum Fate {
    /// IRIS has it.
    Same,
    /// IRIS has it under another name.
    Named(&'static str),
    /// Written with another function or another syntax; as shown in the document.
    Translated(&'static str, Make),
    /// Put together from several.
    Emulated(&'static str, Make),
    /// Computed by the broker where it makes the result of the rows; elsewhere the hint says what to
    /// do instead.
    Arranged(&'static str),
    /// Not there; the hint says what to do instead.
    Refused(&'static str),
}

impl Entry {
    const fn new(
        names: &'static [&'static str],
        arguments: (u8, u8),
        returns: Returns,
        fate: Fate,
    ) -> Self {
        Self {
            names,
            arguments,
            returns,
            fate,
            brings: Marks::NOTHING,
            typed: false,
            needs: None,
            wants: Wants::Anything,
        }
    }

    /// The translation contains what these marks stand for.
    const fn bringing(mut self, marks: Marks) -> Self {
        self.brings = marks;
        self
    }

    /// The translation depends on the types of columns.
    const fn typed(mut self) -> Self {
        self.typed = true;
        self
    }

    const fn needing(mut self, since: &'static str, has: fn(&dyn Version) -> bool) -> Self {
        self.needs = Some(Need { since, has });
        self
    }

    /// What a first argument must be; only the types of columns tell.
    const fn wanting(mut self, wants: Wants) -> Self {
        self.wants = wants;
        self.typed = true;
        self
    }

    /// Whether PostgreSQL has the function for a first argument of this type.
    pub(crate) fn accepts(&self, first: Oid) -> bool {
        let is_number = matches!(
            first,
            oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8
        );
        let is_text = matches!(first, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME);
        // Extensions bring types of their own.
        let is_other = matches!(
            first,
            oid::DATE
                | oid::TIME
                | oid::TIMESTAMP
                | oid::TIMESTAMPTZ
                | oid::UUID
                | oid::JSON
                | oid::JSONB
        );
        match self.wants {
            Wants::Anything => true,
            Wants::Text => !is_number && !is_other && first != oid::BOOL,
            Wants::Number => !is_text && !is_other && !matches!(first, oid::BOOL | oid::BYTEA),
            Wants::Boolean => !is_number && !is_text && !is_other,
        }
    }

    /// Whether the function can be called with so many arguments.
    pub(crate) fn takes(&self, count: usize) -> bool {
        let (fewest, most) = self.arguments;
        count >= usize::from(fewest) && (most == ANY || count <= usize::from(most))
    }
}

/// A table, as the document calls it.
#[cfg_attr(not(test), allow(dead_code, reason = "the document shows the title"))]
struct Family {
    title: &'static str,
    entries: &'static [Entry],
}

const FAMILIES: [Family; 16] = [
    Family {
        title: "Strings",
        entries: string::TABLE,
    },
    Family {
        title: "Parts of strings",
        entries: substring::TABLE,
    },
    Family {
        title: "Patterns, encodings, formats",
        entries: text::TABLE,
    },
    Family {
        title: "Numbers",
        entries: number::TABLE,
    },
    Family {
        title: "Mathematics",
        entries: math::TABLE,
    },
    Family {
        title: "Dates and times",
        entries: moment::TABLE,
    },
    Family {
        title: "Conditions",
        entries: conditional::TABLE,
    },
    Family {
        title: "Aggregates",
        entries: aggregate::TABLE,
    },
    Family {
        title: "Window functions",
        entries: window::TABLE,
    },
    Family {
        title: "JSON",
        entries: json::TABLE,
    },
    Family {
        title: "Vectors (pgvector)",
        entries: vector::TABLE,
    },
    Family {
        title: "System",
        entries: system::TABLE,
    },
    Family {
        title: "Arrays, ranges, enumerations, bits",
        entries: absent::COLLECTIONS,
    },
    Family {
        title: "Geometry, networks, text search, XML",
        entries: absent::TYPES,
    },
    Family {
        title: "Information about PostgreSQL",
        entries: absent::INFORMATION,
    },
    Family {
        title: "Administration of PostgreSQL",
        entries: absent::SERVER,
    },
];

/// The function of this name, in lower case.
pub(crate) fn find(name: &str) -> Option<&'static Entry> {
    FAMILIES
        .iter()
        .flat_map(|family| family.entries)
        .find(|entry| entry.names.contains(&name))
}

/// Whether IRIS has a function of this name with another number of arguments.
pub(crate) fn is_iris(name: &str, count: usize) -> bool {
    matches!(
        (name, count),
        ("round", 3)
            | ("to_char" | "to_date" | "to_timestamp" | "to_number", 1)
            | ("decode", 3..)
            | ("xmlagg" | "convert", _)
    )
}

/// What a call of a function tells before there is a tree.
pub(crate) fn marks_of(name: &str) -> Marks {
    // Longer than any name in the tables.
    let mut lower = [0_u8; 40];
    let Some(lower) = lower.get_mut(..name.len()) else {
        return Marks::NOTHING;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let known = std::str::from_utf8(lower).ok().and_then(find);
    known.map_or(Marks::NOTHING, |entry| {
        let mut marks = Marks::FUNCTION;
        marks.add(entry.brings);
        if entry.typed {
            marks.add(Marks::TYPED_FUNCTION);
        }
        marks
    })
}
