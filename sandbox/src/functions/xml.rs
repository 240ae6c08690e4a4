//! XML text: escaping and joining.

use super::{Function, seeing, strict, text};

pub(super) const FUNCTIONS: &[Function] = &[
    seeing("iris_xml", |a| {
        text((0..a.len()).map(|n| a.text(n)).collect::<String>())
    }),
    strict("iris_xml_escape", |a| text(escaped(&a.text(0)))),
];

/// The five characters that mean something in XML, as entities.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}
