//! Finds names in the text of an IRIS error.

/// The text of an error, and the part of it that names things.
pub(super) struct Detail<'a> {
    pub(super) whole: &'a str,
    /// What `%msg` says, or all there is.
    pub(super) message: &'a str,
    /// IRIS's own words for the SQLCODE, if the driver sent them apart.
    title: Option<&'a str>,
}

/// The SQLCODE that a text speaks of; 0 if none.
pub(super) fn sqlcode_in(text: &str) -> i32 {
    let Some(at) = text.find("SQLCODE") else {
        return 0;
    };
    let rest = text[at + 7..].trim_start_matches([':', ' ', '<', '=', '"']);
    let end = rest
        .char_indices()
        .find(|(index, character)| {
            !(character.is_ascii_digit() || (*index == 0 && *character == '-'))
        })
        .map_or(rest.len(), |(index, _)| index);
    rest[..end].parse::<i32>().map_or(0, |code| -code.abs())
}

impl<'a> Detail<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let message = match text.find("%msg") {
            Some(at) => {
                let rest = text[at + 4..].trim_start_matches([':', ' ', '<']);
                rest.strip_suffix(">]")
                    .or_else(|| rest.split(">]").next())
                    .unwrap_or(rest)
                    .trim()
            }
            None => text.trim(),
        };
        let title = match text.split_once(">:<") {
            Some((_, rest)) => rest.split(">]").next(),
            None => text.split_once("[%msg").map(|(title, _)| title.trim()),
        };
        Self {
            whole: text,
            message,
            title,
        }
    }

    /// What to show where PostgreSQL has no words for it.
    pub(super) fn own_text(&self) -> String {
        let text = match self.title {
            Some(title) if begins_with(self.message, title) => self.message.to_owned(),
            Some(title) if self.whole.contains("%msg") => format!("{title}: {}", self.message),
            Some(title) => title.to_owned(),
            None => self.message.to_owned(),
        };
        if text.trim().is_empty() {
            "the upstream reported an error without a text".to_owned()
        } else {
            text
        }
    }

    /// The columns that IRIS names without their values.
    pub(super) fn fields(&self) -> Option<String> {
        let at = self.message.find("Field(s) ")? + "Field(s) ".len();
        let fields = self.message[at..].split_once("; failed")?.0;
        let names: Vec<&str> = fields.split(',').map(str::trim).collect();
        let all = names.iter().all(|name| is_name(name));
        all.then(|| names.join(", ").to_lowercase())
    }

    /// What follows these words, up to the next quote.
    pub(super) fn after(&self, words: &str) -> Option<&'a str> {
        let at = self.message.find(words)? + words.len();
        self.message[at..]
            .split('\'')
            .next()
            .filter(|name| !name.is_empty())
    }

    /// The first quoted name.
    pub(super) fn quoted(&self) -> Option<&'a str> {
        let mut parts = self.message.split('\'');
        parts.next();
        parts.next().filter(|name| !name.is_empty())
    }

    /// The table, as schema and name in PostgreSQL's spelling.
    pub(super) fn table(&self) -> Option<(String, String)> {
        let name = ["Table '", "table '", "Table or view '"]
            .iter()
            .find_map(|words| self.after(words));
        let name = name.or_else(|| self.quoted().filter(|name| name.contains('.')))?;
        let (schema, table) = name.split_once('.').unwrap_or(("SQLUser", name));
        let schema = if schema.eq_ignore_ascii_case("sqluser") {
            "public".to_owned()
        } else {
            schema.to_lowercase()
        };
        Some((schema, table.to_lowercase()))
    }

    /// The table or function as a PostgreSQL message names it: without `public`.
    pub(super) fn relation(&self) -> Option<String> {
        if let Some((schema, table)) = self.table() {
            return Some(if schema == "public" {
                table
            } else {
                format!("{schema}.{table}")
            });
        }
        self.quoted().map(str::to_lowercase)
    }

    /// The column.
    pub(super) fn field(&self) -> Option<String> {
        let name = ["Field '", "field '", "Column '", "column '"]
            .iter()
            .find_map(|words| self.after(words));
        let name = name.or_else(|| self.quoted())?;
        name.rsplit('.').next().map(str::to_lowercase)
    }

    /// `Field(s) a=1,b=2; failed` as `(a, b)=(1, 2)`. A comma that no name follows belongs to
    /// a value.
    pub(super) fn key(&self) -> Option<String> {
        let at = self.message.find("Field(s) ")? + "Field(s) ".len();
        let fields = self.message[at..].split_once("; failed")?.0;
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for piece in fields.split(',') {
            if let Some((name, value)) = piece.split_once('=').filter(|(name, _)| is_name(name)) {
                pairs.push((name, value.to_owned()));
            } else {
                let (_, value) = pairs.last_mut()?;
                value.push(',');
                value.push_str(piece);
            }
        }
        let (names, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        Some(format!(
            "({})=({})",
            names.join(", ").to_lowercase(),
            values.join(", ")
        ))
    }
}

/// Whether a text begins with words, in any case of their letters.
fn begins_with(text: &str, words: &str) -> bool {
    text.trim_start()
        .get(..words.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(words))
}

/// A column as IRIS writes it, without quotes or blanks.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '%' | '$' | '@' | '#'))
}
