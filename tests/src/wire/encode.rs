//! Messages of the frontend, as a script writes them.
//!
//! ```text
//! Startup 3.0 user=ann database=USER      Query "SELECT 1"         Sync   Flush   Terminate
//! Parse "name" "SELECT $1" 23             Describe S "name"        Execute "portal" 0
//! Bind "portal" "name" "42" x0000002a null -> text binary          Close P "portal"
//! Bytes 51 00 00 00 04                    SSLRequest    GSSENCRequest    CancelRequest 17 99
//! CopyData "1\tx\n"    CopyData x0a        CopyDone    CopyFail "reason"
//! ```

use anyhow::{Context, Result, bail, ensure};

/// The bytes of one message.
///
/// # Errors
/// The line is not a message.
pub(super) fn message(line: &str) -> Result<Vec<u8>> {
    let words = words(line)?;
    let (name, fields) = words.split_first().context("an empty line is no message")?;
    let bytes = match (name.as_str(), fields) {
        ("Startup", [version, parameters @ ..]) => startup(version, parameters)?,
        ("SSLRequest", []) => [8_u32.to_be_bytes(), 80_877_103_u32.to_be_bytes()].concat(),
        ("GSSENCRequest", []) => [8_u32.to_be_bytes(), 80_877_104_u32.to_be_bytes()].concat(),
        ("CancelRequest", [process, key]) => [
            16_u32.to_be_bytes(),
            80_877_102_u32.to_be_bytes(),
            process.parse::<u32>()?.to_be_bytes(),
            key.parse::<u32>()?.to_be_bytes(),
        ]
        .concat(),
        ("Bytes", bytes) => hexadecimal(&bytes.concat())?,
        ("Query", [text]) => tagged(b'Q', &string(text)?)?,
        ("Parse", [name, text, types @ ..]) => {
            let types = types
                .iter()
                .map(|oid| Ok(oid.parse::<u32>()?.to_be_bytes()));
            let types = types.collect::<Result<Vec<_>>>()?;
            let count = u16::try_from(types.len())?.to_be_bytes();
            tagged(
                b'P',
                &[string(name)?, string(text)?, count.to_vec(), types.concat()].concat(),
            )?
        }
        ("Bind", [portal, statement, rest @ ..]) => tagged(
            b'B',
            &[string(portal)?, string(statement)?, bindings(rest)?].concat(),
        )?,
        ("Describe", [kind, name]) => {
            tagged(b'D', &[kind.as_bytes().to_vec(), string(name)?].concat())?
        }
        ("Close", [kind, name]) => {
            tagged(b'C', &[kind.as_bytes().to_vec(), string(name)?].concat())?
        }
        ("Execute", [portal, rows]) => tagged(
            b'E',
            &[string(portal)?, rows.parse::<u32>()?.to_be_bytes().to_vec()].concat(),
        )?,
        ("CopyData", [data]) => tagged(b'd', &copy_data(data)?)?,
        ("CopyDone", []) => tagged(b'c', &[])?,
        ("CopyFail", [reason]) => tagged(b'f', &string(reason)?)?,
        ("Sync", []) => tagged(b'S', &[])?,
        ("Flush", []) => tagged(b'H', &[])?,
        ("Terminate", []) => tagged(b'X', &[])?,
        _ => bail!("`{line}` is no message that this script knows"),
    };
    Ok(bytes)
}

/// Splits at blanks; a quoted word keeps its opening quote, so that `"null"` is not `null`.
fn words(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, tail) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (text, tail) = quoted.split_once('"').context("a quote is not closed")?;
                (format!("\"{text}"), tail)
            }
            None => {
                let (word, tail) = rest.split_once(' ').unwrap_or((rest, ""));
                (word.to_owned(), tail)
            }
        };
        words.push(word);
        rest = tail.trim_start();
    }
    Ok(words)
}

fn string(word: &str) -> Result<Vec<u8>> {
    let text = word
        .strip_prefix('"')
        .with_context(|| format!("`{word}` must be quoted"))?;
    Ok([text.as_bytes(), &[0]].concat())
}

/// Text with `\n`, `\r`, `\t` and `\\`, or bytes.
fn copy_data(word: &str) -> Result<Vec<u8>> {
    if let Some(digits) = word.strip_prefix('x') {
        return hexadecimal(digits);
    }
    let text = word
        .strip_prefix('"')
        .with_context(|| format!("`{word}` must be quoted"))?;
    let mut data = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let escaped = match character {
            '\\' => characters.next(),
            _ => None,
        };
        data.push(match escaped {
            None => character,
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(other) => other,
        });
    }
    Ok(data.into_bytes())
}

fn tagged(tag: u8, body: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(body.len() + 4)?.to_be_bytes();
    Ok([&[tag], &length[..], body].concat())
}

fn startup(version: &str, parameters: &[String]) -> Result<Vec<u8>> {
    let (major, minor) = version.split_once('.').context("a version has two parts")?;
    let mut body = [
        major.parse::<u16>()?.to_be_bytes(),
        minor.parse::<u16>()?.to_be_bytes(),
    ]
    .concat();
    for parameter in parameters {
        let (name, value) = parameter
            .trim_start_matches('"')
            .split_once('=')
            .context("a parameter is name=value")?;
        body.extend_from_slice(format!("{name}\0{value}\0").as_bytes());
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4)?.to_be_bytes();
    Ok([&length[..], &body].concat())
}

/// The values, then behind `->` the formats of the result columns.
fn bindings(words: &[String]) -> Result<Vec<u8>> {
    let mut halves = words.splitn(2, |word| word == "->");
    let values = halves.next().unwrap_or_default();
    let formats = halves.next().unwrap_or_default();
    let count = u16::try_from(values.len())?.to_be_bytes();
    let mut bytes = count.to_vec();
    for value in values {
        bytes.extend_from_slice(&u16::from(value.starts_with('x')).to_be_bytes());
    }
    bytes.extend_from_slice(&count);
    for value in values {
        let value = match value.split_at_checked(1) {
            Some(("\"", text)) => text.as_bytes().to_vec(),
            Some(("x", digits)) => hexadecimal(digits)?,
            _ => {
                ensure!(
                    value == "null",
                    "`{value}` is neither \"text\", xHEX nor null"
                );
                bytes.extend_from_slice(&(-1_i32).to_be_bytes());
                continue;
            }
        };
        bytes.extend_from_slice(&u32::try_from(value.len())?.to_be_bytes());
        bytes.extend_from_slice(&value);
    }
    bytes.extend_from_slice(&u16::try_from(formats.len())?.to_be_bytes());
    for format in formats {
        bytes.extend_from_slice(&u16::from(format == "binary").to_be_bytes());
    }
    Ok(bytes)
}

fn hexadecimal(digits: &str) -> Result<Vec<u8>> {
    ensure!(
        digits.len().is_multiple_of(2),
        "`{digits}` is half a byte too long"
    );
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| Ok(u8::from_str_radix(&digits[at..at + 2], 16)?))
        .collect()
}
