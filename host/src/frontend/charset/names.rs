//! The names of character sets, as PostgreSQL knows them (`encnames.c`).

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// UTF-8, or the bytes as they are, or a set that is converted.
    Known(&'static str),
    /// PostgreSQL converts it, this broker does not.
    NotConverted(&'static str),
}

/// The set of that name: "case-insensitive, and only letters and digits count".
pub(crate) fn named(name: &str) -> Option<Name> {
    let folded: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let canonical = match folded.as_str() {
        "utf8" | "unicode" => "UTF8",
        "sqlascii" => "SQL_ASCII",
        "iso88595" => "ISO_8859_5",
        "iso88596" => "ISO_8859_6",
        "iso88597" => "ISO_8859_7",
        "iso88598" => "ISO_8859_8",
        "koi8" | "koi8r" => "KOI8R",
        "koi8u" => "KOI8U",
        "latin1" | "iso88591" => "LATIN1",
        "latin2" | "iso88592" => "LATIN2",
        "latin3" | "iso88593" => "LATIN3",
        "latin4" | "iso88594" => "LATIN4",
        "latin5" | "iso88599" => "LATIN5",
        "latin6" | "iso885910" => "LATIN6",
        "latin7" | "iso885913" => "LATIN7",
        "latin8" | "iso885914" => "LATIN8",
        "latin9" | "iso885915" => "LATIN9",
        "latin10" | "iso885916" => "LATIN10",
        "alt" | "win866" | "windows866" => "WIN866",
        "win874" | "windows874" => "WIN874",
        "win1250" | "windows1250" => "WIN1250",
        "win" | "win1251" | "windows1251" => "WIN1251",
        "win1252" | "windows1252" => "WIN1252",
        "win1253" | "windows1253" => "WIN1253",
        "win1254" | "windows1254" => "WIN1254",
        "win1255" | "windows1255" => "WIN1255",
        "win1256" | "windows1256" => "WIN1256",
        "win1257" | "windows1257" => "WIN1257",
        "abc" | "tcvn" | "tcvn5712" | "vscii" | "win1258" | "windows1258" => "WIN1258",
        other => return not_converted(other).map(Name::NotConverted),
    };
    Some(Name::Known(canonical))
}

fn not_converted(folded: &str) -> Option<&'static str> {
    Some(match folded {
        "big5" | "win950" | "windows950" => "BIG5",
        "euccn" => "EUC_CN",
        "eucjis2004" => "EUC_JIS_2004",
        "eucjp" => "EUC_JP",
        "euckr" => "EUC_KR",
        "euctw" => "EUC_TW",
        "gb18030" => "GB18030",
        "gbk" | "win936" | "windows936" => "GBK",
        "johab" => "JOHAB",
        "muleinternal" => "MULE_INTERNAL",
        "shiftjis2004" => "SHIFT_JIS_2004",
        "mskanji" | "shiftjis" | "sjis" | "win932" | "windows932" => "SJIS",
        "uhc" | "win949" | "windows949" => "UHC",
        _ => return None,
    })
}
