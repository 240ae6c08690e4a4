//! JSON texts: whether they are some, and what `jsonb` makes of them.
//!
//! PostgreSQL manual, "JSON Types": `json` keeps the text, `jsonb` the value.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The deepest nesting that is read.
const DEEPEST: usize = 500;

/// The longest run of zeros that an exponent is written out as.
const MOST_ZEROS: i64 = 1000;

/// A text of JSON, in `jsonb`'s words; none if it is not JSON.
pub fn canonical(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.blanks();
    let mut written = String::with_capacity(text.len());
    write(&value, &mut written);
    reader.rest.is_empty().then_some(written)
}

/// A document that was read.
pub(crate) enum Value {
    /// A number, `true`, `false` or `null`.
    Word(String),
    Text(String),
    List(Vec<Value>),
    /// In the order of `jsonb`: shorter keys first.
    Object(BTreeMap<(usize, String), Value>),
}

pub(crate) struct Reader<'a> {
    pub(crate) rest: &'a str,
}

impl Reader<'_> {
    pub(crate) fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a character if it is next, behind blanks.
    pub(crate) fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(crate) fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        if self.take('{') {
            return self.object(depth);
        }
        if self.take('[') {
            return self.list(depth);
        }
        if self.rest.starts_with('"') {
            return self.string().map(Value::Text);
        }
        let is_part = |one: char| one.is_ascii_alphanumeric() || matches!(one, '+' | '-' | '.');
        let end = self.rest.find(|one| !is_part(one));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "true" | "false" | "null" => Some(Value::Word(word.to_owned())),
            _ => number(word).map(Value::Word),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        if self.take(']') {
            return Some(Value::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.take(']') {
                return Some(Value::List(values));
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = BTreeMap::new();
        if self.take('}') {
            return Some(Value::Object(members));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            if !self.take(':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            members.insert((key.len(), key), value);
            if self.take('}') {
                return Some(Value::Object(members));
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    pub(crate) fn string(&mut self) -> Option<String> {
        self.rest = self.rest.strip_prefix('"')?;
        let mut text = String::new();
        loop {
            let mut characters = self.rest.chars();
            let next = characters.next()?;
            self.rest = characters.as_str();
            match next {
                '"' => return Some(text),
                '\\' => text.push(self.escaped()?),
                '\0'..='\x1f' => return None,
                other => text.push(other),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let kind = characters.next()?;
        self.rest = characters.as_str();
        Some(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.code()?;
                if (0xd800..0xdc00).contains(&first) {
                    self.rest = self.rest.strip_prefix("\\u")?;
                    let second = self.code()?;
                    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    return char::from_u32(0x10000 + ((first - 0xd800) << 10) + low);
                }
                // PostgreSQL cannot keep U+0000 in a text.
                char::from_u32(first).filter(|one| *one != '\0')?
            }
            _ => return None,
        })
    }

    fn code(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        let digits = Some(digits).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.rest = rest;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// A number without its exponent, as `numeric` shows it.
pub(crate) fn number(word: &str) -> Option<String> {
    let (sign, unsigned) = match word.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", word),
    };
    let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, Some(power)),
        None => (unsigned, None),
    };
    let (whole, decimals) = match mantissa.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leads = whole.len() > 1 && whole.starts_with('0');
    if !digits(whole) || leads || !decimals.is_none_or(digits) {
        return None;
    }
    let decimals = decimals.unwrap_or_default();
    let power = match power {
        None => 0,
        Some(power) => {
            let unsigned = power.strip_prefix(['+', '-']).unwrap_or(power);
            if !digits(unsigned) {
                return None;
            }
            power.parse::<i64>().unwrap_or(i64::MAX)
        }
    };
    if power.abs() > MOST_ZEROS {
        return Some(word.to_owned());
    }
    let shifted = shifted(whole, decimals, power);
    let is_zero = shifted.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    Some(format!("{}{shifted}", if is_zero { "" } else { sign }))
}

/// The digits with the point moved to the right, or left.
fn shifted(whole: &str, decimals: &str, power: i64) -> String {
    let all = format!("{whole}{decimals}");
    let point = i64::try_from(whole.len()).unwrap_or_default() + power;
    let length = i64::try_from(all.len()).unwrap_or_default();
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    let (left, right) = if point <= 0 {
        ("0".to_owned(), format!("{}{all}", zeros(-point)))
    } else if point >= length {
        (format!("{all}{}", zeros(point - length)), String::new())
    } else {
        let (left, right) = all.split_at(usize::try_from(point).unwrap_or_default());
        (left.to_owned(), right.to_owned())
    };
    let left = match left.trim_start_matches('0') {
        "" => "0",
        left => left,
    };
    match right.as_str() {
        "" => left.to_owned(),
        right => format!("{left}.{right}"),
    }
}

pub(crate) fn write(value: &Value, into: &mut String) {
    match value {
        Value::Word(word) => into.push_str(word),
        Value::Text(text) => quote(text, into),
        Value::List(values) => {
            into.push('[');
            for (index, value) in values.iter().enumerate() {
                into.push_str(if index == 0 { "" } else { ", " });
                write(value, into);
            }
            into.push(']');
        }
        Value::Object(members) => {
            into.push('{');
            for (index, ((_, key), value)) in members.iter().enumerate() {
                into.push_str(if index == 0 { "" } else { ", " });
                quote(key, into);
                into.push_str(": ");
                write(value, into);
            }
            into.push('}');
        }
    }
}

/// A string of JSON.
pub fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    quote(text, &mut written);
    written
}

pub(crate) fn quote(text: &str, into: &mut String) {
    into.push('"');
    for one in text.chars() {
        match one {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\x08' => into.push_str("\\b"),
            '\x0c' => into.push_str("\\f"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\0'..='\x1f' => {
                let _ = write!(into, "\\u{:04x}", u32::from(one));
            }
            other => into.push(other),
        }
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn values_are_written_as_jsonb_shows_them() {
        for (text, shown) in [
            (r#" {"bb":1,"a":[ ],"a":{}} "#, r#"{"a": {}, "bb": 1}"#),
            ("[1.50,1e2,-0,2.5E-3,true]", "[1.50, 100, 0, 0.0025, true]"),
            (r#""\u00e9\/\ud83d\ude00\n""#, r#""é/😀\n""#),
            ("null", "null"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(shown), "{text}");
        }
        for text in [
            "",
            "{",
            "01",
            "1.",
            "+1",
            "'a'",
            "[1,]",
            "{a:1}",
            "nul",
            "1 2",
            "\"\\x\"",
            "\"\n\"",
            r#""\u0000""#,
            r#""\ud83d""#,
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert_eq!(canonical(&"[".repeat(100_000)), None);
    }
}
